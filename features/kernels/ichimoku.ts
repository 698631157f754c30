import type { Bar } from '../bar.ts';
import type { BarFeature, BarKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { RollingHigh, RollingLow } from '../rolling/rolling-extreme.ts';
import { Lag } from './lag.ts';

/** Middle of the highest high and the lowest low of n bars. */
class MidRange implements BarKernel {
  readonly n: number;
  readonly highs: RollingHigh;
  readonly lows: RollingLow;
  count = 0;

  constructor(n: number) {
    this.n = n;
    this.highs = new RollingHigh(n);
    this.lows = new RollingLow(n);
  }

  next(bar: Bar): number {
    const middle = (this.highs.push(bar.high) + this.lows.push(bar.low)) / 2;
    if (this.count < this.n) this.count += 1;
    return this.count < this.n ? NaN : middle;
  }
}

class Ichimoku implements BarKernel {
  readonly out = new Float64Array(4).fill(NaN);
  readonly tenkan: MidRange;
  readonly kijun: MidRange;
  readonly senkou: MidRange;
  readonly lagA: Lag;
  readonly lagB: Lag;

  constructor(tenkan: number, kijun: number, senkouB: number) {
    this.tenkan = new MidRange(tenkan);
    this.kijun = new MidRange(kijun);
    this.senkou = new MidRange(senkouB);
    this.lagA = new Lag(kijun);
    this.lagB = new Lag(kijun);
  }

  next(bar: Bar): number {
    const tenkan = this.tenkan.next(bar);
    const kijun = this.kijun.next(bar);
    this.out[0] = tenkan;
    this.out[1] = kijun;
    this.out[2] = this.lagA.next((tenkan + kijun) / 2);
    this.out[3] = this.lagB.next(this.senkou.next(bar));
    return tenkan;
  }
}

export const ichimoku: BarFeature = {
  name: 'ichimoku',
  version: 1,
  source:
    'Ichimoku, Goichi Hosoda: middles of the range of tenkan, kijun and senkouB bars; the spans are those computed kijun bars ago. The lagging span shows future closes and is left out.',
  inputs: 'bar',
  parameters: [period('tenkan', 9), period('kijun', 26), period('senkouB', 52)],
  outputs: ['tenkan', 'kijun', 'senkouA', 'senkouB'],
  warmUp: ([tenkan, kijun, senkouB]) => Math.max(tenkan!, kijun!, senkouB!) - 1 + kijun!,
  create: ([tenkan, kijun, senkouB]) => new Ichimoku(tenkan!, kijun!, senkouB!),
};
