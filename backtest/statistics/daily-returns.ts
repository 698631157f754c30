import type { DayOf } from '../../pipelines/calendars/market-days.ts';

/**
 * Equity at the last mark of each trading day, and before them at the first mark of all where its day has others: what
 * that day earned is a return like any other. Two columns of equal length, ascending in time.
 */
export interface DailyEquity {
  readonly timeMs: Float64Array;
  readonly equity: Float64Array;
}

/** Samples marks (`timeMs` ascending, `equity` in currency) at each trading day's close, as `DailyEquity` says. */
export function dailyEquity(timeMs: Float64Array, equity: Float64Array, dayOf: DayOf): DailyEquity {
  const times: number[] = [];
  const values: number[] = [];
  let day: number | null = null;
  for (let i = 0; i < timeMs.length; i++) {
    const current = dayOf(timeMs[i]!);
    // The second mark of the first day: the first one stays.
    if (current !== day || i === 1) {
      times.push(0);
      values.push(0);
      day = current;
    }
    times[times.length - 1] = timeMs[i]!;
    values[values.length - 1] = equity[i]!;
  }
  return { timeMs: Float64Array.from(times), equity: Float64Array.from(values) };
}

/** Simple returns between neighbours: one fewer than `prices`. */
export function simpleReturns(prices: ArrayLike<number>): Float64Array {
  const returns = new Float64Array(Math.max(0, prices.length - 1));
  for (let i = 0; i < returns.length; i++) returns[i] = prices[i + 1]! / prices[i]! - 1;
  return returns;
}

/** Running compound return of `returns`, in fractions of the start: the last one is the total return. */
export function cumulativeReturns(returns: ArrayLike<number>): Float64Array {
  const cumulative = new Float64Array(returns.length);
  let growth = 1;
  for (let i = 0; i < returns.length; i++) {
    growth *= 1 + returns[i]!;
    cumulative[i] = growth - 1;
  }
  return cumulative;
}

/**
 * Compound return per calendar month (UTC) of the days' closes, for tables: `month` is `2020-04`. A month that begins
 * without equity has none and is left out.
 */
export function monthlyReturns({ timeMs, equity }: DailyEquity): { month: string; return: number }[] {
  const months: { month: string; return: number }[] = [];
  let start = equity[0] ?? 0;
  let current = '';
  for (let i = 1; i < timeMs.length; i++) {
    const month = monthOf(timeMs[i]!);
    if (current !== month) {
      start = equity[i - 1]!;
      current = month;
      if (start > 0) months.push({ month, return: 0 });
    }
    if (start > 0) months[months.length - 1] = { month, return: equity[i]! / start - 1 };
  }
  return months;
}

function monthOf(timeMs: number): string {
  return new Date(timeMs - 1).toISOString().slice(0, 7);
}
