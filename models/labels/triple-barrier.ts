import { isSpread } from '../scores/rounding.ts';
import type { BarColumns } from '../../features/bar.ts';
import { emptyLabels, type LabelColumns } from './label-columns.ts';

export interface TripleBarrierOptions {
  /** The vertical barrier, in bars. */
  readonly horizonBars: number;
  /** Distance of the horizontal barriers in multiples of one bar's volatility. */
  readonly upper: number;
  readonly lower: number;
  /** Bars whose simple returns measure that volatility; they end at the decision bar. */
  readonly volatilityBars: number;
}

/** Sample standard deviation of the last `bars` simple returns ending at each bar; NaN before there are as many. */
export function trailingVolatility(close: Float64Array, bars: number): Float64Array {
  const out = new Float64Array(close.length).fill(NaN);
  for (let i = bars; i < close.length; i++) {
    let sum = 0;
    for (let k = i - bars + 1; k <= i; k++) sum += close[k]! / close[k - 1]! - 1;
    const mean = sum / bars;
    let squares = 0;
    for (let k = i - bars + 1; k <= i; k++) squares += (close[k]! / close[k - 1]! - 1 - mean) ** 2;
    out[i] = Math.sqrt(squares / Math.max(1, bars - 1));
  }
  return out;
}

/**
 * The triple-barrier method (Lopez de Prado 2018, section 3.4): 1 when the upper barrier is touched first, 0 when the
 * lower one is, the sign of the return (zero counts as 0) when the vertical barrier comes first. Barriers stand at
 * `close x (1 + upper x volatility)` and `close x (1 - lower x volatility)` and are touched by a bar's high or low; a
 * bar that touches both counts as the lower one, since the order inside a bar is unknown and the worse one is assumed.
 * The label is known at the close of the touching bar. Bars without a volatility beyond rounding get none.
 */
export function tripleBarrierLabels(bars: BarColumns, options: TripleBarrierOptions): LabelColumns {
  const { horizonBars, upper, lower, volatilityBars } = options;
  const { high, low, close, length } = bars;
  const labels = emptyLabels(length);
  const volatility = trailingVolatility(close, volatilityBars);
  for (let i = 0; i < length; i++) {
    const sigma = volatility[i]!;
    if (!isSpread(sigma, 0)) {
      labels.impossible[i] = 1;
      continue;
    }
    const ceiling = close[i]! * (1 + upper * sigma);
    const floor = close[i]! * (1 - lower * sigma);
    for (let k = i + 1; k <= i + horizonBars && k < length; k++) {
      const down = low[k]! <= floor;
      const touched = down || high[k]! >= ceiling;
      if (!touched && k < i + horizonBars) continue;
      const up = touched ? !down : close[k]! > close[i]!;
      labels.y[i] = up ? 1 : 0;
      labels.endBar[i] = k;
      break;
    }
  }
  return labels;
}
