import { InputError } from '../../infra/errors.ts';
import type { Dataset } from '../dataset.ts';
import { decisionTimesOf, rangeOf, rowsOfRanges, type DecisionTimes, type Fold, type TestBlock } from './fold.ts';
import { purgeAround, type BlockSpan } from './purge.ts';

export interface GroupedOptions {
  /** Number of equal groups the bars are cut into. */
  readonly folds: number;
  readonly embargoBars: number;
}

/** Positions `[from, to)` of `groups` groups of `floor(bars / groups)` bars; the last takes the rest. */
function groupRanges(bars: number, groups: number): [number, number][] {
  const size = Math.floor(bars / groups);
  return Array.from({ length: groups }, (_, g) => [g * size, g === groups - 1 ? bars : (g + 1) * size]);
}

/** Every choice of `size` out of `0 .. count - 1`, in lexicographic order. */
export function combinations(count: number, size: number): number[][] {
  if (size === 0) return [[]];
  const out: number[][] = [];
  for (let first = 0; first <= count - size; first++) {
    for (const rest of combinations(count - first - 1, size - 1)) {
      out.push([first, ...rest.map((value) => value + first + 1)]);
    }
  }
  return out;
}

/**
 * Path of each test group of each split (Lopez de Prado 2018, section 12.4): the j-th split that tests a group lends
 * its predictions to path j, so that every path holds each group once. There are `C(folds, testFolds) x testFolds /
 * folds` paths.
 */
export function pathIds(testSets: readonly (readonly number[])[], folds: number): number[][] {
  const used = new Array<number>(folds).fill(0);
  return testSets.map((groups) => groups.map((group) => used[group]!++));
}

/** For each group, the splits that test it, in path order: column `p` of the table is path `p`. */
export function recombinedPaths(testSets: readonly (readonly number[])[], folds: number): number[][] {
  return Array.from({ length: folds }, (_, group) =>
    testSets.flatMap((groups, split) => (groups.includes(group) ? [split] : [])),
  );
}

function spanOf(dataset: Dataset, times: DecisionTimes, rows: [number, number], embargoBars: number): BlockSpan {
  let toMs = -Infinity;
  for (let row = rows[0]; row < rows[1]; row++) toMs = Math.max(toMs, dataset.labelEndTimeMs[row]!);
  let after = 0;
  while (after < times.timeMs.length && times.timeMs[after]! <= toMs) after++;
  const lastEmbargoed = Math.min(times.timeMs.length, after + embargoBars) - 1;
  const embargoToMs = embargoBars > 0 && lastEmbargoed >= after ? times.timeMs[lastEmbargoed]! : toMs;
  return { fromMs: dataset.decisionTimeMs[rows[0]]!, toMs, embargoToMs };
}

/** Folds for given sets of test groups: purge on both sides by label span, embargo after each block. */
function groupedFolds(
  dataset: Dataset,
  kind: 'purged-k-fold' | 'combinatorial',
  testSets: readonly (readonly number[])[],
  options: GroupedOptions,
): Fold[] {
  const times = decisionTimesOf(dataset);
  if (times.timeMs.length < options.folds) {
    throw new InputError(
      `splits.folds is ${options.folds}, but only ${times.timeMs.length} bars have features and a label`,
      'Take more data, or fewer folds.',
    );
  }
  const paths = kind === 'combinatorial' ? pathIds(testSets, options.folds) : testSets.map(() => [0]);
  const rowsOf = groupRanges(times.timeMs.length, options.folds).map(([from, to]): [number, number] => [
    times.firstRow[from]!,
    times.firstRow[to]!,
  ]);
  const spans = rowsOf.map((rows) => spanOf(dataset, times, rows, options.embargoBars));
  return testSets.map((groups, index) => {
    const tested = new Set(groups);
    const candidates = rowsOfRanges(rowsOf.filter((_, group) => !tested.has(group)));
    const kept = purgeAround(
      dataset,
      candidates,
      groups.map((group) => spans[group]!),
    );
    const testBlocks: TestBlock[] = groups.map((group, k) => ({
      fromRow: rowsOf[group]![0],
      toRow: rowsOf[group]![1],
      group,
      path: paths[index]![k]!,
    }));
    const testRows = rowsOfRanges(testBlocks.map(({ fromRow, toRow }) => [fromRow, toRow]));
    const train = rangeOf(dataset, kept.rows);
    if (train === null) {
      throw new InputError(
        `Purge and embargo leave fold ${index + 1} no training row`,
        'Use fewer folds or more data.',
      );
    }
    return {
      kind,
      index,
      trainRows: kept.rows,
      testRows,
      testBlocks,
      ranges: {
        train,
        purge: rangeOf(dataset, kept.purged),
        embargo: rangeOf(dataset, kept.embargoed),
        test: rangeOf(dataset, testRows)!,
      },
      purgedRows: kept.purged.length,
      embargoedRows: kept.embargoed.length,
    };
  });
}

/** Purged k-fold (Lopez de Prado 2018, section 7.4): each group is the test set once. */
export function purgedKFolds(dataset: Dataset, options: GroupedOptions): Fold[] {
  return groupedFolds(
    dataset,
    'purged-k-fold',
    Array.from({ length: options.folds }, (_, group) => [group]),
    options,
  );
}

/**
 * Combinatorial purged cross-validation (Lopez de Prado 2018, chapter 12): every choice of `testFolds` groups is a test
 * set.
 */
export function combinatorialFolds(dataset: Dataset, options: GroupedOptions & { testFolds: number }): Fold[] {
  if (options.testFolds >= options.folds) {
    throw new InputError(
      `splits.testFolds is ${options.testFolds}: it must be below splits.folds, ${options.folds}`,
      'Leave at least one group to train on.',
    );
  }
  return groupedFolds(dataset, 'combinatorial', combinations(options.folds, options.testFolds), options);
}
