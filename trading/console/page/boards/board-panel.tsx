import { Card, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { lazy, Suspense, useEffect, useMemo, type ReactNode } from 'react';
import { systemClock } from '../../../../infra/clock.ts';
import { LineChart } from '../charts/line-chart.tsx';
import { useFormats } from '../parts/formats.ts';
import { valueText, wordsOf } from '../parts/key-values.tsx';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { Wrong } from '../parts/words.tsx';
import { usePanel, type PanelScope } from '../service/chart-queries.ts';
import type { Panel, PanelData } from '../service/chart-shapes.ts';
import { toneOf, unitText } from './panel-text.ts';

const PaintedCandles = lazy(() => import('../market/painted-candles.tsx'));

const GRID_PX = 30;
const LETTER_PX = 9;
const CELL_PADDING_PX = 20;
const NOTHING = 'Nothing in this span.';

interface BoardPanelProps {
  readonly board: string;
  readonly place: number;
  readonly panel: Panel;
  readonly scope: PanelScope;
  /** Hears why the numbers of a panel cannot be had. */
  readonly onUnavailable: (words: string) => void;
}

/** One panel of a board, drawn by its kind. */
export function BoardPanel({ board, place, panel, scope, onUnavailable }: BoardPanelProps): ReactNode {
  const { data, error, isPending } = usePanel(board, place, scope, systemClock);
  const why = data?.unavailable ?? null;
  useEffect(() => (why === null ? undefined : onUnavailable(why)), [why, onUnavailable]);
  const height = Math.max(90, GRID_PX * panel.at.h - 60);
  return (
    <Card withBorder padding="sm" component="section" aria-label={panel.title} h="100%">
      <Title order={3} size="h6">
        {panel.title}
      </Title>
      <Text size="xs" c="dimmed" mb={4}>
        {panel.about}
      </Text>
      <Wrong error={error} />
      {isPending ? <Skeleton height={height} aria-label="Loading" /> : null}
      {data === undefined ? null : <Shown panel={panel} data={data} height={height} />}
    </Card>
  );
}

interface ShownProps {
  readonly panel: Panel;
  readonly data: PanelData;
  readonly height: number;
}

function Shown({ panel, data, height }: ShownProps): ReactNode {
  const { unavailable, cut } = data;
  const isEmpty = data.lines.length === 0 && data.rows.length === 0;
  return (
    <>
      {unavailable === null ? null : (
        <Text size="sm" c="dimmed">
          Not measured: see above.
        </Text>
      )}
      {unavailable !== null && isEmpty ? null : <Drawn panel={panel} data={data} height={height} />}
      {cut && panel.kind !== 'lines' ? (
        <Text size="xs" c="dimmed">
          There are more rows than are shown: choose a shorter span.
        </Text>
      ) : null}
      {cut && panel.kind === 'lines' ? (
        <Text size="xs" c="dimmed">
          Of so many points the extremes are drawn.
        </Text>
      ) : null}
    </>
  );
}

function Drawn({ panel, data, height }: ShownProps): ReactNode {
  const formats = useFormats();
  const { title, kind, unit, thresholds, min, max } = panel;
  if (kind === 'stat') return <Stats panel={panel} data={data} />;
  if (kind === 'table') return <PanelTable panel={panel} data={data} height={height} />;
  if (kind === 'candles') return <Candles panel={panel} data={data} height={height} />;
  const levels = thresholds === undefined ? {} : { levels: thresholds };
  const lines = kind === 'bars' && data.lines.length === 0 ? barLines(data) : data.lines;
  const text = (value: number | null | undefined): string => unitText(value, unit, formats);
  return (
    <LineChart label={title} lines={lines} text={text} height={height} kind={kind} min={min} max={max} {...levels} />
  );
}

/** Rows with a time as lines: bars of a query that gives rows. */
function barLines({ columns, rows }: PanelData): PanelData['lines'] {
  const time = columns.indexOf('time');
  if (time < 0) return [];
  const times = rows.map((row) => Date.parse(String(row[time])));
  return columns.flatMap((name, at) => {
    if (at === time || !rows.some((row) => typeof row[at] === 'number')) return [];
    return [{ name, time: times, value: rows.map((row) => (typeof row[at] === 'number' ? row[at] : null)) }];
  });
}

const TONES = { good: 'var(--gain)', look: 'light-dark(#b35900, #ffa94d)', bad: 'var(--loss)' } as const;
const SAYS = { good: '', look: ' (worth a look)', bad: ' (bad)' } as const;

function Stats({ panel: { unit, thresholds }, data }: Omit<ShownProps, 'height'>): ReactNode {
  const formats = useFormats();
  const ofLines = data.lines.map(({ name, value }) => ({ name, value: value.at(-1) ?? null }));
  const [row] = data.rows;
  const ofRows = (row ?? []).map((cell, at) => ({
    name: wordsOf(data.columns[at]!),
    value: typeof cell === 'number' ? cell : null,
  }));
  const stats = [...ofLines, ...ofRows];
  if (stats.length === 0) return <Text c="dimmed">–</Text>;
  return (
    <Group gap="lg">
      {stats.map(({ name, value }) => {
        const tone = toneOf(value, thresholds);
        return (
          <Stack gap={0} key={name}>
            <span className="figure" style={tone === null ? {} : { color: TONES[tone] }}>
              {unitText(value, unit, formats)}
            </span>
            <Text size="xs" c="dimmed">
              {name}
              {tone === null ? '' : SAYS[tone]}
            </Text>
          </Stack>
        );
      })}
    </Group>
  );
}

type Row = PanelData['rows'][number];

function PanelTable({ panel, data, height }: ShownProps): ReactNode {
  const formats = useFormats();
  const columns = data.columns.map((name, at): Column<Row> => {
    const isNumber = data.rows.some((row) => typeof row[at] === 'number');
    const unit = panel.columns?.[name] ?? panel.unit;
    const cell = (row: Row): ReactNode => {
      const value = row[at] ?? null;
      if (value === null) return '–';
      return typeof value === 'number' ? unitText(value, unit, formats) : valueText(value, formats);
    };
    const isTime = /(^|_)(time|at)$/.test(name);
    const title = wordsOf(name);
    const leastPx = LETTER_PX * title.length + CELL_PADDING_PX;
    return { title, width: Math.max(leastPx, isNumber ? 112 : isTime ? 184 : 104), isNumber, cell };
  });
  return (
    <RowsTable
      label={panel.title}
      columns={columns}
      rows={data.rows}
      keyOf={(row) => data.rows.indexOf(row)}
      empty={panel.empty ?? NOTHING}
      heightMax={`${height}px`}
    />
  );
}

function Candles({ panel: { title, empty = NOTHING }, data, height }: ShownProps): ReactNode {
  const { columns, rows } = data;
  const bars = useMemo(() => {
    const column = (name: string): number[] => rows.map((row) => Number(row[columns.indexOf(name)] ?? 0));
    const time = rows.map((row) => Date.parse(String(row[columns.indexOf('time')])));
    const [open, high, low, close] = [column('open'), column('high'), column('low'), column('close')];
    return { time, open, high, low, close, volume: column('volume') };
  }, [columns, rows]);
  if (rows.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {empty}
      </Text>
    );
  }
  return (
    <Suspense fallback={<Skeleton height={height} />}>
      <PaintedCandles label={title} bars={bars} height={height} />
    </Suspense>
  );
}
