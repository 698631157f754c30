import type { Bar } from '../bar.ts';
import type { BarFeature, BarKernel } from '../kernel.ts';
import { multiple, period } from '../kernel.ts';
import { Atr } from './atr.ts';

class SuperTrend implements BarKernel {
  readonly out = new Float64Array(2).fill(NaN);
  readonly k: number;
  readonly atr: Atr;
  upper = NaN;
  lower = NaN;
  rising = true;
  previousClose = NaN;

  constructor(n: number, k: number) {
    this.k = k;
    this.atr = new Atr(n);
  }

  next(bar: Bar): number {
    const width = this.k * this.atr.next(bar);
    const { previousClose } = this;
    this.previousClose = bar.close;
    if (width !== width) return NaN;
    const middle = (bar.high + bar.low) / 2;
    if (this.upper !== this.upper) {
      this.rising = bar.close >= middle;
      this.upper = middle + width;
      this.lower = middle - width;
    }
    if (middle + width < this.upper || previousClose > this.upper) this.upper = middle + width;
    if (middle - width > this.lower || previousClose < this.lower) this.lower = middle - width;
    this.rising = bar.close > (this.rising ? this.lower : this.upper);
    this.out[0] = this.rising ? this.lower : this.upper;
    this.out[1] = this.rising ? 1 : -1;
    return this.out[0];
  }
}

export const supertrend: BarFeature = {
  name: 'supertrend',
  version: 1,
  source:
    'SuperTrend, Olivier Seban: trailing bands of k ATR around the middle of the bar; direction 1 rising, -1 falling.',
  inputs: 'bar',
  parameters: [period('n', 10), multiple('k', 3)],
  outputs: ['line', 'direction'],
  warmUp: ([n]) => n!,
  create: ([n, k]) => new SuperTrend(n!, k!),
};
