import { Group, Skeleton, Stack, Text } from '@mantine/core';
import { lazy, Suspense, useMemo, type ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { Wrong } from '../parts/words.tsx';
import { useProbability } from '../service/chart-queries.ts';
import { rowBefore, type BarColumns } from './bar-columns.ts';
import { BarsTable } from './bars-table.tsx';
import type { CandlesProps } from './painted-candles.tsx';
import { panesOf } from './panes-of.ts';
import { useBars, useIndicators, type BarsOf, type LoadedIndicators } from './use-bars.ts';
import { useMarks } from './use-marks.ts';

const PaintedCandles = lazy(() => import('./painted-candles.tsx'));

const CANDLES_PX = 380;
const PANE_PX = 110;

interface SymbolChartProps {
  readonly of: BarsOf;
  /** Whose signals, fills and orders are marked. */
  readonly session: string | undefined;
  readonly features: string;
  readonly isTable: boolean;
}

/** One symbol in one timeframe: candles with what a session did, features and the probability of its model. */
export function SymbolChart({ of, session, features, isTable }: SymbolChartProps): ReactNode {
  const formats = useFormats();
  const loaded = useBars(of);
  const { bars, hasOlder, isLoadingOlder, loadOlder } = loaded;
  const indicators = useIndicators(of, features, loaded);
  const from = bars.time[0] === undefined ? undefined : new Date(bars.time[0]).toISOString();
  const probability = useProbability(session, of.symbol, from);
  const { marks, levels, hasOlder: hasOlderMarks, error } = useMarks(session, of.symbol, bars.time);
  const said = probability.data;
  const lines = useMemo(
    () => [...featureLines(indicators.columns), ...probabilityLine(said, bars, panesAbove(indicators.columns))],
    [indicators.columns, said, bars],
  );
  const panes = new Set(lines.map(({ pane }) => pane).filter((pane) => pane > 0)).size;
  const label = `${of.symbol}, ${loaded.timeframe ?? of.timeframe ?? 'bars'}`;
  const last = bars.time.length - 1;
  if (loaded.error !== null) return <Wrong error={loaded.error} />;
  if (loaded.isPending) return <Skeleton height={CANDLES_PX} aria-label="Loading" />;
  if (last < 0) return <Text c="dimmed">There are no bars of {of.symbol}.</Text>;
  return (
    <Stack gap={4} component="section" aria-label={label}>
      <Group gap="md">
        <Text size="sm" fw={600}>
          {label}
        </Text>
        <Text size="xs">
          {formats.moment(bars.time[last])} open {formats.price(bars.open[last])} high {formats.price(bars.high[last])}{' '}
          low {formats.price(bars.low[last])} close <strong>{formats.price(bars.close[last])}</strong> volume{' '}
          {formats.exact(bars.volume[last])}
        </Text>
        <Text size="xs" c="dimmed">
          {formats.number(bars.time.length, 0)} bars loaded{isLoadingOlder ? ', older ones are coming' : ''}
          {hasOlderMarks ? ', the newest signals and fills are marked' : ''}
        </Text>
      </Group>
      <Wrong error={indicators.error ?? error} />
      {isTable ? (
        <BarsTable
          label={`Bars of ${label}`}
          bars={bars}
          marks={marks}
          columns={indicators.columns}
          more={{ isThere: hasOlder, isLoading: isLoadingOlder, load: loadOlder }}
        />
      ) : (
        <Suspense fallback={<Skeleton height={CANDLES_PX} />}>
          <PaintedCandles
            label={`Candles of ${label}`}
            bars={bars}
            marks={marks}
            levels={levels}
            lines={lines}
            height={CANDLES_PX + panes * PANE_PX}
            onNearBeginning={() => (hasOlder && !isLoadingOlder ? loadOlder() : undefined)}
          />
        </Suspense>
      )}
    </Stack>
  );
}

type Lines = NonNullable<CandlesProps['lines']>;

const panesAbove = (columns: LoadedIndicators['columns']): number =>
  panesOf([...columns.keys()]).filter(({ title }) => title !== '').length;

function featureLines(columns: LoadedIndicators['columns']): Lines {
  let place = 0;
  return panesOf([...columns.keys()]).flatMap(({ title, names }) => {
    const pane = title === '' ? 0 : (place += 1);
    return names.map((name, colour) => ({ name, pane, colour, ...columns.get(name)! }));
  });
}

/** At the bar at whose close it was said. */
function probabilityLine(
  said: { readonly time: readonly number[]; readonly probability: readonly number[] } | undefined,
  { time }: BarColumns,
  panes: number,
): Lines {
  const byBar = new Map<number, number>();
  said?.time.forEach((atMs, row) => {
    const bar = time[rowBefore(time, atMs)];
    if (bar !== undefined) byBar.set(bar, said.probability[row]!);
  });
  if (byBar.size === 0) return [];
  const line = { name: 'Probability of up', pane: panes + 1, colour: 2 };
  return [{ ...line, time: [...byBar.keys()], value: [...byBar.values()] }];
}
