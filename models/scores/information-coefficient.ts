import { ascendingOrder } from './ascending-order.ts';
import { scored, unscored, type Score } from './score.ts';

/** Number of times each row counts; all once when absent. Bootstrap samples are such counts. */
export type Counts = Int32Array | undefined;

function weightedCorrelation(a: Float64Array, b: Float64Array, counts: Counts): Score {
  let n = 0;
  let meanA = 0;
  let meanB = 0;
  for (let i = 0; i < a.length; i++) {
    const count = counts === undefined ? 1 : counts[i]!;
    n += count;
    meanA += count * a[i]!;
    meanB += count * b[i]!;
  }
  if (n < 3) return unscored(`A correlation needs at least 3 rows, there are ${n}`);
  meanA /= n;
  meanB /= n;
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    const count = counts === undefined ? 1 : counts[i]!;
    const da = a[i]! - meanA;
    const db = b[i]! - meanB;
    ab += count * da * db;
    aa += count * da * da;
    bb += count * db * db;
  }
  // Rounding leaves a constant column with a variance of about (mean x 2^-53)^2 per row.
  if (aa <= n * (meanA * 1e-14) ** 2) return unscored('The scores are all equal');
  if (bb <= n * (meanB * 1e-14) ** 2) return unscored('The outcomes are all equal');
  return scored(ab / Math.sqrt(aa * bb));
}

/** Pearson correlation of the scores with the realised simple returns. */
export function informationCoefficient(score: Float64Array, outcome: Float64Array, counts?: Int32Array): Score {
  return weightedCorrelation(score, outcome, counts);
}

/** Row indices in ascending order of `values`. */
export function ascending(values: Float64Array): Int32Array {
  return ascendingOrder(values);
}

/** Ranks from 1 with ties at their average; `order` is `ascending(values)`, computed once for many `counts`. */
export function averageRanks(values: Float64Array, counts?: Int32Array, order = ascending(values)): Float64Array {
  const ranks = new Float64Array(values.length);
  let below = 0;
  for (let from = 0; from < order.length;) {
    let to = from;
    let tied = 0;
    while (to < order.length && values[order[to]!] === values[order[from]!]) {
      tied += counts === undefined ? 1 : counts[order[to]!]!;
      to++;
    }
    for (let k = from; k < to; k++) ranks[order[k]!] = below + (tied + 1) / 2;
    below += tied;
    from = to;
  }
  return ranks;
}

/** A column with its sorting order, so that resampling does not sort again. */
export interface OrderedColumn {
  readonly values: Float64Array;
  readonly order: Int32Array;
}

export function orderedColumn(values: Float64Array): OrderedColumn {
  return { values, order: ascending(values) };
}

/** Spearman correlation: Pearson of average ranks. */
export function rankInformationCoefficient(score: OrderedColumn, outcome: OrderedColumn, counts?: Int32Array): Score {
  const a = averageRanks(score.values, counts, score.order);
  const b = averageRanks(outcome.values, counts, outcome.order);
  return weightedCorrelation(a, b, counts);
}
