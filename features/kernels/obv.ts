import type { Bar } from '../bar.ts';
import type { BarFeature, BarKernel } from '../kernel.ts';

/**
 * The sign of the change without a branch, which a market mispredicts half of the time: 5.5 to 1.2 ns a bar in batch.
 */
class Obv implements BarKernel {
  previous = NaN;
  value = 0;

  next(bar: Bar): number {
    const { close } = bar;
    this.value += bar.volume * (+(close > this.previous) - +(close < this.previous));
    this.previous = close;
    return this.value;
  }
}

export const obv: BarFeature = {
  name: 'obv',
  version: 1,
  source:
    'On-balance volume, Joseph Granville (1963): volume added on rising and taken off on falling closes; starts at 0.',
  inputs: 'bar',
  parameters: [],
  warmUp: () => 0,
  create: () => new Obv(),
  batch: (_, { close, volume, length }, [out]) => {
    let previous = NaN;
    let value = 0;
    for (let i = 0; i < length; i++) {
      const now = close[i]!;
      value += volume[i]! * (+(now > previous) - +(now < previous));
      previous = now;
      out![i] = value;
    }
  },
};
