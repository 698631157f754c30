import type { Bar } from '../bar.ts';
import type { BarFeature, BarKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { RollingSum } from '../rolling/rolling-sum.ts';
import { Ema } from './ema.ts';

/** Volume times the close location value: what Chaikin's three indicators add up. */
function moneyFlow({ high, low, close, volume }: Bar): number {
  return high > low ? ((close - low - (high - close)) / (high - low)) * volume : 0;
}

class Adl implements BarKernel {
  value = 0;

  next(bar: Bar): number {
    return (this.value += moneyFlow(bar));
  }
}

export const adl: BarFeature = {
  name: 'adl',
  version: 1,
  source: 'Accumulation/distribution line, Marc Chaikin: running sum of close location value x volume.',
  inputs: 'bar',
  parameters: [],
  warmUp: () => 0,
  create: () => new Adl(),
};

class ChaikinOscillator implements BarKernel {
  readonly line = new Adl();
  readonly fast: Ema;
  readonly slow: Ema;

  constructor(fast: number, slow: number) {
    this.fast = new Ema(fast);
    this.slow = new Ema(slow);
  }

  next(bar: Bar): number {
    const line = this.line.next(bar);
    return this.fast.next(line) - this.slow.next(line);
  }
}

export const chaikin: BarFeature = {
  name: 'chaikin',
  version: 1,
  source: 'Chaikin oscillator: EMA(fast) - EMA(slow) of the accumulation/distribution line.',
  inputs: 'bar',
  parameters: [period('fast', 3), period('slow', 10)],
  check: ([fast, slow]) => (fast! < slow! ? null : 'fast must be shorter than slow'),
  warmUp: ([, slow]) => slow! - 1,
  create: ([fast, slow]) => new ChaikinOscillator(fast!, slow!),
};

class ChaikinMoneyFlow implements BarKernel {
  readonly n: number;
  readonly flow: RollingSum;
  readonly volume: RollingSum;
  count = 0;

  constructor(n: number) {
    this.n = n;
    this.flow = new RollingSum(n);
    this.volume = new RollingSum(n);
  }

  next(bar: Bar): number {
    const flow = this.flow.push(moneyFlow(bar));
    const volume = this.volume.push(bar.volume);
    if (this.count < this.n) this.count += 1;
    if (this.count < this.n) return NaN;
    return volume > 0 ? flow / volume : 0;
  }
}

export const cmf: BarFeature = {
  name: 'cmf',
  version: 1,
  source: 'Chaikin money flow: sum of close location value x volume / sum of volume, over n bars; 0 without volume.',
  inputs: 'bar',
  parameters: [period('n', 20)],
  warmUp: ([n]) => n! - 1,
  create: ([n]) => new ChaikinMoneyFlow(n!),
};
