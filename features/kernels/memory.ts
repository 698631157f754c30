import { log } from '../arithmetic.ts';
import type { SeriesFeature, SeriesKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { Window } from '../rolling/window.ts';

/**
 * Slope of ln(mean squared change over t bars) against ln t is 2H: 1 for a random walk, 0 for noise, 2 for a straight
 * line.
 */
class Hurst implements SeriesKernel {
  readonly window: Window;
  readonly lags: Float64Array;
  readonly weights: Float64Array;

  constructor(n: number) {
    this.window = new Window(n);
    const lags: number[] = [];
    for (let t = 1; t <= n / 4; t *= 2) lags.push(t);
    this.lags = Float64Array.from(lags);
    const logs = lags.map(log);
    const mean = logs.reduce((sum, x) => sum + x, 0) / logs.length;
    const spread = logs.reduce((sum, x) => sum + (x - mean) * (x - mean), 0);
    this.weights = Float64Array.from(logs, (x) => (x - mean) / spread);
  }

  next(x: number): number {
    if (!this.window.push(x > 0 ? log(x) : 0)) return NaN;
    const { values, start, length } = this.window;
    let slope = 0;
    for (let k = 0; k < this.lags.length; k++) {
      const lag = this.lags[k]!;
      let sum = 0;
      for (let i = start + lag; i < start + length; i++) {
        const change = values[i]! - values[i - lag]!;
        sum += change * change;
      }
      if (!(sum > 0)) return 0.5;
      slope += this.weights[k]! * log(sum / (length - lag));
    }
    return slope / 2;
  }
}

export const hurst: SeriesFeature = {
  name: 'hurst',
  version: 1,
  source:
    'Generalised Hurst exponent for q = 2 (Di Matteo, 2007) of the logarithm over the last n values, lags 1, 2, 4 ... n / 4; 0.5 for a random walk and for a window in which some lag shows no change.',
  inputs: 'series',
  closeImplied: true,
  parameters: [period('n', 128, 16)],
  warmUp: ([n]) => n! - 1,
  create: ([n]) => new Hurst(n!),
};

class FractionalDifference implements SeriesKernel {
  readonly window: Window;
  readonly weights: Float64Array;

  constructor(d: number, n: number) {
    this.window = new Window(n);
    this.weights = new Float64Array(n);
    let weight = 1;
    for (let k = 0; k < n; k++) {
      if (k > 0) weight *= (k - 1 - d) / k;
      this.weights[n - 1 - k] = weight;
    }
  }

  next(x: number): number {
    if (!this.window.push(x)) return NaN;
    const { values, start, length } = this.window;
    let sum = 0;
    for (let i = 0; i < length; i++) sum += this.weights[i]! * values[start + i]!;
    return sum;
  }
}

export const fractionalDifference: SeriesFeature = {
  name: 'fracdiff',
  version: 1,
  source:
    'Fractional differencing of order d with a fixed window of n weights w[k] = -w[k-1] (d - k + 1) / k (Lopez de Prado, Advances in Financial Machine Learning, chapter 5).',
  inputs: 'series',
  closeImplied: false,
  parameters: [{ name: 'd', min: 0, max: 2, integer: false }, period('n', 100, 2)],
  warmUp: ([, n]) => n! - 1,
  create: ([d, n]) => new FractionalDifference(d!, n!),
};
