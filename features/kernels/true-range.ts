import type { Bar } from '../bar.ts';
import type { BarFeature, BarKernel } from '../kernel.ts';

/**
 * max(high, previous close) - min(low, previous close): the largest of Wilder's three distances with one subtraction.
 * NaN at the first bar, which has no previous close.
 */
class TrueRange implements BarKernel {
  previousClose = NaN;

  next(bar: Bar): number {
    const previous = this.previousClose;
    this.previousClose = bar.close;
    return Math.max(bar.high, previous) - Math.min(bar.low, previous);
  }
}

export const trueRange: BarFeature = {
  name: 'truerange',
  version: 1,
  source: 'True range, Wilder (1978): largest of high - low, |high - previous close|, |low - previous close|.',
  inputs: 'bar',
  parameters: [],
  warmUp: () => 1,
  create: () => new TrueRange(),
};
