import { InputError } from '../../infra/errors.ts';
import type { Dataset } from '../dataset.ts';
import { decisionTimesOf, rangeOf, rowRange, type DecisionTimes, type Fold } from './fold.ts';
import { purgeBefore } from './purge.ts';

/** Half-open ranges of positions, a position being a bar (a distinct decision time). */
export interface WalkForwardRange {
  readonly train: readonly [number, number];
  readonly test: readonly [number, number];
}

export interface WalkForwardOptions {
  /** Bars before the first test bar that the first fold may train on; a sliding window keeps that length. */
  readonly trainBars: number;
  readonly testBars: number;
  readonly window: 'expanding' | 'sliding';
  /** What happens to a rest shorter than `testBars`: a shorter last fold (default) or nothing. */
  readonly rest?: 'shorter-fold' | 'drop';
}

/**
 * Positions of a walk-forward over `bars` bars: test windows follow each other without gap or overlap. Nothing is
 * purged yet.
 */
export function walkForwardRanges(bars: number, options: WalkForwardOptions): WalkForwardRange[] {
  const { trainBars, testBars, window, rest = 'shorter-fold' } = options;
  const ranges: WalkForwardRange[] = [];
  for (let start = trainBars; start < bars; start += testBars) {
    if (start + testBars > bars && rest === 'drop') break;
    const from = window === 'expanding' ? 0 : start - trainBars;
    ranges.push({ train: [from, start], test: [start, Math.min(bars, start + testBars)] });
  }
  return ranges;
}

/**
 * Walk-forward folds by bars, as `foldsOfRanges` makes them. Throws an InputError when there are too few bars for one
 * fold.
 */
export function walkForwardFolds(dataset: Dataset, options: WalkForwardOptions & { embargoBars: number }): Fold[] {
  const times = decisionTimesOf(dataset);
  const bars = times.timeMs.length;
  const ranges = walkForwardRanges(bars, options);
  if (ranges.length === 0) {
    throw new InputError(
      `splits.trainBars is ${options.trainBars}, but only ${bars} bars have features and a label`,
      'Take more data, or lower splits.trainBars and splits.testBars.',
    );
  }
  return foldsOfRanges(dataset, times, ranges, { embargoBars: options.embargoBars, trainKey: 'splits.trainBars' });
}

/**
 * The folds of a walk-forward: each trains only on rows whose label was known more than `embargoBars` bars before its
 * first test decision. Rows whose label ends at or after that decision are purged, always; the embargo then removes
 * those whose label ends in the last `embargoBars` bars before it. Throws an InputError, naming `trainKey`, when that
 * leaves a fold nothing to train on.
 */
export function foldsOfRanges(
  dataset: Dataset,
  times: DecisionTimes,
  ranges: readonly WalkForwardRange[],
  { embargoBars, trainKey }: { readonly embargoBars: number; readonly trainKey: string },
): Fold[] {
  return ranges.map(({ train, test }, index) => {
    const candidates = rowRange(times.firstRow[train[0]]!, times.firstRow[train[1]]!);
    const embargoFrom = Math.max(0, test[0] - embargoBars);
    const kept = purgeBefore(dataset, candidates, {
      testFromMs: times.timeMs[test[0]]!,
      embargoFromMs: times.timeMs[embargoFrom]!,
    });
    const testRows = rowRange(times.firstRow[test[0]]!, times.firstRow[test[1]]!);
    const trained = rangeOf(dataset, kept.rows);
    if (trained === null) {
      throw new InputError(
        `Purge and embargo leave fold ${index + 1} no training row`,
        `Raise ${trainKey}, or lower labels.horizonBars and splits.embargoBars.`,
      );
    }
    return {
      kind: 'walk-forward',
      index,
      trainRows: kept.rows,
      testRows,
      testBlocks: [{ fromRow: testRows[0]!, toRow: testRows[0]! + testRows.length, group: index, path: 0 }],
      ranges: {
        train: trained,
        purge: rangeOf(dataset, kept.purged),
        embargo: rangeOf(dataset, kept.embargoed),
        test: rangeOf(dataset, testRows)!,
      },
      purgedRows: kept.purged.length,
      embargoedRows: kept.embargoed.length,
    };
  });
}
