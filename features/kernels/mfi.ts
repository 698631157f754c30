import type { Bar, BarColumns } from '../bar.ts';
import type { BarFeature, BarKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { RollingSum } from '../rolling/rolling-sum.ts';

class Mfi implements BarKernel {
  private readonly n: number;
  private readonly up: RollingSum;
  private readonly down: RollingSum;
  private previous = NaN;
  private count = -1;

  constructor(n: number) {
    this.n = n;
    this.up = new RollingSum(n);
    this.down = new RollingSum(n);
  }

  next(bar: Bar): number {
    const typical = (bar.high + bar.low + bar.close) / 3;
    const flow = typical * bar.volume;
    const { previous } = this;
    this.previous = typical;
    if (this.count < this.n) this.count += 1;
    if (this.count === 0) return NaN;
    const up = this.up.push(flow * +(typical > previous));
    const total = up + this.down.push(flow * +(typical < previous));
    if (this.count < this.n) return NaN;
    return total > 0 ? (100 * up) / total : 50;
  }
}

/** Blocks of n bars from the second bar on, as `RollingSum` cuts them: suffix sums of the block before, running sums of this one. */
function mfiColumn(n: number, { high, low, close, volume, length }: BarColumns, out: Float64Array): void {
  const ups = new Float64Array(n + 1);
  const downs = new Float64Array(n + 1);
  const flowsUp = new Float64Array(n);
  const flowsDown = new Float64Array(n);
  let previous = length > 0 ? (high[0]! + low[0]! + close[0]!) / 3 : 0;
  for (let start = 1; start < length; start += n) {
    const end = Math.min(start + n, length);
    let up = 0;
    let down = 0;
    for (let i = start; i < end; i++) {
      const typical = (high[i]! + low[i]! + close[i]!) / 3;
      const flow = typical * volume[i]!;
      const flowUp = flow * +(typical > previous);
      const flowDown = flow * +(typical < previous);
      previous = typical;
      flowsUp[i - start] = flowUp;
      flowsDown[i - start] = flowDown;
      up += flowUp;
      down += flowDown;
      const rising = up + ups[i - start + 1]!;
      const total = rising + (down + downs[i - start + 1]!);
      out[i] = total > 0 ? (100 * rising) / total : 50;
    }
    up = 0;
    down = 0;
    for (let k = end - start - 1; k >= 0; k--) {
      up += flowsUp[k]!;
      down += flowsDown[k]!;
      ups[k] = up;
      downs[k] = down;
    }
  }
  out.fill(NaN, 0, Math.min(n, length));
}

export const mfi: BarFeature = {
  name: 'mfi',
  version: 1,
  source:
    'Money flow index, Quong and Soudack (1989): share in percent of the money flow of n bars that came on rising typical prices; 50 without any.',
  inputs: 'bar',
  parameters: [period('n', 14)],
  warmUp: ([n]) => n!,
  create: ([n]) => new Mfi(n!),
  batch: ([n], bars, [out]) => mfiColumn(n!, bars, out!),
};
