import { sortedValues, valuesAt } from '../estimators/trees/sorted-values.ts';

/** A feature's distribution in the training rows: plain data, kept in the model. */
export interface FeatureReference {
  readonly name: string;
  /** Values at equal shares from 0 to 1 of the rows that have one, ascending; empty when none has. */
  readonly quantiles: readonly number[];
  /** Inner edges of the bins, strictly ascending: at most nine deciles. */
  readonly edges: readonly number[];
  /** Share of the training rows in each bin (`edges.length + 1`), and of those without a value as the last entry. */
  readonly shares: readonly number[];
}

/** Steps of the quantiles: a multiple of ten, so that the deciles are among them. */
const STEPS = 60;
const BINS = 10;
/** Smallest share in the stability index: an empty bin must not make it infinite. */
const SHARE_MIN = 1e-4;

/** Describes one column of training values; NaN is a missing value. */
export function describeFeature(name: string, values: Float64Array): FeatureReference {
  const quantiles = quantilesOf(finiteOf(values));
  const deciles = quantiles.filter((_, k) => k % (STEPS / BINS) === 0).slice(1, -1);
  const edges = deciles.filter((edge, k) => k === 0 || edge > deciles[k - 1]!);
  return { name, quantiles, edges, shares: binShares(edges, values) };
}

/**
 * Values at equal shares, linear between neighbours. Only what they lie between is put in order: sorting 43 columns of
 * 2.6 million values took 20 of the 33 s of describing them.
 */
function quantilesOf(values: Float64Array): number[] {
  const { length } = values;
  if (length === 0) return [];
  const at = Array.from({ length: STEPS + 1 }, (_, k) => (k / STEPS) * (length - 1));
  const neighbours = at.flatMap((place) => [Math.floor(place), Math.min(length - 1, Math.floor(place) + 1)]);
  const known = valuesAt(values, neighbours);
  return at.map((place, k) => {
    const [below, above] = [known[2 * k]!, known[2 * k + 1]!];
    return below + (place - Math.floor(place)) * (above - below);
  });
}

function finiteOf(values: Float64Array): Float64Array {
  const finite = new Float64Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i])) finite[count++] = values[i]!;
  return finite.subarray(0, count);
}

/** Shares of `values` in the bins of `edges` (a value at an edge belongs below it), those without a value last. */
function binShares(edges: readonly number[], values: Float64Array): number[] {
  const counts = new Array<number>(edges.length + 2).fill(0);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    let bin = edges.length + 1;
    if (Number.isFinite(value)) {
      bin = 0;
      while (bin < edges.length && value > edges[bin]!) bin++;
    }
    counts[bin]! += 1;
  }
  return counts.map((count) => count / Math.max(1, values.length));
}

/**
 * Population stability index of `values` against the training rows: the sum over bins of (p - q) ln(p / q), that is the
 * Jeffreys divergence (Jeffreys 1946; Siddiqi, "Credit Risk Scorecards", 2006). 0 for the same distribution.
 */
export function stabilityIndex({ edges, shares }: FeatureReference, values: Float64Array): number {
  const found = binShares(edges, values);
  let index = 0;
  shares.forEach((share, bin) => {
    const expected = Math.max(share, SHARE_MIN);
    const actual = Math.max(found[bin]!, SHARE_MIN);
    index += (actual - expected) * Math.log(actual / expected);
  });
  return index;
}

/**
 * Kolmogorov-Smirnov distance of `values` from the training rows: the largest difference of the two distribution
 * functions, the training one from its stored quantiles (known to 1/120). Missing values are left out; 0 where either
 * side has none.
 */
export function kolmogorovSmirnov({ quantiles }: FeatureReference, values: Float64Array): number {
  const sorted = sortedValues(finiteOf(values));
  if (sorted.length === 0 || quantiles.length === 0) return 0;
  let distance = 0;
  for (let from = 0; from < sorted.length;) {
    const value = sorted[from]!;
    let to = from;
    while (to < sorted.length && sorted[to] === value) to++;
    const below = Math.abs(from / sorted.length - shareUpTo(quantiles, value, false));
    const upTo = Math.abs(to / sorted.length - shareUpTo(quantiles, value, true));
    distance = Math.max(distance, below, upTo);
    from = to;
  }
  return distance;
}

/** Share of training values below `value`, or up to and including it, from their quantiles. */
function shareUpTo(quantiles: readonly number[], value: number, inclusive: boolean): number {
  let low = 0;
  let high = quantiles.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const before = inclusive ? quantiles[middle]! <= value : quantiles[middle]! < value;
    if (before) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return 0;
  if (low === quantiles.length) return 1;
  const [left, right] = [quantiles[low - 1]!, quantiles[low]!];
  // A step of a discrete feature lies at the value, not between it and the next one.
  const part = left === value ? 0 : (value - left) / (right - left);
  return (low - 1 + part) / (quantiles.length - 1);
}
