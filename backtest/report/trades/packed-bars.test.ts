import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBarColumns, type BarColumns } from '../../../features/bar.ts';
import { DAY_MS, MINUTE_MS } from '../../../features/timeframe.ts';
import { FORMAT_SCRIPT } from '../script/format-script.ts';
import { PRICE_DATA_SCRIPT } from '../script/price-data-script.ts';
import { packBars, type PackedBars } from './packed-bars.ts';

interface Candle {
  readonly start: number;
  readonly end: number;
  readonly high: number;
  readonly low: number;
}

/** What the script of a page makes of its data. */
const { unpackBars, candlesOf } = runInNewContext(
  `${FORMAT_SCRIPT}${PRICE_DATA_SCRIPT};({ unpackBars, candlesOf })`,
) as {
  unpackBars(packed: PackedBars): Omit<BarColumns, 'symbol' | 'openTimeMs' | 'closeTimeMs'> & { timeMs: Float64Array };
  candlesOf(bars: unknown, from: number, to: number, each: number): Candle[];
};

const PRICES = ['open', 'high', 'low', 'close'] as const;

/** Bars of whole steps: each opens and closes some steps from the last close. */
function barsOf(moves: readonly (readonly number[])[], { start, tick }: { start: number; tick: number }): BarColumns {
  const bars = createBarColumns('AAA', moves.length);
  let last = start;
  let timeMs = Date.UTC(2020, 0, 1);
  moves.forEach(([gap, body, up, down, apart], at) => {
    const open = Math.max(1, last + gap!);
    const close = Math.max(1, open + body!);
    timeMs += apart! * MINUTE_MS;
    bars.closeTimeMs[at] = timeMs;
    bars.open[at] = open * tick;
    bars.close[at] = close * tick;
    bars.high[at] = (Math.max(open, close) + up!) * tick;
    bars.low[at] = Math.max(0, Math.min(open, close) - down!) * tick;
    last = close;
  });
  return bars;
}

describe('packed bars', () => {
  const step = fc.integer({ min: -3_000, max: 3_000 });
  const size = fc.integer({ min: 0, max: 5_000 });
  const moves = fc.array(fc.tuple(step, step, size, size, fc.integer({ min: 1, max: 10_000 })), {
    minLength: 1,
    maxLength: 60,
  });

  it('are unpacked as they were: times exactly, prices to what is shown of them', () => {
    fc.assert(
      fc.property(
        moves,
        fc.integer({ min: 1, max: 1e6 }),
        fc.constantFrom(1, 0.01, 0.25, 1e-6),
        (made, start, tick) => {
          const bars = barsOf(made, { start, tick });
          const found = unpackBars(packBars(bars));
          expect(Array.from(found.timeMs)).toEqual(Array.from(bars.closeTimeMs));
          for (const name of PRICES) {
            for (let at = 0; at < bars.length; at++) {
              expect(Math.abs(found[name][at]! - bars[name][at]!)).toBeLessThan(tick / 1e3);
            }
          }
        },
      ),
    );
  });

  it.each([
    ['adjusted prices with many digits', 0.1 * Math.PI],
    ['coins of tiny worth', Math.PI * 1e-12],
    ['prices beyond whole numbers', Math.PI * 1e16],
  ])('keep seven digits of %s', (_, tick) => {
    const bars = barsOf(
      [
        [0, 5, 1, 2, 1],
        [3, -2, 4, 1, 2],
        [-4, 6, 0, 0, 1_440],
      ],
      { start: 100, tick },
    );
    const found = unpackBars(packBars(bars));
    for (const name of PRICES) {
      for (let at = 0; at < bars.length; at++) {
        expect(Math.abs(found[name][at]! / bars[name][at]! - 1)).toBeLessThan(1e-6);
      }
    }
  });

  it('repeat the last close where a price is no number, and may be none at all', () => {
    const bars = barsOf(
      [
        [0, 0, 1, 1, 1],
        [1, 1, 1, 1, 1],
      ],
      { start: 10, tick: 1 },
    );
    bars.open[1] = NaN;
    bars.low[1] = NaN;
    expect(Array.from(unpackBars(packBars(bars)).open)).toEqual([10, 10]);
    expect(unpackBars(packBars(createBarColumns('NONE', 0))).timeMs).toHaveLength(0);
  });

  it('take about seven characters a minute', () => {
    const minutes = Array.from({ length: 20_000 }, (_, at) => [at % 3, (at % 7) - 3, at % 4, at % 5, 1]);
    const { text } = packBars(barsOf(minutes, { start: 100_000, tick: 0.01 }));
    expect(text.length / 20_000).toBeLessThan(8);
  });

  it('are drawn by stretches that keep every high and low', () => {
    const made = Array.from({ length: 1_000 }, (_, at) => [at % 3, (at % 7) - 3, at % 4, at % 5, 1]);
    const bars = barsOf(made, { start: 1_000, tick: 0.01 });
    bars.high[777] = 99;
    bars.low[333] = 0.5;
    const candles = candlesOf(unpackBars(packBars(bars)), 100, 900, 7);
    expect(candles.length).toBeLessThan(120);
    expect(candles[0]!.start).toBe(98);
    expect(candles.map(({ start }) => start).slice(1)).toEqual(candles.map(({ end }) => end).slice(0, -1));
    expect(Math.max(...candles.map(({ high }) => high))).toBe(99);
    expect(Math.min(...candles.map(({ low }) => low))).toBe(0.5);
  });

  it('of days lie a day apart', () => {
    const bars = barsOf(
      [
        [0, 0, 1, 1, 1],
        [0, 0, 1, 1, 1_440],
        [0, 0, 1, 1, 3 * 1_440],
      ],
      { start: 50, tick: 1 },
    );
    expect(packBars(bars)).toMatchObject({ unitMs: MINUTE_MS, step: DAY_MS / MINUTE_MS, scale: 1 });
  });
});
