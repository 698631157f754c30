import { emptyLabels, type LabelColumns } from './label-columns.ts';

/** Shortest window a slope's t-value is computed on: an intercept, a slope and one degree of freedom. */
const SHORTEST = 3;

/**
 * t-value of the slope of `close[from], ..., close[from + bars - 1]` on time, by least squares; +-Infinity for a
 * perfect line.
 */
export function slopeTValue(close: Float64Array, from: number, bars: number): number {
  const centre = (bars - 1) / 2;
  let mean = 0;
  for (let k = 0; k < bars; k++) mean += close[from + k]!;
  mean /= bars;
  let xy = 0;
  let xx = 0;
  for (let k = 0; k < bars; k++) {
    xy += (k - centre) * (close[from + k]! - mean);
    xx += (k - centre) ** 2;
  }
  const slope = xy / xx;
  let residual = 0;
  for (let k = 0; k < bars; k++) residual += (close[from + k]! - mean - slope * (k - centre)) ** 2;
  if (slope === 0) return 0;
  return slope / Math.sqrt(residual / (bars - 2) / xx);
}

/**
 * Trend scanning (Lopez de Prado 2020, section 5.4): of all windows of 3 to `horizonBars + 1` closes that start at the
 * decision bar, the one whose slope has the largest absolute t-value gives its sign: 1 up, 0 down or flat. A horizon of
 * one bar has no such window and uses the sign of the return. Every label is known only at the close of bar `i +
 * horizonBars`: which window wins depends on the longest of them.
 */
export function trendScanLabels(close: Float64Array, horizonBars: number): LabelColumns {
  const labels = emptyLabels(close.length);
  for (let i = 0; i + horizonBars < close.length; i++) {
    let best = horizonBars + 1 < SHORTEST ? close[i + horizonBars]! - close[i]! : 0;
    for (let bars = SHORTEST; bars <= horizonBars + 1; bars++) {
      const t = slopeTValue(close, i, bars);
      if (Math.abs(t) > Math.abs(best)) best = t;
    }
    labels.y[i] = best > 0 ? 1 : 0;
    labels.endBar[i] = i + horizonBars;
  }
  return labels;
}
