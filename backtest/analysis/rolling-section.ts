import type { MarketDays } from '../../pipelines/calendars/market-days.ts';
import { plural } from '../number-format.ts';
import type { MeasuredPerformance } from '../statistics/performance.ts';
import { median } from '../statistics/moments.ts';
import { annualVolatility, sharpeRatio } from '../statistics/sharpe-ratio.ts';

interface Range {
  readonly least: number;
  readonly median: number;
  readonly most: number;
  /** Of the last window. */
  readonly last: number;
}

/** `rolling` of the result document: ratios over windows of daily returns that move by a day. */
export interface RollingSection {
  /** Trading days of a window: half a year. */
  readonly windowDays: number;
  readonly windows: number;
  /** Annualised. Null where no window has one. */
  readonly sharpe: Range | null;
  readonly volatility: Range;
  /** Of the windows that have a ratio. */
  readonly belowZeroShare: number | null;
  /** Of a ratio of 0 over one window: sqrt(periods a year / days of the window). */
  readonly standardError: number;
}

/** The ratios day by day: `sharpe[i]` and `volatility[i]` are of the window that ends with return `at[i]`. */
export interface RollingSeries {
  readonly at: Int32Array;
  /** NaN where the returns of a window do not vary. */
  readonly sharpe: Float64Array;
  readonly volatility: Float64Array;
}

/** Trading days of a window: half a year of the market. */
const rollingWindow = ({ periodsPerYear }: Pick<MarketDays, 'periodsPerYear'>): number =>
  Math.round(periodsPerYear / 2);

/** Annualised Sharpe ratio and volatility of every window of `days` neighbouring returns (simple, daily). */
export function rollingSeries(
  returns: Float64Array,
  { days, periodsPerYear }: { readonly days: number; readonly periodsPerYear: number },
): RollingSeries {
  const windows = Math.max(0, returns.length - days + 1);
  const of = (index: number): Float64Array => returns.subarray(index, index + days);
  return {
    at: Int32Array.from({ length: windows }, (_, index) => index + days - 1),
    sharpe: Float64Array.from({ length: windows }, (_, index) => sharpeRatio(of(index), periodsPerYear) ?? NaN),
    volatility: Float64Array.from({ length: windows }, (_, index) => annualVolatility(of(index), periodsPerYear)),
  };
}

/** The ratios in figures; null with a reason where the record has not two windows that share no day. */
export function rollingSection(
  { returns, insolvent }: Pick<MeasuredPerformance, 'returns' | 'insolvent'>,
  market: MarketDays,
): { section: RollingSection | null; reasons: string[] } {
  const { periodsPerYear } = market;
  const days = rollingWindow(market);
  if (insolvent !== null) return { section: null, reasons: [`rolling: ${insolvent}.`] };
  if (returns.length < 2 * days) {
    const least = `two windows of ${days} that share no day are the least`;
    return { section: null, reasons: [`rolling: ${plural(returns.length, 'daily return')}; ${least}.`] };
  }
  const { sharpe, volatility } = rollingSeries(returns, { days, periodsPerYear });
  const known = sharpe.filter((ratio) => !Number.isNaN(ratio));
  const section = {
    windowDays: days,
    windows: sharpe.length,
    sharpe: known.length === 0 ? null : rangeOf(known),
    volatility: rangeOf(volatility),
    belowZeroShare: known.length === 0 ? null : known.filter((ratio) => ratio < 0).length / known.length,
    standardError: Math.sqrt(periodsPerYear / days),
  };
  const flat = 'rolling: sharpe and belowZeroShare: no window has returns that vary.';
  return { section, reasons: section.sharpe === null ? [flat] : [] };
}

function rangeOf(values: Float64Array): Range {
  const sorted = values.toSorted();
  return { least: sorted[0]!, median: median([...values]), most: sorted.at(-1)!, last: values.at(-1)! };
}
