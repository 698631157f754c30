import type { Bar } from '../bar.ts';
import type { BarFeature, BarKernel } from '../kernel.ts';
import { multiple, period } from '../kernel.ts';
import { RollingHigh, RollingLow } from '../rolling/rolling-extreme.ts';
import { Atr } from './atr.ts';
import { Ema } from './ema.ts';

class Keltner implements BarKernel {
  readonly out = new Float64Array(3).fill(NaN);
  readonly k: number;
  readonly ema: Ema;
  readonly atr: Atr;

  constructor(ema: number, k: number, atr: number) {
    this.k = k;
    this.ema = new Ema(ema);
    this.atr = new Atr(atr);
  }

  next(bar: Bar): number {
    const middle = this.ema.next(bar.close);
    const width = this.k * this.atr.next(bar);
    if (!(middle === middle && width === width)) return NaN;
    this.out[0] = middle - width;
    this.out[1] = middle;
    this.out[2] = middle + width;
    return this.out[0];
  }
}

export const keltner: BarFeature = {
  name: 'keltner',
  version: 1,
  source: 'Keltner channel as by Linda Raschke: EMA(ema) of the close -+ k ATR(atr).',
  inputs: 'bar',
  parameters: [period('ema', 20), multiple('k', 2), period('atr', 10)],
  outputs: ['lower', 'middle', 'upper'],
  warmUp: ([ema, , atr]) => Math.max(ema! - 1, atr!),
  create: ([ema, k, atr]) => new Keltner(ema!, k!, atr!),
};

class Donchian implements BarKernel {
  readonly out = new Float64Array(3).fill(NaN);
  readonly n: number;
  readonly current: boolean;
  readonly highs: RollingHigh;
  readonly lows: RollingLow;
  high = NaN;
  low = NaN;
  count = 0;

  constructor(n: number, current: boolean) {
    this.n = n;
    this.current = current;
    this.highs = new RollingHigh(n);
    this.lows = new RollingLow(n);
  }

  next(bar: Bar): number {
    const { current, n, out, high, low } = this;
    this.high = this.highs.push(bar.high);
    this.low = this.lows.push(bar.low);
    if (this.count <= n) this.count += 1;
    if (this.count < (current ? n : n + 1)) return NaN;
    const top = current ? this.high : high;
    const bottom = current ? this.low : low;
    out[0] = bottom;
    out[1] = (bottom + top) / 2;
    out[2] = top;
    return bottom;
  }
}

export const donchian: BarFeature = {
  name: 'donchian',
  version: 1,
  source:
    'Donchian channel, Richard Donchian: lowest low and highest high of the n bars before this one, and their middle.',
  inputs: 'bar',
  parameters: [period('n', 20)],
  choices: [{ name: 'bars', values: ['previous', 'current'], meaning: 'end the window before this bar, or with it' }],
  outputs: ['lower', 'middle', 'upper'],
  warmUp: ([n], { bars }) => (bars === 'current' ? n! - 1 : n!),
  create: ([n], { bars }) => new Donchian(n!, bars === 'current'),
};

class Chandelier implements BarKernel {
  readonly out = new Float64Array(2).fill(NaN);
  readonly k: number;
  readonly atr: Atr;
  readonly highs: RollingHigh;
  readonly lows: RollingLow;

  constructor(n: number, k: number) {
    this.k = k;
    this.atr = new Atr(n);
    this.highs = new RollingHigh(n);
    this.lows = new RollingLow(n);
  }

  next(bar: Bar): number {
    const high = this.highs.push(bar.high);
    const low = this.lows.push(bar.low);
    const width = this.k * this.atr.next(bar);
    if (width !== width) return NaN;
    this.out[0] = high - width;
    this.out[1] = low + width;
    return this.out[0];
  }
}

export const chandelier: BarFeature = {
  name: 'chandelier',
  version: 1,
  source:
    'Chandelier exit, Charles Le Beau: highest high of n bars - k ATR(n) for a long, lowest low + k ATR(n) for a short position.',
  inputs: 'bar',
  parameters: [period('n', 22), multiple('k', 3)],
  outputs: ['long', 'short'],
  warmUp: ([n]) => n!,
  create: ([n, k]) => new Chandelier(n!, k!),
};
