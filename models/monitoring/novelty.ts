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
 * Fits the novelty measure to training rows: Mahalanobis distance (Mahalanobis 1936) over robustly scaled features,
 * missing values at their centre, covariance shrunk to its diagonal. Null for fewer than three rows per feature.
 * `fitted` is the robust scaler of these rows, where the caller has it.
 */
export function fitNovelty(data: Rows, fitted?: Scaler): NoveltyReference | null {
  const { width } = data;
  const used = Math.min(data.rows, ROWS_MAX);
  if (width === 0 || used < 3 * width || used < 30) return null;
  const scaler = fitted ?? fitScaler(data);
  const scaled = new Float64Array(used * width);
  for (let k = 0; k < used; k++) {
    const row = Math.floor((k * data.rows) / used);
    scaleRow(scaler, { x: data.x, from: row * width }, { x: scaled, from: k * width });
  }
  const factor = choleskyOf(shrunkCovariance(scaled, width), width);
  const all = new Float64Array(used);
  const solved = new Float64Array(width);
  for (let k = 0; k < used; k++) all[k] = distanceOf(factor, { x: scaled, from: k * width }, solved);
  all.sort();
  const distances = Array.from({ length: DISTANCES }, (_, k) => quantile(all, k / (DISTANCES - 1)));
  return { scaler, factor, distances };
}

/**
 * Share of training rows, 0 to 1, that lie nearer to their centre than each row of `data`: 0.5 is usual, 1 beyond all
 * of them.
 */
export function noveltyOf(reference: NoveltyReference, data: Rows): Float64Array {
  const { distances } = reference;
  const shares = distancesOf(reference, data);
  for (let row = 0; row < shares.length; row++) shares[row] = shareBelow(distances, shares[row]!);
  return shares;
}

/** Distance of each row from the training centre: about 1 on average for rows like the training rows. */
export function distancesOf({ scaler, factor }: NoveltyReference, data: Rows): Float64Array {
  const { width } = data;
  const distances = new Float64Array(data.rows);
  const scaled = { x: new Float64Array(width), from: 0 };
  const solved = new Float64Array(width);
  for (let row = 0; row < data.rows; row++) {
    scaleRow(scaler, { x: data.x, from: row * width }, scaled);
    distances[row] = distanceOf(factor, scaled, solved);
  }
  return distances;
}

/** A row inside a matrix: no view is made of it, which would be an object for each row. */
interface RowAt {
  readonly x: Float64Array;
  readonly from: number;
}

function scaleRow({ center, factor }: Scaler, row: RowAt, into: RowAt): void {
  for (let column = 0; column < center.length; column++) {
    const value = (row.x[row.from + column]! - center[column]!) * factor[column]!;
    into.x[into.from + column] = Number.isNaN(value) ? 0 : Math.max(-SCALED_MAX, Math.min(SCALED_MAX, value));
  }
}

/** Covariance about the scaler's centre, off-diagonal entries shrunk; features that never vary keep a variance of 1. */
function shrunkCovariance(rows: Float64Array, width: number): Float64Array {
  const count = rows.length / width;
  const sums = new Float64Array(width * width);
  for (let from = 0; from < rows.length; from += width) {
    for (let i = 0; i < width; i++) {
      const value = rows[from + i]!;
      if (value === 0) continue;
      for (let j = 0; j <= i; j++) sums[i * width + j]! += value * rows[from + j]!;
    }
  }
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < i; j++) sums[i * width + j]! *= (1 - SHRINKAGE) / count;
    const variance = sums[i * width + i]! / count;
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

/** Root mean square of the whitened row; `solved` is scratch for it. */
function distanceOf(factor: readonly number[], row: RowAt, solved: Float64Array): number {
  const width = solved.length;
  let squares = 0;
  for (let i = 0; i < width; i++) {
    const from = (i * (i + 1)) / 2;
    let value = row.x[row.from + i]!;
    for (let k = 0; k < i; k++) value -= factor[from + k]! * solved[k]!;
    solved[i] = value / factor[from + i]!;
    squares += solved[i]! ** 2;
  }
  return Math.sqrt(squares / width);
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
