import type { Bar } from '../bar.ts';
import type { BarFeature, BarKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { RollingSum } from '../rolling/rolling-sum.ts';

class Vortex implements BarKernel {
  readonly out = new Float64Array(2).fill(NaN);
  readonly n: number;
  readonly plus: RollingSum;
  readonly minus: RollingSum;
  readonly range: RollingSum;
  count = -1;
  high = 0;
  low = 0;
  close = 0;

  constructor(n: number) {
    this.n = n;
    this.plus = new RollingSum(n);
    this.minus = new RollingSum(n);
    this.range = new RollingSum(n);
  }

  next(bar: Bar): number {
    const up = Math.abs(bar.high - this.low);
    const down = Math.abs(bar.low - this.high);
    const trueRange = Math.max(bar.high, this.close) - Math.min(bar.low, this.close);
    this.high = bar.high;
    this.low = bar.low;
    this.close = bar.close;
    if (this.count < this.n) this.count += 1;
    if (this.count === 0) return NaN;
    const plus = this.plus.push(up);
    const minus = this.minus.push(down);
    const range = this.range.push(trueRange);
    if (this.count < this.n) return NaN;
    this.out[0] = range > 0 ? plus / range : 1;
    this.out[1] = range > 0 ? minus / range : 1;
    return this.out[0];
  }
}

export const vortex: BarFeature = {
  name: 'vortex',
  version: 1,
  source:
    'Vortex indicator, Botes and Siepman (2010): sums of |high - previous low| and |low - previous high| over the sum of true ranges; 1 where nothing moved.',
  inputs: 'bar',
  parameters: [period('n', 14)],
  outputs: ['plus', 'minus'],
  warmUp: ([n]) => n!,
  create: ([n]) => new Vortex(n!),
};
