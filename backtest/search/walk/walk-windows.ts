import { sliceBarColumns, type BarColumns } from '../../../features/bar.ts';
import { InputError } from '../../../infra/errors.ts';
import type { Experiment } from '../../../models/experiment/experiment.ts';
import { periodStarts } from '../../../models/splits/period-starts.ts';
import { periodWalkForwardRanges, positionsOfDates } from '../../../models/splits/period-walk-forward.ts';
import type { SplitsByBars, SplitsByPeriods } from '../../../models/splits/splits-schema.ts';
import { walkForwardRanges, type WalkForwardRange } from '../../../models/splits/walk-forward.ts';

/** Lengths of the windows in distinct closes. */
export interface WalkLengths {
  readonly trainBars: number;
  readonly testBars: number;
  /** Training begins at the first bar of all instead of `trainBars` before its test. */
  readonly anchored: boolean;
}

/** One step: parameters are chosen on closes in the first span and traded over those in the second. Ends included. */
export interface WalkWindow {
  readonly trainFromMs: number;
  readonly trainToMs: number;
  readonly testFromMs: number;
  readonly testToMs: number;
}

/**
 * Windows one after the other, each test right after its training and all tests end to end. What is left at the end is
 * too short for a test and is not used. InputError where not even one fits.
 */
export function walkWindows(bars: readonly BarColumns[], lengths: WalkLengths): WalkWindow[] {
  const { trainBars, testBars, anchored } = lengths;
  const closes = distinctCloses(bars);
  const windows: WalkWindow[] = [];
  for (let test = trainBars; test + testBars <= closes.length; test += testBars) {
    windows.push({
      trainFromMs: closes[anchored ? 0 : test - trainBars]!,
      trainToMs: closes[test - 1]!,
      testFromMs: closes[test]!,
      testToMs: closes[test + testBars - 1]!,
    });
  }
  if (windows.length > 0) return windows;
  throw new InputError(
    `${closes.length} bars hold no window of ${trainBars} to train and ${testBars} to test.`,
    'Shorten --train-bars or --test-bars, or give more bars.',
  );
}

/**
 * The windows of an experiment's `splits`, as its model would have them: by bars or by calendar periods, and a rest at
 * the end is a shorter last test. InputError with the key where not even one fits.
 */
export function splitWindows(bars: readonly BarColumns[], splits: Experiment['splits']): WalkWindow[] {
  if (splits.kind !== 'walk-forward') {
    throw new InputError(`splits.kind: ${splits.kind} is no walk-forward.`, 'Set it to walk-forward.');
  }
  const closes = distinctCloses(bars);
  const ranges = splits.period === undefined ? rangesByBars(closes, splits) : rangesByPeriods(closes, splits);
  const windows = ranges.flatMap(({ train, test }): WalkWindow[] => {
    if (test[0] >= test[1]) return [];
    const [trainFromMs, trainToMs] = [closes[train[0]]!, closes[train[1] - 1]!];
    return [{ trainFromMs, trainToMs, testFromMs: closes[test[0]]!, testToMs: closes[test[1] - 1]! }];
  });
  if (windows.length > 0) return windows;
  const length = splits.period === undefined ? splits.trainBars : `${splits.trainPeriods} ${splits.period}s`;
  throw new InputError(
    `${closes.length} bars hold no test after a training of ${length}.`,
    'Shorten splits.trainBars or splits.trainPeriods, or take more data.',
  );
}

function rangesByBars(closes: Float64Array, splits: SplitsByBars): WalkForwardRange[] {
  return walkForwardRanges(closes.length, splits);
}

function rangesByPeriods(closes: Float64Array, splits: SplitsByPeriods): WalkForwardRange[] {
  const starts = closes.length === 0 ? [] : periodStarts(splits.period, closes[0]!, closes.at(-1)!);
  const boundaries = positionsOfDates(closes, starts).filter((at) => at !== null);
  return periodWalkForwardRanges(closes.length, boundaries, { ...splits, rest: 'shorter-fold' });
}

function distinctCloses(bars: readonly BarColumns[]): Float64Array {
  const closes = new Set<number>();
  for (const { closeTimeMs } of bars) for (const close of closeTimeMs) closes.add(close);
  return Float64Array.from(closes).sort();
}

/** The bars that close from `fromMs` to `toMs`, both included; memory is shared. */
export function barsWithin(bars: BarColumns, fromMs: number, toMs: number): BarColumns {
  const { closeTimeMs, length } = bars;
  let from = 0;
  while (from < length && closeTimeMs[from]! < fromMs) from++;
  let to = from;
  while (to < length && closeTimeMs[to]! <= toMs) to++;
  return sliceBarColumns(bars, from, to);
}
