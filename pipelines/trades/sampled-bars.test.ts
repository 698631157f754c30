import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE_MS } from '../../features/timeframe.ts';
import { createBarColumns } from '../../features/bar.ts';
import { sampledFromBars, type Sampling } from './sampled-bars.ts';
import { readSampledTrades } from './trades-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'trades-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FROM_MS = Date.UTC(2024, 0, 2, 10);

interface Trade {
  readonly timeMs: number;
  readonly price: number;
  readonly size: number;
}

function fileOf(trades: readonly Trade[], name = 'X.csv'): string {
  const path = join(folder, name);
  writeFileSync(path, ['time,price,size', ...trades.map((t) => `${t.timeMs},${t.price},${t.size}`)].join('\n'));
  return path;
}

const trades = fc
  .array(
    fc.record({
      wait: fc.integer({ min: 0, max: 90_000 }),
      price: fc.integer({ min: 1, max: 500 }),
      size: fc.integer({ min: 1, max: 40 }),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((list): Trade[] => {
    let timeMs = FROM_MS;
    return list.map(({ wait, price, size }) => ({ timeMs: (timeMs += wait), price, size }));
  });
const samplings = fc.record<Sampling>({
  by: fc.constantFrom('ticks', 'volume', 'dollars'),
  size: fc.integer({ min: 1, max: 300 }),
});
const measure = (list: readonly Trade[], by: Sampling['by']): number =>
  list.reduce((sum, { price, size }) => sum + (by === 'ticks' ? 1 : by === 'volume' ? size : price * size), 0);

describe.each([0, MINUTE_MS])('bars by trading, looked at every %i ms', (cellMs) => {
  it('hold all that was traded, each enough and none too late, and nothing that comes later', async () => {
    await fc.assert(
      fc.asyncProperty(trades, samplings, async (list, sampling) => {
        const [made] = await readSampledTrades(fileOf(list), { sampling, cellMs });
        const { bars, ticks, rest } = made!;
        let from = 0;
        for (let i = 0; i < bars.length; i++) {
          const own = list.slice(from, from + ticks[i]!);
          const last = own.at(-1)!;
          expect(measure(own, sampling.by)).toBeGreaterThanOrEqual(sampling.size);
          // Known when its last trade is, and not before; without that trade's cell it was not full.
          expect(bars.closeTimeMs[i]!).toBeGreaterThanOrEqual(last.timeMs);
          expect(bars.closeTimeMs[i]! - last.timeMs).toBeLessThanOrEqual(cellMs);
          const before = own.filter(({ timeMs }) => cellMs > 0 && timeMs < bars.openTimeMs[i]!);
          const fuller = cellMs === 0 ? own.slice(0, -1) : before;
          expect(measure(fuller, sampling.by)).toBeLessThan(sampling.size);
          expect([bars.open[i], bars.close[i]]).toEqual([own[0]!.price, last.price]);
          expect([bars.high[i], bars.low[i]]).toEqual([
            Math.max(...own.map(({ price }) => price)),
            Math.min(...own.map(({ price }) => price)),
          ]);
          if (cellMs > 0 && i > 0) expect(bars.openTimeMs[i]!).toBeGreaterThanOrEqual(bars.closeTimeMs[i - 1]!);
          from += own.length;
        }
        const volume = bars.volume.reduce((sum, value) => sum + value, 0);
        expect(volume + rest.volume).toBe(measure(list, 'volume'));
        expect(from + rest.ticks).toBe(list.length);
      }),
      { numRuns: 60 },
    );
  });

  it('are the same however the file goes on', async () => {
    await fc.assert(
      fc.asyncProperty(trades, samplings, fc.nat(60), async (list, sampling, cut) => {
        const [whole] = await readSampledTrades(fileOf(list), { sampling, cellMs });
        const [part] = await readSampledTrades(fileOf(list.slice(0, 1 + (cut % list.length))), { sampling, cellMs });
        const { length } = part!.bars;
        for (const field of ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const) {
          expect(part!.bars[field]).toEqual(whole!.bars[field].slice(0, length));
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('a file of trades', () => {
  const read = (text: string, name = 'BTCUSDT.csv') => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return readSampledTrades(path, { sampling: { by: 'ticks', size: 1 }, cellMs: 0 });
  };

  it('may be a dump without a header, or hold several symbols under other names', async () => {
    const dump = '1,42000.5,0.5,21000.25,1704189600000,true,true\n2,42001,0.25,10500.25,1704189600001,false,true\n';
    const [made] = await read(dump);
    expect([made!.bars.symbol, [...made!.bars.close], [...made!.bars.volume]]).toEqual([
      'BTCUSDT',
      [42000.5, 42001],
      [0.5, 0.25],
    ]);
    const several = await read('Symbol;Timestamp;Price;Qty\nB;2024-01-02T10:00:00Z;5;1\nA;2024-01-02T09:00:00Z;4;2\n');
    expect(several.map(({ bars }) => [bars.symbol, bars.close[0]])).toEqual([
      ['A', 4],
      ['B', 5],
    ]);
  });

  it.each([
    ['', /the file is empty/],
    ['time,price,size\n', /no trades/],
    ['time,price\n1704189600000,5\n', /line 1: no column size/],
    ['time,pirce,size\n1704189600000,5,1\n', /line 1: no column price.*/],
    ['time,price,size\n1704189600000,5,1\n1704189600001,0,1\n', /line 3: price is "0", not a number above 0/],
    ['time,price,size\n1704189600000,5,-1\n', /line 2: size is "-1"/],
    ['time,price,size\n1704189600000,5,1e400\n', /line 2: size is "1e400"/],
    ['time,price,size\n1704189600000,5,1\n1704189599999,5,1\n', /line 3: .* comes after 2024-01-02T10:00:00.000Z/],
    ['time,price,size\n1704189600000,5,1\nsoon,5,1\n', /line 3: time "soon" is not a time/],
    ['time,price,size\n1704189600000,5\n', /line 2: size is ""/],
    ['time,price,size,symbol\n1704189600000,5,1,\n', /line 2: symbol is empty/],
  ])('is refused with its line: %j', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });
});

it('is made of finer bars that are not divided', () => {
  const finer = createBarColumns('A', 5);
  [3, 1, 5, 2, 2].forEach((volume, i) => {
    finer.openTimeMs[i] = i * MINUTE_MS;
    finer.closeTimeMs[i] = (i + 1) * MINUTE_MS;
    finer.open[i] = finer.close[i] = 10 + i;
    finer.high[i] = 20 + i;
    finer.low[i] = 5 - i;
    finer.volume[i] = volume;
  });
  const { bars, rest } = sampledFromBars(finer, { by: 'volume', size: 4 });
  expect([...bars.volume, rest.volume]).toEqual([4, 5, 4, 0]);
  expect([...bars.open]).toEqual([10, 12, 13]);
  expect([...bars.low]).toEqual([4, 3, 1]);
  expect([...bars.closeTimeMs]).toEqual([2, 3, 5].map((minutes) => minutes * MINUTE_MS));
});
