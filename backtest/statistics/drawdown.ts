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

/** A fall from a highest value until that value is reached again; marks by their index. */
export interface DrawdownPeriod {
  /** The last mark at the highest value. */
  readonly peak: number;
  readonly trough: number;
  /** The first mark at or above that value; null where it was not reached again. */
  readonly recovered: number | null;
  /** A fraction below 0. */
  readonly depth: number;
}

/** Every fall of `values` (positive) below what was reached before, in their order. They share no mark but ends. */
export function drawdownPeriods(values: ArrayLike<number>): DrawdownPeriod[] {
  const periods: DrawdownPeriod[] = [];
  let peak = 0;
  let trough: number | null = null;
  const end = (recovered: number | null): void => {
    if (trough !== null) periods.push({ peak, trough, recovered, depth: values[trough]! / values[peak]! - 1 });
    trough = null;
  };
  for (let mark = 1; mark < values.length; mark++) {
    if (values[mark]! >= values[peak]!) {
      end(mark);
      peak = mark;
    } else if (trough === null || values[mark]! < values[trough]!) trough = mark;
  }
  end(null);
  return periods;
}
