import { ascendingOrder } from './ascending-order.ts';
import { centredMean } from './rounding.ts';
import { missingValue, scored, unscored, type Score } from './score.ts';

/** What a correlation of `n` rows is made of: means, and centred sums of squares and products. */
export interface CorrelationSums {
  readonly n: number;
  readonly meanA: number;
  readonly meanB: number;
  readonly aa: number;
  readonly bb: number;
  readonly ab: number;
}

/** The correlation of centred sums; none for fewer than three rows or a column without spread. */
export function correlationOf({ n, meanA, meanB, aa, bb, ab }: CorrelationSums): Score {
  if (n < 3) return unscored(`A correlation needs at least 3 rows, there are ${n}`);
  // Rounding leaves a constant column with a variance of about (mean x 2^-53)^2 per row.
  if (aa <= n * (meanA * 1e-14) ** 2) return unscored('The scores are all equal');
  if (bb <= n * (meanB * 1e-14) ** 2) return unscored('The outcomes are all equal');
  return scored(ab / Math.sqrt(aa * bb));
}

function correlation(a: Float64Array, b: Float64Array): Score {
  const n = a.length;
  const meanA = centredMean(a);
  const meanB = centredMean(b);
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < n; i++) {
    const da = a[i]! - meanA;
    const db = b[i]! - meanB;
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return correlationOf({ n, meanA, meanB, aa, bb, ab });
}

/** Pearson correlation of the scores with the realised simple returns. */
export function informationCoefficient(score: Float64Array, outcome: Float64Array): Score {
  return missingIn(score, outcome) ?? correlation(score, outcome);
}

function missingIn(score: Float64Array, outcome: Float64Array): Score | null {
  return missingValue(score, 'score') ?? missingValue(outcome, 'outcome');
}

/** Ranks from 1 with ties at their average, none for what is no number; `order` is `ascendingOrder(values)`. */
export function averageRanks(values: Float64Array, order = ascendingOrder(values)): Float64Array {
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    const value = values[order[from]!]!;
    let to = from + 1;
    while (to < order.length && values[order[to]!] === value) to++;
    for (let k = from; k < to; k++) ranks[order[k]!] = Number.isNaN(value) ? NaN : from + (to - from + 1) / 2;
    from = to;
  }
  return ranks;
}

/** A column with its sorting order, which several scores need. */
export interface OrderedColumn {
  readonly values: Float64Array;
  readonly order: Int32Array;
}

export function orderedColumn(values: Float64Array): OrderedColumn {
  return { values, order: ascendingOrder(values) };
}

/** Spearman correlation: Pearson of average ranks. */
export function rankInformationCoefficient(score: OrderedColumn, outcome: OrderedColumn): Score {
  const missing = missingIn(score.values, outcome.values);
  if (missing !== null) return missing;
  return correlation(averageRanks(score.values, score.order), averageRanks(outcome.values, outcome.order));
}
