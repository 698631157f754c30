import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { DAY_MS } from '../../features/timeframe.ts';
import { createRandom } from '../../infra/random.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { QualityInspector } from './quality-inspector.ts';

const calendar = calendarNamed('crypto');

/** Whole ticks with what checks look for: a stretch that repeats, no volume, jumps the size of splits, holes. */
function spoiled(seed: number, price: number, volume: number): BarColumns {
  const random = createRandom(`spoiled ${seed}`);
  const days = Array.from({ length: 160 }, (_, day) => day).filter((day) => day % 50 !== 49);
  const bars = createBarColumns('X', days.length);
  let close = 50_000;
  days.forEach((day, row) => {
    const open = day === 70 ? close * 3 : day === 90 ? Math.round(close / 4) : close;
    if (day < 100 || day > 120) close = Math.max(100, open + Math.round(0.02 * open * random.normal()));
    const ticks = { open: day < 100 || day > 120 ? open : close, close };
    bars.openTimeMs[row] = day * DAY_MS;
    bars.closeTimeMs[row] = (day + 1) * DAY_MS;
    bars.open[row] = Number(`${ticks.open}e${price}`);
    bars.close[row] = Number(`${close}e${price}`);
    bars.high[row] = Math.max(bars.open[row]!, bars.close[row]!);
    bars.low[row] = Math.min(bars.open[row]!, bars.close[row]!);
    bars.volume[row] = day > 130 && day < 140 ? 0 : Number(`${1 + random.integer(900)}e${volume}`);
  });
  return bars;
}

function found(bars: BarColumns): unknown[] {
  const inspector = new QualityInspector({ calendar, timeframe: '1d', assetClass: 'crypto' });
  inspector.inspect(bars);
  return inspector.finish().findings.map(({ check, severity, openTimeMs, bars: count }) => {
    return [check, severity, openTimeMs, count];
  });
}

describe('checks of bars', () => {
  it('find the same at prices and volumes of any promised size', () => {
    const powers = fc.tuple(fc.integer({ min: -20, max: 11 }), fc.integer({ min: -18, max: 14 }));
    fc.assert(
      fc.property(fc.nat(99), powers, (seed, [price, volume]) => {
        const usual = found(spoiled(seed, -2, 0));
        expect(usual.length).toBeGreaterThan(4);
        expect(found(spoiled(seed, price, volume))).toEqual(usual);
      }),
      { numRuns: 60 },
    );
  });
});
