import type { Evaluation } from '../judgement/evaluation.ts';
import { dailyEquity, simpleReturns } from '../statistics/daily-returns.ts';
import { captureRatio, correlation, marketModel, trackingOf } from '../statistics/relative.ts';

/** `relative` of the result document: the session beside buy-and-hold, by daily returns, a year where it says so. */
export interface RelativeSection {
  readonly days: number;
  readonly alpha: number | null;
  readonly beta: number | null;
  readonly correlation: number | null;
  readonly trackingError: number | null;
  readonly informationRatio: number | null;
  readonly upCapture: number | null;
  readonly downCapture: number | null;
}

const FIGURES = [
  'alpha',
  'beta',
  'correlation',
  'trackingError',
  'informationRatio',
  'upCapture',
  'downCapture',
] as const;

/** Daily returns of buy-and-hold on the days of the session. */
export function marketReturns({ baselines, market }: Pick<Evaluation, 'baselines' | 'market'>): Float64Array {
  const { timeMs, equity } = baselines.buyAndHold;
  return simpleReturns(dailyEquity(timeMs, equity, market.dayOf).equity);
}

/** Alpha, beta, tracking error, information and capture ratios against buy-and-hold; null where they cannot be told. */
export function relativeSection(evaluation: Pick<Evaluation, 'baselines' | 'market' | 'measured'>): {
  section: RelativeSection;
  reasons: string[];
} {
  const { returns, insolvent } = evaluation.measured;
  const { periodsPerYear } = evaluation.market;
  const benchmark = marketReturns(evaluation);
  const own = insolvent === null ? returns : new Float64Array(0);
  const held = own.length === 0 ? own : benchmark;
  const section: RelativeSection = {
    days: own.length,
    ...marketModel(own, held, periodsPerYear),
    correlation: correlation(own, held),
    ...trackingOf(own, held, periodsPerYear),
    upCapture: captureRatio(own, held, { side: 'up', periodsPerYear }),
    downCapture: captureRatio(own, held, { side: 'down', periodsPerYear }),
  };
  const missing = FIGURES.filter((name) => section[name] === null);
  const why = insolvent ?? 'the daily returns of one side are too few, do not vary or never have that sign';
  return { section, reasons: missing.length === 0 ? [] : [`relative: ${missing.join(', ')}: ${why}.`] };
}
