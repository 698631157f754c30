/**
 * The deepest fall from a peak: a fraction at or below 0, and the marks it ran between (null when equity never fell).
 */
export interface Drawdown {
  readonly depth: number;
  /** Index of the peak before it. */
  readonly peak: number | null;
  /** Index of its lowest point. */
  readonly trough: number | null;
}

/** The deepest drawdown of `values` (positive); the earliest of equally deep ones. */
export function maximumDrawdown(values: ArrayLike<number>): Drawdown {
  let depth = 0;
  let peak: number | null = null;
  let trough: number | null = null;
  let highest = 0;
  for (let i = 1; i < values.length; i++) {
    if (values[i]! > values[highest]!) highest = i;
    const fall = values[i]! / values[highest]! - 1;
    if (fall < depth) {
      depth = fall;
      peak = highest;
      trough = i;
    }
  }
  return { depth, peak, trough };
}

/** Drawdown at every mark: value / highest so far - 1. */
export function drawdownSeries(values: ArrayLike<number>): Float64Array {
  const series = new Float64Array(values.length);
  let highest = -Infinity;
  for (let i = 0; i < values.length; i++) {
    highest = Math.max(highest, values[i]!);
    series[i] = values[i]! / highest - 1;
  }
  return series;
}
