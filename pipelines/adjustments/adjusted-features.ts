import type { BarColumns } from '../../features/bar.ts';
import { computeFeatures, type FeatureMatrix } from '../../features/feature-matrix.ts';
import type { FeatureSet } from '../../features/feature-set.ts';
import { adjustBars } from './bar-adjuster.ts';
import type { DatedAction } from './corporate-action.ts';
import { barsBetween, vintagesOf } from './vintages.ts';

/**
 * The features of raw bars in memory, each row over bars adjusted by what was known at its close: bit for bit what
 * `materialize` stores. `actions` has one list per symbol, in order; `compute` is `computeFeatures` unless a test
 * brings another.
 */
export function computeAdjustedFeatures(
  set: FeatureSet,
  universe: readonly BarColumns[],
  actions: readonly (readonly DatedAction[])[],
  compute: typeof computeFeatures = computeFeatures,
): FeatureMatrix[] {
  if (actions.every((list) => list.length === 0)) return compute(set, universe);
  const vintages = vintagesOf(actions, barsBetween(universe));
  const [first, ...later] = vintages.map((vintage) =>
    compute(
      set,
      universe.map((bars, s) => adjustBars(bars, vintage.actions[s]!)),
    ),
  );
  later.forEach((matrices, v) => {
    matrices.forEach((matrix, s) => takeRows(first![s]!, matrix, vintages[v + 1]!.fromMs));
  });
  return first!;
}

/** Overwrites the rows of `target` that close at `fromMs` or later. */
function takeRows(target: FeatureMatrix, source: FeatureMatrix, fromMs: number): void {
  const row = target.closeTimeMs.findIndex((timeMs) => timeMs >= fromMs);
  if (row === -1) return;
  const at = row * target.columns.length;
  target.values.set(source.values.subarray(at), at);
}
