import { Loader, Text } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type ReactNode } from 'react';
import styles from './rows-table.module.css';

export interface Column<Row> {
  readonly title: string;
  /** What the numbers of a column are in, beside its title. */
  readonly unit?: string;
  readonly cell: (row: Row) => ReactNode;
  /** Least pixels, and how much of what is left over it takes. */
  readonly width?: number;
  readonly grow?: number;
  readonly isNumber?: boolean;
  /** Left out where there is no room. */
  readonly wide?: boolean;
}

export interface RowsTableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string | number;
  readonly empty: ReactNode;
  readonly heightMax?: string;
  readonly onRow?: (row: Row) => void;
  readonly more?: { readonly isThere: boolean; readonly isLoading: boolean; readonly load: () => unknown };
}

const ROW_PX = 36;

/** A table of however many rows: those alone that are seen are drawn, and older ones are asked for at its end. */
export function RowsTable<Row>(props: RowsTableProps<Row>): ReactNode {
  const { label, columns, rows, keyOf, empty, heightMax = '62vh', onRow, more } = props;
  const scroll = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  const wantsMore = more?.isThere === true && !more.isLoading && last >= rows.length - 20;
  useEffect(() => {
    if (wantsMore) void more.load();
  }, [wantsMore, more]);
  if (rows.length === 0) return <div className={styles['empty']}>{empty}</div>;
  return (
    <div
      ref={scroll}
      className={styles['scroll']}
      style={{ maxHeight: heightMax }}
      tabIndex={0}
      role="region"
      aria-label={label}
    >
      <div role="table" aria-label={label} aria-rowcount={more?.isThere === true ? -1 : rows.length + 1}>
        <div role="rowgroup" className={styles['head']}>
          <Cells
            columns={columns}
            role="columnheader"
            of={({ title, unit }) => (
              <>
                {title}
                {unit === undefined ? null : <span className={styles['unit']}> {unit}</span>}
              </>
            )}
          />
        </div>
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {shown.map(({ index, start }) => {
            const row = rows[index]!;
            return (
              <Cells
                key={keyOf(row)}
                columns={columns}
                role="cell"
                of={({ cell }) => cell(row)}
                index={index + 2}
                top={start}
                {...(onRow === undefined ? {} : { onClick: () => onRow(row) })}
              />
            );
          })}
        </div>
      </div>
      {more?.isLoading === true ? (
        <Text size="sm" ta="center" p="xs">
          <Loader size="xs" aria-hidden /> older rows
        </Text>
      ) : null}
    </div>
  );
}

interface CellsProps<Row> {
  readonly columns: readonly Column<Row>[];
  readonly role: 'columnheader' | 'cell';
  readonly of: (column: Column<Row>) => ReactNode;
  readonly index?: number;
  readonly top?: number;
  readonly onClick?: () => void;
}

function Cells<Row>({ columns, role, of, index, top, onClick }: CellsProps<Row>): ReactNode {
  const narrow = columns.filter(({ wide }) => wide !== true);
  const style = {
    '--wide-columns': templateOf(columns),
    '--wide-min': `${leastOf(columns)}px`,
    '--narrow-columns': templateOf(narrow),
    '--narrow-min': `${leastOf(narrow)}px`,
    ...(top === undefined
      ? {}
      : { position: 'absolute', top: 0, left: 0, right: 0, height: ROW_PX, transform: `translateY(${top}px)` }),
  } as React.CSSProperties;
  const kind = `${styles['row']} ${onClick === undefined ? '' : styles['clickable']}`;
  return (
    <div
      role="row"
      className={kind}
      style={style}
      onClick={onClick}
      {...(index === undefined ? {} : { 'aria-rowindex': index })}
    >
      {columns.map((column) => (
        <div
          key={`${column.title} ${column.unit ?? ''}`}
          role={role}
          className={`${styles['cell']} ${column.isNumber === true ? styles['number'] : ''} ${column.wide === true ? styles['wide'] : ''}`}
        >
          {of(column)}
        </div>
      ))}
    </div>
  );
}

type Measured = Pick<Column<never>, 'width' | 'grow'>;

/** Rows are grids of their own: the same measures make the same columns. */
function templateOf(columns: readonly Measured[]): string {
  return columns.map(({ width = 100, grow = 1 }) => `minmax(${width}px, ${grow}fr)`).join(' ');
}

function leastOf(columns: readonly Measured[]): number {
  return columns.reduce((sum, { width = 100 }) => sum + width, 0);
}
