import type { Bar } from '../bar.ts';
import type { BarFeature, BarKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { Atr } from './atr.ts';

class Natr implements BarKernel {
  readonly atr: Atr;

  constructor(n: number) {
    this.atr = new Atr(n);
  }

  next(bar: Bar): number {
    const range = this.atr.next(bar);
    return bar.close === 0 ? range * 0 : (100 * range) / bar.close;
  }
}

export const natr: BarFeature = {
  name: 'natr',
  version: 1,
  source: 'Average true range in percent of the close; 0 at a close of 0.',
  inputs: 'bar',
  parameters: [period('n', 14)],
  warmUp: ([n]) => n!,
  create: ([n]) => new Natr(n!),
};

class RangeOverAtr implements BarKernel {
  readonly atr: Atr;

  constructor(n: number) {
    this.atr = new Atr(n);
  }

  next(bar: Bar): number {
    const range = this.atr.next(bar);
    if (range !== range) return NaN;
    return range > 0 ? (bar.high - bar.low) / range : 1;
  }
}

export const rangeOverAtr: BarFeature = {
  name: 'rangeatr',
  version: 1,
  source: 'Range of the bar, high - low, over the average true range; 1 where nothing moved.',
  inputs: 'bar',
  parameters: [period('n', 14)],
  warmUp: ([n]) => n!,
  create: ([n]) => new RangeOverAtr(n!),
};
