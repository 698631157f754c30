import type { Dataset } from '../dataset.ts';
import { fitScaler, type Scaler } from '../ensemble/scaler.ts';
import { quantile } from '../scores/block-bootstrap.ts';

/** How far the training rows lie from their centre; plain data. */
export interface NoveltyReference {
  readonly scaler: Scaler;
  /** Lower triangle, row by row, of the Cholesky factor of the shrunk covariance of scaled training rows. */
  readonly factor: readonly number[];
  /** Distances of training rows at equal shares from 0 to 1, ascending. */
  readonly distances: readonly number[];
}

type Rows = Pick<Dataset, 'x' | 'rows' | 'width'>;

/** Rows above this share of the training rows' distances are called novel: one in a hundred training rows is. */
export const NOVEL_ABOVE = 0.99;
/** Distances kept: a share is known to half a percent. */
const DISTANCES = 201;
/** Rows used at most, evenly spread: 5,000 determine 100 features well. */
const ROWS_MAX = 5_000;
/** Weight of the diagonal: covariances of nearly equal features must not make every new row look far away. */
const SHRINKAGE = 0.1;
/** Robust deviations beyond which a value counts as just that far. */
const SCALED_MAX = 50;

/**
 * Fits the novelty measure to training rows: Mahalanobis distance (Mahalanobis 1936) over robustly scaled features, missing values at
 * their centre, covariance shrunk to its diagonal. Null for fewer than three rows per feature.
 */
export function fitNovelty(data: Rows): NoveltyReference | null {
  const { width } = data;
  const used = Math.min(data.rows, ROWS_MAX);
  if (width === 0 || used < 3 * width || used < 30) return null;
  const scaler = fitScaler(data);
  const rows = Float64Array.from({ length: used }, (_, k) => Math.floor((k * data.rows) / used));
  const scaled = Array.from(rows, (row) => scaledRow(scaler, data.x, row * width));
  const factor = choleskyOf(shrunkCovariance(scaled, width), width);
  const all = Float64Array.from(scaled, (row) => distanceOf(factor, row)).sort();
  const distances = Array.from({ length: DISTANCES }, (_, k) => quantile(all, k / (DISTANCES - 1)));
  return { scaler, factor, distances };
}

/** Share of training rows, 0 to 1, that lie nearer to their centre than each row of `data`: 0.5 is usual, 1 beyond all of them. */
export function noveltyOf(reference: NoveltyReference, data: Rows): Float64Array {
  const { distances } = reference;
  return distancesOf(reference, data).map((distance) => shareBelow(distances, distance));
}

/** Distance of each row from the training centre: about 1 on average for rows like the training rows. */
export function distancesOf({ scaler, factor }: NoveltyReference, data: Rows): Float64Array {
  return Float64Array.from({ length: data.rows }, (_, row) =>
    distanceOf(factor, scaledRow(scaler, data.x, row * data.width)),
  );
}

function scaledRow(scaler: Scaler, x: Float64Array, from: number): Float64Array {
  return Float64Array.from(scaler.center, (center, column) => {
    const value = (x[from + column]! - center) * scaler.factor[column]!;
    if (Number.isNaN(value)) return 0;
    return Math.max(-SCALED_MAX, Math.min(SCALED_MAX, value));
  });
}

/** Covariance about the scaler's centre, off-diagonal entries shrunk; features that never vary keep a variance of 1. */
function shrunkCovariance(rows: readonly Float64Array[], width: number): Float64Array {
  const sums = new Float64Array(width * width);
  for (const row of rows) {
    for (let i = 0; i < width; i++) {
      const value = row[i]!;
      if (value === 0) continue;
      for (let j = 0; j <= i; j++) sums[i * width + j]! += value * row[j]!;
    }
  }
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < i; j++) sums[i * width + j]! *= (1 - SHRINKAGE) / rows.length;
    const variance = sums[i * width + i]! / rows.length;
    sums[i * width + i] = variance > 0 ? variance : 1;
  }
  return sums;
}

function choleskyOf(a: Float64Array, width: number): number[] {
  const factor: number[] = [];
  const at = (i: number, j: number): number => factor[(i * (i + 1)) / 2 + j]!;
  for (let i = 0; i < width; i++) {
    for (let j = 0; j <= i; j++) {
      let value = a[i * width + j]!;
      for (let k = 0; k < j; k++) value -= at(i, k) * at(j, k);
      factor.push(i === j ? Math.sqrt(Math.max(value, 1e-12)) : value / at(j, j));
    }
  }
  return factor;
}

/** Root mean square of the whitened row. */
function distanceOf(factor: readonly number[], row: Float64Array): number {
  const solved = new Float64Array(row.length);
  let squares = 0;
  for (let i = 0; i < row.length; i++) {
    const from = (i * (i + 1)) / 2;
    let value = row[i]!;
    for (let k = 0; k < i; k++) value -= factor[from + k]! * solved[k]!;
    solved[i] = value / factor[from + i]!;
    squares += solved[i]! ** 2;
  }
  return Math.sqrt(squares / row.length);
}

/** Position of `value` among ascending quantiles, linear between neighbours. */
function shareBelow(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return 0;
  if (low === sorted.length) return 1;
  const span = sorted[low]! - sorted[low - 1]!;
  const part = span > 0 ? (value - sorted[low - 1]!) / span : 1;
  return (low - 1 + part) / (sorted.length - 1);
}
