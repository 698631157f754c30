import { logRatio } from '../arithmetic.ts';
import type { Bar } from '../bar.ts';
import type { BarFeature, BarKernel, SeriesFeature, SeriesKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { RollingMoments } from '../rolling/rolling-moments.ts';
import { RollingSum } from '../rolling/rolling-sum.ts';

/** All are deviations per bar as fractions; nobody is made to guess how many bars a year has. */
const PER_BAR = 'per bar, not annualised';

class Realised implements SeriesKernel {
  readonly n: number;
  readonly moments: RollingMoments;
  previous = NaN;
  count = -1;

  constructor(n: number) {
    this.n = n;
    this.moments = new RollingMoments(n);
  }

  next(x: number): number {
    const { previous } = this;
    this.previous = x;
    if (this.count < this.n) this.count += 1;
    if (this.count === 0) return NaN;
    this.moments.push(logRatio(x, previous));
    return this.count < this.n ? NaN : Math.sqrt(this.moments.squares / (this.n - 1));
  }
}

export const realised: SeriesFeature = {
  name: 'realised',
  version: 1,
  source: `Realised volatility: sample standard deviation of n logarithmic returns, ${PER_BAR}.`,
  inputs: 'series',
  closeImplied: true,
  parameters: [period('n', 20, 2)],
  warmUp: ([n]) => n!,
  create: ([n]) => new Realised(n!),
};

/** Square root of the mean over n bars of an estimate of each bar's variance. */
class MeanVariance implements BarKernel {
  readonly n: number;
  readonly openToo: boolean;
  readonly sum: RollingSum;
  count = 0;

  constructor(n: number, openToo: boolean) {
    this.n = n;
    this.openToo = openToo;
    this.sum = new RollingSum(n);
  }

  next(bar: Bar): number {
    const range = logRatio(bar.high, bar.low);
    const move = this.openToo ? logRatio(bar.close, bar.open) : 0;
    const variance = this.openToo ? 0.5 * range * range - GARMAN_KLASS * move * move : (range * range) / PARKINSON;
    const sum = this.sum.push(variance);
    if (this.count < this.n) this.count += 1;
    return this.count < this.n ? NaN : Math.sqrt(Math.max(0, sum / this.n));
  }
}

/** 4 ln 2. */
const PARKINSON = 2.772588722239781;
/** 2 ln 2 - 1. */
export const GARMAN_KLASS = 0.3862943611198906;

export const parkinson: BarFeature = {
  name: 'parkinson',
  version: 1,
  source: `Range volatility, Michael Parkinson (1980): root of the mean of ln(high / low)^2 / (4 ln 2), ${PER_BAR}.`,
  inputs: 'bar',
  parameters: [period('n', 20)],
  warmUp: ([n]) => n! - 1,
  create: ([n]) => new MeanVariance(n!, false),
};

export const garmanKlass: BarFeature = {
  name: 'garmanklass',
  version: 1,
  source: `Garman and Klass (1980): root of the mean of ln(high / low)^2 / 2 - (2 ln 2 - 1) ln(close / open)^2, ${PER_BAR}.`,
  inputs: 'bar',
  parameters: [period('n', 20)],
  warmUp: ([n]) => n! - 1,
  create: ([n]) => new MeanVariance(n!, true),
};

class YangZhang implements BarKernel {
  readonly n: number;
  readonly share: number;
  readonly overnight: RollingMoments;
  readonly day: RollingMoments;
  readonly range: RollingSum;
  previousClose = NaN;
  count = -1;

  constructor(n: number) {
    this.n = n;
    this.share = 0.34 / (1.34 + (n + 1) / (n - 1));
    this.overnight = new RollingMoments(n);
    this.day = new RollingMoments(n);
    this.range = new RollingSum(n);
  }

  next({ open, high, low, close }: Bar): number {
    const { previousClose, n, share } = this;
    this.previousClose = close;
    if (this.count < n) this.count += 1;
    if (this.count === 0) return NaN;
    this.overnight.push(logRatio(open, previousClose));
    this.day.push(logRatio(close, open));
    const rogersSatchell = logRatio(high, close) * logRatio(high, open) + logRatio(low, close) * logRatio(low, open);
    const range = this.range.push(rogersSatchell) / n;
    if (this.count < n) return NaN;
    const variance = (this.overnight.squares + share * this.day.squares) / (n - 1) + (1 - share) * range;
    return Math.sqrt(Math.max(0, variance));
  }
}

export const yangZhang: BarFeature = {
  name: 'yangzhang',
  version: 1,
  source: `Yang and Zhang (2000): overnight variance + k open-to-close variance + (1 - k) Rogers-Satchell, k = 0.34 / (1.34 + (n + 1) / (n - 1)), ${PER_BAR}.`,
  inputs: 'bar',
  parameters: [period('n', 20, 2)],
  warmUp: ([n]) => n!,
  create: ([n]) => new YangZhang(n!),
};
