import type { RunChart } from './run-queries.ts';

/** Curves that share their times, each in shares of its first value; null before it begins and after it has ended. */
export interface Normalised {
  readonly timeMs: readonly number[];
  readonly values: readonly (readonly (number | null)[])[];
}

/** Puts equity of several runs on one axis of time. Between two marks of its own a run keeps its last value. */
export function normalised(charts: readonly Pick<RunChart, 'timeMs' | 'equity'>[]): Normalised {
  const timeMs = [...new Set(charts.flatMap((chart) => chart.timeMs))].sort((a, b) => a - b);
  return { timeMs, values: charts.map((chart) => onAxis(chart, timeMs)) };
}

function onAxis({ timeMs, equity }: Pick<RunChart, 'timeMs' | 'equity'>, axis: readonly number[]): (number | null)[] {
  const first = equity[0]!;
  const lastMs = timeMs.at(-1)!;
  let at = -1;
  return axis.map((ms) => {
    while (at + 1 < timeMs.length && timeMs[at + 1]! <= ms) at += 1;
    return at < 0 || ms > lastMs ? null : equity[at]! / first;
  });
}
