import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo, type ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { Wrong } from '../parts/words.tsx';
import { Curves, SpanWords, type Span } from './curves.tsx';
import type { Curve, Mark } from './curves-plot.ts';
import { MonthsTable } from './months-table.tsx';
import { chartQuery, useTrades, type RunChart } from './run-queries.ts';

interface RunCurvesProps {
  readonly id: string;
  readonly span: Span | null;
  readonly onSpan: (span: Span | null) => void;
  readonly hasTrades?: boolean;
  readonly hasMonths?: boolean;
}

/** Equity and drawdown of a run beside its benchmark, and its months. */
export function RunCurves({ id, span, onSpan, hasTrades = false, hasMonths = false }: RunCurvesProps): ReactNode {
  const { data: chart, error, isPending } = useQuery(chartQuery(id));
  const marks = useMarks(id, hasTrades);
  const formats = useFormats();
  const equity = useMemo(() => (chart === undefined ? [] : equityOf(chart)), [chart]);
  const falls = useMemo(() => (chart === undefined ? [] : fallsOf(chart)), [chart]);
  if (isPending) return <Text>Loading</Text>;
  if (chart === undefined) return <Wrong error={error} />;
  const last = chart.equity.at(-1);
  return (
    <Stack gap="xs">
      <SpanWords span={span} onSpan={onSpan} />
      <Curves
        label={`Equity from ${formats.number(chart.equity[0], 0)} to ${formats.number(last, 0)}, beside buy-and-hold`}
        {...{ timeMs: chart.timeMs, curves: equity, height: 280, marks, span, onSpan }}
      />
      <Curves
        label={`Drawdown, at its deepest ${formats.percent(deepest(chart.drawdown))}`}
        {...{ timeMs: chart.timeMs, curves: falls, height: 140, span, onSpan }}
        isShare
      />
      <Text size="xs" c="dimmed">
        {hasTrades ? 'Bands go from the entry to the exit of each trade, green at a profit. ' : ''}
        {chart.buyAndHold === null ? 'Its benchmark was not kept by the version that made it: run it again. ' : ''}
        {chart.marks > chart.timeMs.length
          ? `${formats.number(chart.marks, 0)} marks are drawn by ${formats.number(chart.timeMs.length, 0)} points.`
          : ''}
      </Text>
      {hasMonths && chart.months !== null ? <MonthsTable months={chart.months} /> : null}
    </Stack>
  );
}

const NO_MARKS: readonly Mark[] = [];

function useMarks(id: string, hasTrades: boolean): readonly Mark[] {
  const { data } = useTrades(id, hasTrades);
  return useMemo(() => {
    if (!hasTrades || data === undefined) return NO_MARKS;
    return data.trades.map(({ entryTime, exitTime, pnl }) => ({
      fromMs: Date.parse(entryTime),
      toMs: exitTime === null ? Infinity : Date.parse(exitTime),
      isGain: (pnl ?? 0) >= 0,
    }));
  }, [data, hasTrades]);
}

function equityOf({ equity, buyAndHold, sameExposure }: RunChart): readonly Curve[] {
  const held =
    buyAndHold === null ? [] : [{ label: 'Buy and hold', values: buyAndHold, color: '--chart-hold', dash: [2, 2] }];
  const same =
    sameExposure === null
      ? []
      : [{ label: 'Same exposure', values: sameExposure, color: '--chart-same', dash: [6, 3] }];
  return [{ label: 'Strategy', values: equity, color: '--chart-own' }, ...held, ...same];
}

function fallsOf({ drawdown, buyAndHoldDrawdown }: RunChart): readonly Curve[] {
  const own = { label: 'Drawdown', values: drawdown, color: '--chart-own', isFilled: true };
  if (buyAndHoldDrawdown === null) return [own];
  return [own, { label: 'Buy and hold', values: buyAndHoldDrawdown, color: '--chart-hold', dash: [2, 2] }];
}

const deepest = (falls: readonly number[]): number => falls.reduce((least, fall) => Math.min(least, fall), 0);
