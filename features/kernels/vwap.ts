import type { Bar } from '../bar.ts';
import type { BarFeature, BarKernel } from '../kernel.ts';
import { newYorkLocalMs } from '../new-york-clock.ts';
import { bucketStartMs, timeframeMs } from '../timeframe.ts';

class Vwap implements BarKernel {
  readonly spanMs: number;
  readonly newYork: boolean;
  bucketMs = 0;
  money = 0;
  volume = 0;

  /** Starts again with every bucket of `spanMs`, of New York's clock or of UTC's; never with 0. */
  constructor(spanMs: number, newYork: boolean) {
    this.spanMs = spanMs;
    this.newYork = newYork;
  }

  next(bar: Bar): number {
    if (this.spanMs > 0) {
      const { openTimeMs } = bar;
      const localMs = this.newYork ? newYorkLocalMs(openTimeMs) : openTimeMs;
      const bucket = bucketStartMs(localMs, this.spanMs);
      if (bucket !== this.bucketMs) {
        this.bucketMs = bucket;
        this.money = 0;
        this.volume = 0;
      }
    }
    const typical = (bar.high + bar.low + bar.close) / 3;
    this.money += typical * bar.volume;
    this.volume += bar.volume;
    return this.volume > 0 ? this.money / this.volume : typical;
  }
}

export const vwap: BarFeature = {
  name: 'vwap',
  version: 1,
  source:
    'Volume-weighted mean of (high + low + close) / 3 since the anchor; the typical price itself while no volume was traded.',
  inputs: 'bar',
  parameters: [],
  choices: [
    {
      name: 'anchor',
      values: ['first', 'day', 'week', 'newyork-day'],
      meaning: 'count from the first bar, from each UTC day, from each Monday, or from each day of New York',
    },
  ],
  warmUp: () => 0,
  create: (_, { anchor }) =>
    new Vwap(anchor === 'first' ? 0 : timeframeMs(anchor === 'week' ? '1w' : '1d')!, anchor === 'newyork-day'),
};
