import type { Bar } from '../bar.ts';
import type { BarFeature, BarKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { RollingSum } from '../rolling/rolling-sum.ts';
import { Ema } from './ema.ts';

class ForceIndex implements BarKernel {
  readonly ema: Ema;
  previous = NaN;

  constructor(n: number) {
    this.ema = new Ema(n);
  }

  next(bar: Bar): number {
    const { previous } = this;
    this.previous = bar.close;
    return previous === previous ? this.ema.next((bar.close - previous) * bar.volume) : NaN;
  }
}

export const force: BarFeature = {
  name: 'force',
  version: 1,
  source: 'Force index, Alexander Elder (1993): EMA(n) of change of the close x volume, from the second bar on.',
  inputs: 'bar',
  parameters: [period('n', 13)],
  warmUp: ([n]) => n!,
  create: ([n]) => new ForceIndex(n!),
};

class VolumeRatio implements BarKernel {
  readonly n: number;
  readonly sum: RollingSum;
  count = 0;

  constructor(n: number) {
    this.n = n;
    this.sum = new RollingSum(n);
  }

  next({ volume }: Bar): number {
    const sum = this.sum.push(volume);
    if (this.count < this.n) this.count += 1;
    if (this.count < this.n) return NaN;
    return sum > 0 ? (volume * this.n) / sum : 1;
  }
}

export const volumeRatio: BarFeature = {
  name: 'volumeratio',
  version: 1,
  source: 'Volume / mean volume of the last n bars, this one included; 1 where there was none.',
  inputs: 'bar',
  parameters: [period('n', 20)],
  warmUp: ([n]) => n! - 1,
  create: ([n]) => new VolumeRatio(n!),
};
