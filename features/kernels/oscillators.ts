import type { Bar } from '../bar.ts';
import type { BarFeature, BarKernel, SeriesFeature, SeriesKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { RollingSum } from '../rolling/rolling-sum.ts';
import { Ema } from './ema.ts';
import { Sma } from './sma.ts';

class UltimateOscillator implements BarKernel {
  readonly longest: number;
  readonly pressures: RollingSum[];
  readonly ranges: RollingSum[];
  previousClose = NaN;
  count = -1;

  constructor(periods: readonly number[]) {
    this.longest = Math.max(...periods);
    this.pressures = periods.map((n) => new RollingSum(n));
    this.ranges = periods.map((n) => new RollingSum(n));
  }

  next(bar: Bar): number {
    const low = Math.min(bar.low, this.previousClose);
    const range = Math.max(bar.high, this.previousClose) - low;
    const pressure = bar.close - low;
    this.previousClose = bar.close;
    if (this.count < this.longest) this.count += 1;
    if (this.count === 0) return NaN;
    let value = 0;
    for (let i = 0; i < 3; i++) {
      const pressures = this.pressures[i]!.push(pressure);
      const ranges = this.ranges[i]!.push(range);
      value += (i === 0 ? 4 : i === 1 ? 2 : 1) * (ranges > 0 ? pressures / ranges : 0.5);
    }
    return this.count < this.longest ? NaN : (100 * value) / 7;
  }
}

export const ultimate: BarFeature = {
  name: 'uo',
  version: 1,
  source:
    'Ultimate oscillator, Larry Williams (1976): buying pressure over true range of three lengths, weights 4, 2, 1; 50 where nothing moved.',
  inputs: 'bar',
  parameters: [period('a', 7), period('b', 14), period('c', 28)],
  check: ([a, b, c]) => (a! < b! && b! < c! ? null : 'the three lengths must rise'),
  warmUp: ([, , c]) => c!,
  create: (numbers) => new UltimateOscillator(numbers),
};

class Awesome implements BarKernel {
  readonly fast: Sma;
  readonly slow: Sma;

  constructor(fast: number, slow: number) {
    this.fast = new Sma(fast);
    this.slow = new Sma(slow);
  }

  next(bar: Bar): number {
    const middle = (bar.high + bar.low) / 2;
    return this.fast.next(middle) - this.slow.next(middle);
  }
}

export const awesome: BarFeature = {
  name: 'awesome',
  version: 1,
  source: 'Awesome oscillator, Bill Williams: SMA(fast) - SMA(slow) of the middle of the bar.',
  inputs: 'bar',
  parameters: [period('fast', 5), period('slow', 34)],
  check: ([fast, slow]) => (fast! < slow! ? null : 'fast must be shorter than slow'),
  warmUp: ([, slow]) => slow! - 1,
  create: ([fast, slow]) => new Awesome(fast!, slow!),
};

class Ppo implements SeriesKernel {
  readonly out = new Float64Array(3).fill(NaN);
  readonly fast: Ema;
  readonly slow: Ema;
  readonly signal: Ema;

  constructor(fast: number, slow: number, signal: number) {
    this.fast = new Ema(fast);
    this.slow = new Ema(slow);
    this.signal = new Ema(signal);
  }

  next(x: number): number {
    const fast = this.fast.next(x);
    const slow = this.slow.next(x);
    if (slow !== slow) return NaN;
    const line = slow === 0 ? 0 : (100 * (fast - slow)) / slow;
    const signal = this.signal.next(line);
    this.out[0] = line;
    this.out[1] = signal;
    this.out[2] = line - signal;
    return line;
  }
}

export const ppo: SeriesFeature = {
  name: 'ppo',
  version: 1,
  source: 'Percentage price oscillator: the MACD line in percent of the slow EMA, its EMA, and the difference.',
  inputs: 'series',
  closeImplied: true,
  parameters: [period('fast', 12), period('slow', 26), period('signal', 9)],
  outputs: ['line', 'signal', 'histogram'],
  check: ([fast, slow]) => (fast! < slow! ? null : 'fast must be shorter than slow'),
  warmUp: ([, slow, signal]) => slow! + signal! - 2,
  create: ([fast, slow, signal]) => new Ppo(fast!, slow!, signal!),
};

class Cmo implements SeriesKernel {
  readonly n: number;
  readonly up: RollingSum;
  readonly down: RollingSum;
  previous = 0;
  count = -1;

  constructor(n: number) {
    this.n = n;
    this.up = new RollingSum(n);
    this.down = new RollingSum(n);
  }

  next(x: number): number {
    const change = x - this.previous;
    this.previous = x;
    if (this.count < this.n) this.count += 1;
    if (this.count === 0) return NaN;
    const up = this.up.push(change > 0 ? change : 0);
    const down = this.down.push(change < 0 ? -change : 0);
    if (this.count < this.n) return NaN;
    return up + down > 0 ? (100 * (up - down)) / (up + down) : 0;
  }
}

export const cmo: SeriesFeature = {
  name: 'cmo',
  version: 1,
  source:
    'Chande momentum oscillator, Tushar Chande (1994): 100 (gains - losses) / (gains + losses) of n changes; 0 where nothing moved.',
  inputs: 'series',
  closeImplied: true,
  parameters: [period('n', 14)],
  warmUp: ([n]) => n!,
  create: ([n]) => new Cmo(n!),
};
