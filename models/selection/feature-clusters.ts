import type { Dataset } from '../dataset.ts';
import { averageRanks } from '../scores/information-coefficient.ts';

/** Rows that correlations are taken from: their standard error is then 0.016. */
const ROWS_MAX = 4_000;

/** Ranks less their mean and of length one, missing values in the middle; zeros for a feature that does not vary. */
function unitRanks({ x, rows, width }: Pick<Dataset, 'x' | 'rows' | 'width'>, column: number): Float64Array {
  const step = Math.max(1, Math.ceil(rows / ROWS_MAX));
  const count = Math.ceil(rows / step);
  const values = Float64Array.from({ length: count }, (_, k) => x[k * step * width + column]!);
  const ranks = averageRanks(values);
  let [sum, known] = [0, 0];
  for (let k = 0; k < count; k++) {
    if (Number.isNaN(values[k]!)) continue;
    sum += ranks[k]!;
    known++;
  }
  const centred = ranks.map((rank, k) => (Number.isNaN(values[k]!) ? 0 : rank - sum / known));
  const length = Math.sqrt(centred.reduce((total, value) => total + value * value, 0));
  return length > 1e-9 * count ? centred.map((value) => value / length) : centred.fill(0);
}

function likenessOf(data: Pick<Dataset, 'x' | 'rows' | 'width'>): Float64Array {
  const { width } = data;
  const columns = Array.from({ length: width }, (_, column) => unitRanks(data, column));
  const likeness = new Float64Array(width * width);
  for (let a = 0; a < width; a++) {
    for (let b = 0; b < a; b++) {
      const [left, right] = [columns[a]!, columns[b]!];
      let product = 0;
      for (let k = 0; k < left.length; k++) product += left[k]! * right[k]!;
      likeness[a * width + b] = likeness[b * width + a] = Math.abs(product);
    }
  }
  return likeness;
}

/** The two clusters that are most alike, where they are alike enough; of equals the first. */
function mostAlike(clusters: readonly unknown[], between: (a: number, b: number) => number, least: number) {
  let found: { readonly a: number; readonly b: number; readonly likeness: number } | null = null;
  for (let b = 1; b < clusters.length; b++) {
    for (let a = 0; a < b; a++) {
      const likeness = between(a, b);
      if (likeness >= least && likeness > (found?.likeness ?? -1)) found = { a, b, likeness };
    }
  }
  return found;
}

/**
 * Groups of features that say much the same: complete linkage over absolute rank correlations, so that any two of a
 * group have at least `correlation`.
 * @returns columns, by group in the order of its first feature; in a group the one most like the others comes first
 */
export function featureClusters(data: Pick<Dataset, 'x' | 'rows' | 'width'>, correlation: number): number[][] {
  const { width } = data;
  const likeness = likenessOf(data);
  // Likeness of clusters, at the places of their first features: the least over their pairs.
  const linked = likeness.slice();
  const clusters = Array.from({ length: width }, (_, column) => [column]);
  const at = (a: number, b: number): number => clusters[a]![0]! * width + clusters[b]![0]!;
  const least = correlation - 1e-12;
  for (;;) {
    const pair = mostAlike(clusters, (a, b) => linked[at(a, b)]!, least);
    if (pair === null) break;
    for (let other = 0; other < clusters.length; other++) {
      const joined = Math.min(linked[at(pair.a, other)]!, linked[at(pair.b, other)]!);
      linked[at(pair.a, other)] = linked[at(other, pair.a)] = joined;
    }
    const [gone] = clusters.splice(pair.b, 1);
    clusters[pair.a] = [...clusters[pair.a]!, ...gone!];
  }
  const nearness = (column: number, cluster: readonly number[]): number =>
    cluster.reduce((sum, other) => sum + likeness[column * width + other]!, 0);
  return clusters.map((cluster) => [...cluster].sort((a, b) => nearness(b, cluster) - nearness(a, cluster) || a - b));
}
