import type { Dataset } from '../dataset.ts';
import type { Fold } from './fold.ts';

/** A broken invariant of a split: training must stop, nothing a user did can cause it. */
export class LeakageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LeakageError';
  }
}

/**
 * Asserts that nothing a fold trains on knows of its test rows: walk-forward folds train only on labels that ended before the
 * first test decision; other folds on rows whose span from decision to label end touches no test block's. O(rows).
 */
export function assertNoLeakage(
  dataset: Pick<Dataset, 'decisionTimeMs' | 'labelEndTimeMs'>,
  fold: Pick<Fold, 'kind' | 'index' | 'trainRows' | 'testRows' | 'testBlocks'>,
): void {
  const tested = new Set(fold.testRows);
  let firstTest = Infinity;
  for (const row of fold.testRows) firstTest = Math.min(firstTest, dataset.decisionTimeMs[row]!);
  const spans = fold.testBlocks.map((block) => {
    let last = -Infinity;
    for (let row = block.fromRow; row < block.toRow; row++) last = Math.max(last, dataset.labelEndTimeMs[row]!);
    return { first: dataset.decisionTimeMs[block.fromRow]!, last };
  });
  for (const row of fold.trainRows) {
    const from = dataset.decisionTimeMs[row]!;
    const to = dataset.labelEndTimeMs[row]!;
    const where = `Fold ${fold.index}: training row ${row} (decision ${from}, label end ${to})`;
    if (tested.has(row)) throw new LeakageError(`${where} is also a test row`);
    if (fold.kind === 'walk-forward') {
      if (to >= firstTest) throw new LeakageError(`${where} was not known before the first test decision ${firstTest}`);
    } else if (spans.some((span) => from <= span.last && to >= span.first)) {
      throw new LeakageError(`${where} overlaps the labels of a test block`);
    }
  }
}
