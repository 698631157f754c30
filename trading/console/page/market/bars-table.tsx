import type { ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import type { BarColumns } from './bar-columns.ts';
import type { Mark } from './marks-of.ts';

interface BarsTableProps {
  readonly label: string;
  readonly bars: BarColumns;
  readonly marks: readonly Mark[];
  readonly columns: ReadonlyMap<
    string,
    { readonly time: readonly number[]; readonly value: readonly (number | null)[] }
  >;
  readonly more: { readonly isThere: boolean; readonly isLoading: boolean; readonly load: () => unknown };
}

/** What the chart shows, in words and numbers, the newest bar first. */
export function BarsTable({ label, bars, marks, columns: features, more }: BarsTableProps): ReactNode {
  const formats = useFormats();
  const rows = bars.time.map((_, row) => bars.time.length - 1 - row);
  const words = new Map<number, string[]>();
  for (const mark of marks) words.set(mark.time, [...(words.get(mark.time) ?? []), mark.words]);
  const values = [...features].map(([name, { time, value }]) => {
    return { name, known: new Map(time.map((at, row) => [at, value[row] ?? null])) };
  });
  const price = (title: string, column: readonly number[]): Column<number> => {
    return { title, width: 96, isNumber: true, cell: (row) => formats.price(column[row]) };
  };
  const columns: readonly Column<number>[] = [
    { title: 'Opened', width: 184, cell: (row) => formats.moment(bars.time[row]) },
    { ...price('Open', bars.open), wide: true },
    { ...price('High', bars.high), wide: true },
    { ...price('Low', bars.low), wide: true },
    price('Close', bars.close),
    {
      title: 'Volume',
      unit: 'units',
      width: 120,
      isNumber: true,
      wide: true,
      cell: (row) => formats.exact(bars.volume[row]),
    },
    ...values.map(({ name, known }): Column<number> => {
      return {
        title: name,
        width: 130,
        isNumber: true,
        wide: true,
        cell: (row) => formats.exact(known.get(bars.time[row]!), 4),
      };
    }),
    {
      title: 'What happened',
      width: 200,
      grow: 4,
      wide: true,
      cell: (row) => words.get(bars.time[row]!)?.join('; ') ?? '',
    },
  ];
  return (
    <RowsTable
      label={label}
      columns={columns}
      rows={rows}
      keyOf={(row) => bars.time[row]!}
      empty="No bar"
      more={more}
    />
  );
}
