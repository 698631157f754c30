import type { Dataset } from '../dataset.ts';
import { sortedValues, valuesAt } from '../estimators/trees/sorted-values.ts';
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

/** Of values in rising order. A sum of equal values is rounded more the more there are: their spread is none. */
function moments(values: Float64Array): { mean: number; deviation: number } {
  if (values[0] === values.at(-1)) return { mean: values[0] ?? 0, deviation: 0 };
  let mean = 0;
  for (const value of values) mean += value / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  const deviation = Math.sqrt(squares / Math.max(1, values.length - 1));
  return { mean, deviation: deviation > 1e-12 * Math.abs(mean) ? deviation : 0 };
}

/** As `quantile` of sorted values, from the two that it lies between. */
function between([below, above]: readonly [number, number], place: number): number {
  return below + (place - Math.floor(place)) * (above - below);
}

/**
 * Median and interquartile range without sorting and without a standard deviation, which only says whether a feature
 * varied at all: two values `iqr` apart among ten million make it at least `iqr / 4473`. Null where that does not
 * settle it.
 */
function spreadByQuartiles(values: Float64Array): { median: number; iqr: number } | null {
  const last = values.length - 1;
  if (last < 1 || last > 10_000_000) return null;
  const at = [0.25, 0.5, 0.75].map((q) => q * last);
  const places = at.flatMap((place) => [Math.floor(place), Math.min(last, Math.floor(place) + 1)]);
  const [low, high, a, b, c, d, e, f] = valuesAt(values, [0, last, ...places]) as [number, ...number[]];
  const iqr = between([e!, f!], at[2]!) - between([a!, b!], at[0]!);
  const varies = iqr > 1e-8 * Math.max(Math.abs(low), Math.abs(high!)) && iqr < Infinity;
  return varies ? { median: between([c!, d!], at[1]!), iqr } : null;
}

/**
 * Fits a scaler: `robust` centres on the median and divides by the interquartile range over 1.349 (by the standard
 * deviation where that range is 0, as for flags); `standard` uses mean and sample deviation. Missing and infinite
 * values are left out.
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
    const known = values.subarray(0, count);
    const quick = kind === 'robust' ? spreadByQuartiles(known) : null;
    if (quick !== null) {
      center.push(quick.median);
      factor.push(1 / (quick.iqr / NORMAL_IQR));
      continue;
    }
    const sorted = sortedValues(known);
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
  out: Float64Array = new Float64Array(x.length),
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
