import { takeRows, type Dataset } from '../dataset.ts';
import { seenRanges, type SeenRange } from '../estimators/pretrained/trained-range.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { decisionTimesOf, type Fold } from './fold.ts';

/**
 * Bars that no member has seen which a training window must have: fewer say nothing of how far a member that was
 * trained elsewhere is to be trusted.
 */
export const UNSEEN_BARS_MIN = 50;

type Rows = Pick<Dataset, 'rows' | 'decisionTimeMs' | 'labelEndTimeMs'>;
type Splits = Pick<Experiment, 'splits' | 'estimators'>;

/**
 * Rows that a member has seen where it was trained, 1 each; null where all members learn here. A row is seen whose span
 * from decision to label end meets the declared range, or that is decided within `splits.embargoBars` bars after it; in
 * a walk-forward also every row before it, for nothing there is tested by what came later.
 */
export function seenRows(data: Rows, { splits, estimators }: Splits): Uint8Array | null {
  const ranges = seenRanges(estimators);
  if (ranges.length === 0) return null;
  const seen = new Uint8Array(data.rows);
  for (const range of ranges) markSeen(seen, data, range, splits);
  return seen;
}

function markSeen(seen: Uint8Array, data: Rows, { fromMs, toMs }: SeenRange, splits: Experiment['splits']): void {
  const { timeMs } = decisionTimesOf(data);
  let after = 0;
  while (after < timeMs.length && timeMs[after]! <= toMs) after++;
  // Nothing is near to a range that ended before the first bar.
  const openFromMs = after === 0 ? -Infinity : (timeMs[after + splits.embargoBars] ?? Infinity);
  const sinceMs = splits.kind === 'walk-forward' ? -Infinity : fromMs;
  for (let row = 0; row < data.rows; row++) {
    if (data.decisionTimeMs[row]! < openFromMs && data.labelEndTimeMs[row]! >= sinceMs) seen[row] = 1;
  }
}

/** The rows that `seen` does not mark. */
export function unseenOf(seen: Uint8Array): Int32Array {
  return Int32Array.from(seen.keys()).filter((row) => seen[row] === 0);
}

/** The rows that no member has seen where it was trained: all of them where every member learns here. */
export function withoutSeen(dataset: Dataset, experiment: Splits): Dataset {
  const seen = seenRows(dataset, experiment);
  return seen === null ? dataset : takeRows(dataset, unseenOf(seen));
}

/** Whether a fold tests nothing that a member has seen, and trains on enough that none has. */
export function isEvidence(
  data: Rows,
  { trainRows, testRows }: Pick<Fold, 'trainRows' | 'testRows'>,
  seen: Uint8Array,
): boolean {
  if (testRows.some((row) => seen[row] === 1)) return false;
  let [bars, last] = [0, -Infinity];
  for (const row of trainRows) {
    if (seen[row] === 1 || data.decisionTimeMs[row] === last) continue;
    last = data.decisionTimeMs[row]!;
    bars++;
  }
  return bars >= UNSEEN_BARS_MIN;
}
