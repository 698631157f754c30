import { emptyLabels, type LabelColumns } from './label-columns.ts';

/**
 * Simple return close to close over `horizonBars` of the symbol's own bars: `close[i + h] / close[i] - 1`.
 * NaN for the last `horizonBars` bars, whose future is not there yet.
 */
export function forwardReturns(close: Float64Array, horizonBars: number): Float64Array {
  const returns = new Float64Array(close.length).fill(NaN);
  for (let i = 0; i + horizonBars < close.length; i++) returns[i] = close[i + horizonBars]! / close[i]! - 1;
  return returns;
}

/**
 * Class of the forward return: 1 when it is above zero, else 0. A return of exactly zero is 0, because a long position
 * earned nothing on it and paid its costs. The label is known at the close of bar `i + horizonBars`.
 */
export function forwardReturnLabels(close: Float64Array, horizonBars: number): LabelColumns {
  const labels = emptyLabels(close.length);
  for (let i = 0; i + horizonBars < close.length; i++) {
    labels.y[i] = close[i + horizonBars]! > close[i]! ? 1 : 0;
    labels.endBar[i] = i + horizonBars;
  }
  return labels;
}
