import type { FoldMoves } from '../../models/registry/prediction-store.ts';
import { averageRanks } from '../../models/scores/information-coefficient.ts';
import { correlation } from '../statistics/relative.ts';
import { mean } from '../statistics/moments.ts';

interface ImportantFeature {
  /** The feature, or a member of the ensemble that is told as a whole. */
  readonly name: string;
  /** Mean, least and most over the windows of its share of all moves there. */
  readonly mean: number;
  readonly least: number;
  readonly most: number;
  /** Share of the windows in which it is among the first ten. */
  readonly firstTenShare: number;
  /** Its share in each window. */
  readonly byWindow: readonly number[];
}

/**
 * `featureImportance` of the result document: how much each feature moved out-of-sample predictions, window by window.
 * What moved a prediction is its Shapley value, so that windows whose models differ are told in one unit.
 */
export interface FeatureImportance {
  /** Folds, from 1, in the order of `byWindow`. */
  readonly windows: readonly number[];
  readonly rows: number;
  /** The most important on average first. */
  readonly features: readonly ImportantFeature[];
  /** Mean rank correlation (Spearman) of neighbouring windows: 1 where they agree; null with one window or feature. */
  readonly agreement: number | null;
}

const FIRST = 10;

/**
 * Importance and its stability over windows. What a model says without features (the last of the moves) moves nothing
 * from row to row and is left out.
 *
 * @param names of features, then members as a whole; moves have one more
 * @returns null where no window has moves of these names
 */
export function featureImportance(names: readonly string[], windows: readonly FoldMoves[]): FeatureImportance | null {
  const told = windows.filter(({ rows, meanMoves }) => rows > 0 && meanMoves.length === names.length + 1);
  const shares = told.map(({ meanMoves }) => sharesOf(meanMoves.subarray(0, names.length)));
  if (shares.length === 0 || shares.every((share) => share.every((value) => value === 0))) return null;
  const ranks = shares.map((share) => averageRanks(share.map((value) => -value)));
  const features = names.flatMap((name, at): ImportantFeature[] => {
    const byWindow = shares.map((share) => share[at]!);
    if (byWindow.every((share) => share === 0)) return [];
    const first = shares.filter((share, window) => share[at]! > 0 && ranks[window]![at]! <= FIRST).length;
    return [
      {
        name,
        mean: mean(byWindow),
        least: Math.min(...byWindow),
        most: Math.max(...byWindow),
        firstTenShare: first / shares.length,
        byWindow,
      },
    ];
  });
  return {
    windows: told.map(({ fold }) => fold + 1),
    rows: told.reduce((sum, { rows }) => sum + rows, 0),
    features: features.toSorted((a, b) => b.mean - a.mean || (a.name < b.name ? -1 : 1)),
    agreement: agreementOf(ranks),
  };
}

function sharesOf(sizes: Float64Array): Float64Array {
  const all = sizes.reduce((sum, size) => sum + size, 0);
  return sizes.map((size) => (all === 0 ? 0 : size / all));
}

function agreementOf(ranks: readonly Float64Array[]): number | null {
  const pairs = ranks.slice(1).flatMap((own, at) => {
    const alike = correlation(ranks[at]!, own);
    return alike === null ? [] : [alike];
  });
  return pairs.length === 0 ? null : mean(pairs);
}
