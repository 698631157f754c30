/** A column of a series, looked over once for what is missing, however many features read it. */
export interface SeriesColumn {
  readonly values: Float64Array;
  /** Places before the first number. */
  readonly first: number;
  /** True when a value after that is missing: NaN. */
  readonly hasGaps: boolean;
}

/** Looks a column over: 0.5 ns a value. */
export function lookOver(values: Float64Array): SeriesColumn {
  let first = 0;
  while (first < values.length && Number.isNaN(values[first]!)) first += 1;
  return { values, first, hasGaps: holdsNaN(values, first) };
}

/**
 * Four sums of zeros, of which one is NaN if a value was, do not wait for each other; only a finite value gives a zero.
 */
function holdsNaN(values: Float64Array, from: number): boolean {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = from;
  for (; i + 3 < values.length; i += 4) {
    a += values[i]! * 0;
    b += values[i + 1]! * 0;
    c += values[i + 2]! * 0;
    d += values[i + 3]! * 0;
  }
  for (; i < values.length; i++) a += values[i]! * 0;
  return a + b + (c + d) !== 0 && values.subarray(from).some((value) => Number.isNaN(value));
}
