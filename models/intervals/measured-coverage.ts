import type { Random } from '../../infra/random.ts';
import { blockLength, percentileInterval, resampleBars, RESAMPLES, type Interval } from '../scores/block-bootstrap.ts';
import { barsOfDecisions } from '../scores/resample-table.ts';
import type { IntervalSettings } from './intervals-schema.ts';
import { returnIntervals, type IntervalInput } from './return-intervals.ts';

/** How often returns lay within the intervals that were given before they were known: plain JSON. */
export interface MeasuredCoverage {
  /** Share that should lie within. */
  readonly level: number;
  /** Predictions with an interval, and their distinct decision times. */
  readonly rows: number;
  readonly bars: number;
  /** Share that did; null without a row. */
  readonly coverage: number | null;
  /** 95 % block-bootstrap interval of that share; null without a row. */
  readonly interval: Interval | null;
  /** Shares of returns below and above their intervals. */
  readonly below: number | null;
  readonly above: number | null;
  /** Mean distance between the bounds, a fraction of the price. */
  readonly meanWidth: number | null;
  /** Share of intervals on one side of zero: all that these predictions say for sure of a direction. */
  readonly oneSided: number | null;
  readonly folds: readonly { readonly fold: number; readonly rows: number; readonly coverage: number }[];
}

interface CoverageOptions extends IntervalSettings {
  readonly horizonBars: number;
  readonly random: Random;
}

/** Makes intervals for out-of-sample predictions and measures them. Folds count from 1. */
export function measuredCoverage(
  predictions: IntervalInput & { readonly fold: Int32Array },
  { random, ...settings }: CoverageOptions,
): MeasuredCoverage {
  const { low, high } = returnIntervals(predictions, settings);
  const { realisedReturn: value, fold } = predictions;
  const rows = [...low.keys()].filter((row) => !Number.isNaN(low[row]!));
  const shareOf = (is: (row: number) => boolean, of = rows): number | null =>
    of.length === 0 ? null : of.filter(is).length / of.length;
  const isWithin = (row: number): boolean => value[row]! >= low[row]! && value[row]! <= high[row]!;
  const times = barsOfDecisions(Float64Array.from(rows, (row) => predictions.decisionTimeMs[row]!));
  const folds = [...new Set(rows.map((row) => fold[row]!))].sort((a, b) => a - b);
  return {
    level: settings.level,
    rows: rows.length,
    bars: times.bars,
    coverage: shareOf(isWithin),
    interval: rows.length === 0 ? null : coverageInterval(rows.map(isWithin), times, settings.horizonBars, random),
    below: shareOf((row) => value[row]! < low[row]!),
    above: shareOf((row) => value[row]! > high[row]!),
    meanWidth: rows.length === 0 ? null : rows.reduce((sum, row) => sum + (high[row]! - low[row]!) / rows.length, 0),
    oneSided: shareOf((row) => low[row]! > 0 || high[row]! < 0),
    folds: folds.map((index) => {
      const own = rows.filter((row) => fold[row] === index);
      return { fold: index + 1, rows: own.length, coverage: shareOf(isWithin, own)! };
    }),
  };
}

/** Rows of one time are drawn together, in blocks of neighbouring times. */
function coverageInterval(
  within: readonly boolean[],
  { bars, barOfRow }: ReturnType<typeof barsOfDecisions>,
  horizonBars: number,
  random: Random,
): Interval | null {
  const [hits, rows] = [new Float64Array(bars), new Float64Array(bars)];
  within.forEach((is, row) => {
    rows[barOfRow[row]!]! += 1;
    if (is) hits[barOfRow[row]!]! += 1;
  });
  const shares = Array.from({ length: RESAMPLES }, () => {
    const counts = resampleBars(bars, { random, blockBars: blockLength(bars, horizonBars) });
    let [hit, of] = [0, 0];
    for (let bar = 0; bar < bars; bar++) {
      hit += counts[bar]! * hits[bar]!;
      of += counts[bar]! * rows[bar]!;
    }
    return hit / of;
  });
  return percentileInterval(shares, RESAMPLES);
}
