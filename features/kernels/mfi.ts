import type { Bar, BarColumns } from '../bar.ts';
import type { BarFeature, BarKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { RollingSum } from '../rolling/rolling-sum.ts';
import { chunkRows, sumChunk } from '../wasm/block-sums.ts';
import { advance, f64x2, i32, loopWhile, v128 } from '../wasm/instructions.ts';
import { compile, routine, scratch } from '../wasm/routine.ts';
import { TYPICAL_PRICES } from '../wasm/typical-prices.ts';

class Mfi implements BarKernel {
  readonly n: number;
  readonly up: RollingSum;
  readonly down: RollingSum;
  previous = NaN;
  count = -1;

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

/**
 * Money flow of two rows at a time, on rising and on falling typical prices; the price before the first row's precedes
 * `price`.
 */
const FLOWS = routine(
  { price: 'i32', volume: 'i32', ups: 'i32', downs: 'i32', end: 'i32' },
  { one: 'v128', now: 'v128', before: 'v128', flow: 'v128' },
  ({ price, volume, ups, downs, end, one, now, before, flow }) => [
    one.set(f64x2.of(1)),
    loopWhile(i32.lessThan(ups.get, end.get), [
      now.set(v128.load(price.get)),
      before.set(v128.load(i32.sub(price.get, i32.of(8)))),
      flow.set(f64x2.mul(now.get, v128.load(volume.get))),
      v128.store(ups.get, f64x2.mul(flow.get, v128.and(f64x2.greater(now.get, before.get), one.get))),
      v128.store(downs.get, f64x2.mul(flow.get, v128.and(f64x2.lessThan(now.get, before.get), one.get))),
      advance([price, volume, ups, downs], 16),
    ]),
  ],
);

/** The index of two rows at a time into `ups`, from the sums of flows inside and before their blocks. */
const FLOW_SHARES = routine(
  { ups: 'i32', upsBefore: 'i32', downs: 'i32', downsBefore: 'i32', end: 'i32' },
  { rising: 'v128', total: 'v128' },
  ({ ups, upsBefore, downs, downsBefore, end, rising, total }) =>
    loopWhile(i32.lessThan(ups.get, end.get), [
      rising.set(f64x2.add(v128.load(ups.get), v128.load(upsBefore.get))),
      total.set(f64x2.add(rising.get, f64x2.add(v128.load(downs.get), v128.load(downsBefore.get)))),
      v128.store(
        ups.get,
        v128.select(
          f64x2.div(f64x2.mul(f64x2.of(100), rising.get), total.get),
          f64x2.of(50),
          f64x2.greater(total.get, f64x2.of(0)),
        ),
      ),
      advance([ups, upsBefore, downs, downsBefore], 16),
    ]),
);

const { typicalPrices, flows, flowShares } = compile({
  typicalPrices: TYPICAL_PRICES,
  flows: FLOWS,
  flowShares: FLOW_SHARES,
});

/** Chunks of whole blocks of n from the second bar on, as `RollingSum` cuts them. 10.4 ns a bar in JavaScript, 8 so. */
function mfiColumn(n: number, { high, low, close, volume, length }: BarColumns, out: Float64Array): void {
  const rows = chunkRows(n);
  const { highs, lows, closes, prices, upsBefore, downsBefore } = scratch({
    highs: rows,
    lows: rows,
    closes: rows,
    prices: rows + 1,
    upsBefore: rows + n,
    downsBefore: rows + n,
  });
  upsBefore.values.fill(0, 0, n);
  downsBefore.values.fill(0, 0, n);
  if (length > 0) prices.values[0] = (high[0]! + low[0]! + close[0]!) / 3;
  for (let from = 1; from < length; from += rows) {
    const to = Math.min(from + rows, length);
    highs.values.set(high.subarray(from, to));
    lows.values.set(low.subarray(from, to));
    closes.values.set(close.subarray(from, to));
    typicalPrices(highs.at, lows.at, closes.at, prices.at + 8, prices.at + 8 * (to - from + 1));
    closes.values.set(volume.subarray(from, to));
    flows(prices.at + 8, closes.at, highs.at, lows.at, highs.at + 8 * (to - from));
    prices.values[0] = prices.values[rows]!;
    sumChunk(n, highs.at, { prefixes: closes, suffixes: upsBefore });
    sumChunk(n, lows.at, { prefixes: highs, suffixes: downsBefore });
    flowShares(closes.at, upsBefore.at, highs.at, downsBefore.at, closes.at + 8 * (to - from));
    out.set(closes.values.subarray(0, to - from), from);
    upsBefore.values.copyWithin(0, rows, rows + n);
    downsBefore.values.copyWithin(0, rows, rows + n);
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
