import type { Dataset } from '../dataset.ts';
import { sortedValues } from '../estimators/trees/sorted-values.ts';
import { quantile } from '../scores/block-bootstrap.ts';

/** Centre and scale of each feature, fitted on training rows only. Plain data. */
export interface Scaler {
  readonly kind: 'robust' | 'standard';
  readonly center: readonly number[];
  /** Multiplier: 1 / spread, 0 for a feature that never varied. */
  readonly factor: readonly number[];
}

/** Scaled features are clipped here: one crash must not decide a network's activations. */
export const CLIP = 6;

/** Interquartile range of a standard normal variable: makes the robust scale comparable to a standard deviation. */
const NORMAL_IQR = 1.3489795003921634;

type Rows = Pick<Dataset, 'x' | 'rows' | 'width'>;

function moments(values: Float64Array): { mean: number; deviation: number } {
  let mean = 0;
  for (const value of values) mean += value / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  const deviation = Math.sqrt(squares / Math.max(1, values.length - 1));
  return { mean, deviation: deviation > 1e-12 * Math.abs(mean) ? deviation : 0 };
}

/**
 * Fits a scaler: `robust` centres on the median and divides by the interquartile range over 1.349 (by the standard deviation where
 * that range is 0, as for flags); `standard` uses mean and sample deviation. Missing and infinite values are left out.
 */
export function fitScaler(data: Rows, kind: Scaler['kind'] = 'robust'): Scaler {
  const center: number[] = [];
  const factor: number[] = [];
  const values = new Float64Array(data.rows);
  for (let column = 0; column < data.width; column++) {
    let count = 0;
    for (let row = 0; row < data.rows; row++) {
      const value = data.x[row * data.width + column]!;
      if (Number.isFinite(value)) values[count++] = value;
    }
    const sorted = sortedValues(values.subarray(0, count));
    const { mean, deviation } = moments(sorted);
    const iqr = kind === 'robust' && sorted.length > 0 ? quantile(sorted, 0.75) - quantile(sorted, 0.25) : 0;
    const spread = iqr > 0 && deviation > 0 ? iqr / NORMAL_IQR : deviation;
    center.push(sorted.length === 0 ? 0 : kind === 'robust' ? quantile(sorted, 0.5) : mean);
    factor.push(spread > 0 ? 1 / spread : 0);
  }
  return { kind, center, factor };
}

/** Scales `rows` rows of row-major `x` into `out` (`rows * width`, may be `x` itself). Missing values stay NaN. */
export function applyScaler(
  scaler: Scaler,
  x: Float64Array,
  rows: number,
  out = new Float64Array(x.length),
): Float64Array {
  const width = scaler.center.length;
  for (let row = 0; row < rows; row++) {
    const from = row * width;
    for (let column = 0; column < width; column++) {
      const value = (x[from + column]! - scaler.center[column]!) * scaler.factor[column]!;
      out[from + column] = value > CLIP ? CLIP : value < -CLIP ? -CLIP : value;
    }
  }
  return out;
}
