/**
 * A closed candle over `[openTimeMs, closeTimeMs)`, UTC milliseconds. It may be used only at or after `closeTimeMs`.
 */
export interface Bar {
  readonly openTimeMs: number;
  readonly closeTimeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Units of the instrument traded; 0 where the source has none. */
  readonly volume: number;
}

/**
 * The prices and volumes that features are promised for: 0, or from the first of these to the second (1 wei of a token
 * is 1e-18). There every value is finite and batch and stream agree; readers and quality checks refuse bars beyond.
 */
export const LEAST_MAGNITUDE = 1e-18;
export const GREATEST_MAGNITUDE = 1e18;

/** One symbol's bars as columns of equal length, ascending in `openTimeMs` without repeats: no object per bar. */
export interface BarColumns {
  readonly symbol: string;
  readonly length: number;
  readonly openTimeMs: Float64Array;
  readonly closeTimeMs: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

/** Columns of `length` zeros for `symbol`, to be filled in by the caller. */
export function createBarColumns(symbol: string, length: number): BarColumns {
  const column = (): Float64Array => new Float64Array(length);
  return {
    symbol,
    length,
    openTimeMs: column(),
    closeTimeMs: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
  };
}

/** The bars `[from, to)` of `bars`, sharing memory with it. */
export function sliceBarColumns(bars: BarColumns, from: number, to: number): BarColumns {
  return {
    symbol: bars.symbol,
    length: Math.max(0, Math.min(to, bars.length) - from),
    openTimeMs: bars.openTimeMs.subarray(from, to),
    closeTimeMs: bars.closeTimeMs.subarray(from, to),
    open: bars.open.subarray(from, to),
    high: bars.high.subarray(from, to),
    low: bars.low.subarray(from, to),
    close: bars.close.subarray(from, to),
    volume: bars.volume.subarray(from, to),
  };
}

/** The bars that have closed at `timeMs`, sharing memory with `bars`. */
export function barsClosedBy(bars: BarColumns, timeMs: number): BarColumns {
  let to = bars.length;
  while (to > 0 && bars.closeTimeMs[to - 1]! > timeMs) to--;
  return sliceBarColumns(bars, 0, to);
}

/** Bar `index` as an object, for edges and messages; loops read the columns. */
export function barAt(bars: BarColumns, index: number): Bar {
  return {
    openTimeMs: bars.openTimeMs[index]!,
    closeTimeMs: bars.closeTimeMs[index]!,
    open: bars.open[index]!,
    high: bars.high[index]!,
    low: bars.low[index]!,
    close: bars.close[index]!,
    volume: bars.volume[index]!,
  };
}
