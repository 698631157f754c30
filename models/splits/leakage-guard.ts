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
 * Asserts that nothing a fold trains on knows of its test rows: walk-forward folds train only on labels that ended
 * before the first test decision; other folds on rows whose span from decision to label end touches no test block's.
 * O(rows).
 */
export function assertNoLeakage(
  dataset: Pick<Dataset, 'decisionTimeMs' | 'labelEndTimeMs'>,
  fold: Pick<Fold, 'kind' | 'index' | 'trainRows' | 'testRows' | 'testBlocks'>,
): void {
  const tested = new Uint8Array(dataset.decisionTimeMs.length);
  let firstTest = Infinity;
  for (const row of fold.testRows) {
    tested[row] = 1;
    firstTest = Math.min(firstTest, dataset.decisionTimeMs[row]!);
  }
  const spans = fold.testBlocks.map((block) => {
    let last = -Infinity;
    for (let row = block.fromRow; row < block.toRow; row++) last = Math.max(last, dataset.labelEndTimeMs[row]!);
    return { first: dataset.decisionTimeMs[block.fromRow]!, last };
  });
  for (const row of fold.trainRows) {
    const from = dataset.decisionTimeMs[row]!;
    const to = dataset.labelEndTimeMs[row]!;
    const fail = (why: string): never => {
      throw new LeakageError(`Fold ${fold.index + 1}: training row ${row} (decision ${from}, label end ${to}) ${why}`);
    };
    if (tested[row] === 1) fail('is also a test row');
    if (fold.kind === 'walk-forward') {
      if (to >= firstTest) fail(`was not known before the first test decision ${firstTest}`);
    } else if (spans.some((span) => from <= span.last && to >= span.first)) {
      fail('overlaps the labels of a test block');
    }
  }
}
