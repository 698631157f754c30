import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBarColumns, sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { MINUTE_MS, timeframeMs, type Timeframe } from '../../features/timeframe.ts';
import { createRandom } from '../../infra/random.ts';
import { calendarNamed } from './calendar-named.ts';
import type { Calendar } from './calendar.ts';
import { resampleBars } from './resample-bars.ts';

const VALUES = ['open', 'high', 'low', 'close', 'volume'] as const;

interface Walk {
  readonly seed: number;
  readonly calendar: Calendar;
  readonly size: Timeframe;
  readonly days: number;
  /** Share of the bars that are missing, as in a market that hardly trades. */
  readonly missing: number;
  readonly scale: number;
}

/** Around both changes of the clocks of 2024, half days and holidays. */
const STARTS = ['2024-03-07', '2024-10-31', '2024-11-27', '2024-12-23'].map((day) => Date.parse(day));

/** Bars of every trading day, by the wall clock of the market, cut at its close. */
function walkOf({ seed, calendar, size, days, missing, scale }: Walk): BarColumns {
  const random = createRandom(`joined ${seed}`);
  const slots: [number, number][] = [];
  const first = calendar.dayAt(STARTS[seed % STARTS.length]!);
  for (let day = first; day < first + days; day++) {
    const hours = calendar.hoursOf(day);
    if (hours === undefined) continue;
    for (let open = hours.openTimeMs; open < hours.closeTimeMs; open += timeframeMs(size)) {
      if (random.next() >= missing) slots.push([open, Math.min(open + timeframeMs(size), hours.closeTimeMs)]);
    }
  }
  const bars = createBarColumns('X', slots.length);
  slots.forEach(([openTimeMs, closeTimeMs], row) => {
    const [open, close] = [1 + random.integer(9_999), 1 + random.integer(9_999)];
    bars.openTimeMs[row] = openTimeMs;
    bars.closeTimeMs[row] = closeTimeMs;
    bars.open[row] = open * scale;
    bars.close[row] = close * scale;
    bars.high[row] = (Math.max(open, close) + random.integer(50)) * scale;
    bars.low[row] = Math.min(open, close) * scale;
    bars.volume[row] = random.integer(1_000) * scale;
  });
  return bars;
}

/** The same by another road: every row is asked for the bar it lies in, and bars are made of lists of rows. */
function grouped(bars: BarColumns, size: Timeframe, calendar: Calendar): number[][] {
  const groups = new Map<number, { end: number; rows: number[] }>();
  for (let row = 0; row < bars.length; row++) {
    const { openTimeMs, closeTimeMs } = calendar.hoursOf(calendar.dayAt(bars.openTimeMs[row]!))!;
    const minute = (bars.openTimeMs[row]! - openTimeMs) / MINUTE_MS;
    const length = size === '1d' ? Infinity : timeframeMs(size) / MINUTE_MS;
    const from = size === '1d' ? openTimeMs : openTimeMs + (minute - (minute % length)) * MINUTE_MS;
    const group = groups.get(from) ?? { end: Math.min(from + length * MINUTE_MS, closeTimeMs), rows: [] };
    group.rows.push(row);
    groups.set(from, group);
  }
  const made = [...groups].map(([from, { end, rows }]) => {
    const of = (field: (typeof VALUES)[number]): number[] => rows.map((row) => bars[field][row]!);
    const volume = of('volume').reduce((sum, value) => sum + value, 0);
    return [from, end, of('open')[0]!, Math.max(...of('high')), Math.min(...of('low')), of('close').at(-1)!, volume];
  });
  const startsLate = made.length > 0 && bars.openTimeMs[0]! > made[0]![0]!;
  const endsEarly = made.length > 0 && bars.closeTimeMs.at(-1)! < made.at(-1)![1]!;
  return made.slice(startsLate ? 1 : 0, endsEarly ? -1 : undefined);
}

const rowsOf = (bars: BarColumns): number[][] =>
  Array.from({ length: bars.length }, (_, row) => [
    bars.openTimeMs[row]!,
    bars.closeTimeMs[row]!,
    ...VALUES.map((field) => bars[field][row]!),
  ]);

const walks = fc.record({
  seed: fc.nat(),
  calendar: fc.constantFrom(calendarNamed('us-equities'), calendarNamed('crypto'), calendarNamed('none')),
  size: fc.constantFrom<Timeframe>('5m', '15m', '30m'),
  days: fc.integer({ min: 1, max: 9 }),
  missing: fc.constantFrom(0, 0.3, 0.9),
  scale: fc.constant(1),
});
const sizes = fc.constantFrom<Timeframe>('30m', '1h', '4h', '1d');

describe('joined bars', () => {
  it('are those that another aggregation makes, across clock changes, half days, holidays and holes', () => {
    fc.assert(
      fc.property(walks, sizes, (walk, size) => {
        const bars = walkOf(walk);
        expect(rowsOf(resampleBars(bars, size, walk.calendar))).toEqual(grouped(bars, size, walk.calendar));
      }),
      { numRuns: 60 },
    );
  });

  it('are the same in two steps as in one', () => {
    const steps = fc.constantFrom<[Timeframe, Timeframe]>(
      ['30m', '1h'],
      ['30m', '4h'],
      ['1h', '4h'],
      ['1h', '1d'],
      ['4h', '1d'],
    );
    fc.assert(
      fc.property(walks, steps, (walk, [between, size]) => {
        const bars = walkOf({ ...walk, missing: 0 });
        const twice = resampleBars(resampleBars(bars, between, walk.calendar), size, walk.calendar);
        expect(rowsOf(twice)).toEqual(rowsOf(resampleBars(bars, size, walk.calendar)));
        expect(rowsOf(resampleBars(twice, size, walk.calendar))).toEqual(rowsOf(twice));
      }),
      { numRuns: 40 },
    );
  });

  it('do not change as more bars come, nor with what came before, but for the parts at either end', () => {
    fc.assert(
      fc.property(walks, sizes, fc.nat(), fc.nat(), (walk, size, a, b) => {
        const bars = walkOf(walk);
        const [from, to] = [a % (bars.length + 1), b % (bars.length + 1)].sort((x, y) => x - y) as [number, number];
        const whole = rowsOf(resampleBars(bars, size, walk.calendar)).map((row) => row.join());
        const part = rowsOf(resampleBars(sliceBarColumns(bars, from, to), size, walk.calendar)).map((row) =>
          row.join(),
        );
        // Of a market that hardly trades nobody can tell a hole from the end.
        if (walk.missing === 0) for (const row of part) expect(whole).toContain(row);
      }),
      { numRuns: 60 },
    );
  });

  it('scale with prices and volumes', () => {
    fc.assert(
      fc.property(walks, sizes, fc.integer({ min: -40, max: 40 }), (walk, size, power) => {
        const scale = 2 ** power;
        const scaled = rowsOf(resampleBars(walkOf({ ...walk, scale }), size, walk.calendar));
        const usual = rowsOf(resampleBars(walkOf(walk), size, walk.calendar));
        expect(scaled).toEqual(usual.map(([open, close, ...values]) => [open, close, ...values.map((x) => x * scale)]));
      }),
      { numRuns: 40 },
    );
  });
});
