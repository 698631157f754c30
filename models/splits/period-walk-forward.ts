import { InputError } from '../../infra/errors.ts';
import type { Dataset } from '../dataset.ts';
import { decisionTimesOf, type Fold } from './fold.ts';
import { periodStarts } from './period-starts.ts';
import type { SplitsByPeriods } from './splits-schema.ts';
import { foldsOfRanges, type WalkForwardRange } from './walk-forward.ts';

export interface PeriodWalkForwardOptions {
  /** Test windows span this many periods, and move on by as many. */
  readonly testPeriods: number;
  /**
   * Periods before the test window to train on; or, for windows of another kind than whole periods, where training
   * starts for each boundary.
   */
  readonly trainPeriods: number | readonly (number | null)[];
  readonly window: 'expanding' | 'sliding';
  /** A rest shorter than `testPeriods` becomes a shorter last fold, or nothing. */
  readonly rest: 'shorter-fold' | 'drop';
}

/**
 * Position of each date among ascending bar times: the bar at that time, else the next one, or with `previous` the one
 * before. Null where there is none.
 */
export function positionsOfDates(
  barTimeMs: ArrayLike<number>,
  datesMs: readonly number[],
  previous = false,
): (number | null)[] {
  return datesMs.map((date) => {
    let low = 0;
    let high = barTimeMs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (barTimeMs[middle]! < date) low = middle + 1;
      else high = middle;
    }
    if (previous && barTimeMs[low] !== date) low--;
    return low < 0 || low >= barTimeMs.length ? null : low;
  });
}

/**
 * Walk-forward by calendar periods (retrain every month, quarter, third Friday): `boundaries` are the positions of the
 * period starts among `bars` bars, ascending. A fold tests `[boundary i, boundary i + testPeriods)`. Nothing is purged
 * yet.
 */
export function periodWalkForwardRanges(
  bars: number,
  boundaries: readonly number[],
  options: PeriodWalkForwardOptions,
): WalkForwardRange[] {
  const { testPeriods, trainPeriods, window, rest } = options;
  const ranges: WalkForwardRange[] = [];
  const count = boundaries.length;
  const trainStart = (i: number): number | null =>
    typeof trainPeriods === 'number' ? (boundaries[i - trainPeriods] ?? null) : (trainPeriods[i] ?? null);
  let first = 0;
  while (first < count && trainStart(first) === null) first++;
  for (let i = first; i < count; i += testPeriods) {
    const whole = i + testPeriods < count;
    if (!whole && rest === 'drop') break;
    const from = window === 'expanding' ? 0 : trainStart(i)!;
    ranges.push({ train: [from, boundaries[i]!], test: [boundaries[i]!, whole ? boundaries[i + testPeriods]! : bars] });
  }
  return ranges;
}

/**
 * Walk-forward folds by calendar periods of decision times in UTC, purged and embargoed as those by bars are. A first
 * period that the data begin within counts for nothing, as in skfolio; a last one that they end within is a shorter
 * last fold; periods without a bar test nothing. Throws an InputError when there are too few periods for one fold.
 */
export function periodWalkForwardFolds(
  dataset: Dataset,
  options: Pick<SplitsByPeriods, 'period' | 'trainPeriods' | 'testPeriods' | 'window' | 'embargoBars'>,
): Fold[] {
  const { period, trainPeriods, embargoBars } = options;
  const times = decisionTimesOf(dataset);
  const bars = times.timeMs.length;
  const starts = bars === 0 ? [] : periodStarts(period, times.timeMs[0]!, times.timeMs[bars - 1]!);
  const boundaries = positionsOfDates(times.timeMs, starts).filter((at) => at !== null);
  const ranges = periodWalkForwardRanges(bars, boundaries, { ...options, rest: 'shorter-fold' });
  const tested = ranges.filter(({ test }) => test[0] < test[1]);
  if (tested.length === 0) {
    throw new InputError(
      `splits.trainPeriods is ${trainPeriods}, but the ${bars} bars with features and a label see the start of only ${starts.length} ${period}s`,
      `Take more data (one ${period} start more than splits.trainPeriods at least), or lower splits.trainPeriods.`,
    );
  }
  return foldsOfRanges(dataset, times, tested, { embargoBars, trainKey: 'splits.trainPeriods' });
}
