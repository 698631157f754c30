import { describe, expect, it } from 'vitest';
import { barAt } from '../../features/bar.ts';
import { createRandom } from '../../infra/random.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import type { CalendarName } from '../calendars/calendar.ts';
import { DAY_MS, timeframeMs, type Timeframe } from '../../features/timeframe.ts';
import type { VendorBar } from './pages/bar-page.ts';
import { fetchHistory, type HistoryOptions } from './pages/fetch-history.ts';
import { planFetch } from './pages/fetch-plan.ts';
import { fakeSeries } from './testing/fake-market.ts';
import { joined } from './testing/fake-subjects.ts';
import { vendorColumns } from './vendor-columns.ts';

const FROM_MS = Date.UTC(2023, 10, 1);
/**
 * Friday after Thanksgiving, a half day that ends at 18:00 UTC: the session's fourth hour is open, and ends at the
 * close.
 */
const NOW_MS = Date.UTC(2023, 10, 24, 17, 45);

interface Ask {
  readonly kind: 'stock' | 'crypto';
  readonly timeframe: Timeframe;
  readonly calendar: CalendarName;
  readonly utcDays?: boolean;
  readonly nowMs?: number;
  readonly fromMs?: number;
  readonly missing?: number;
}

/** What the vendor's history comes out as, with the bars it was made of. */
async function history({
  kind,
  timeframe,
  calendar,
  utcDays = false,
  nowMs = NOW_MS,
  fromMs = FROM_MS,
  missing = 0,
}: Ask) {
  const assetClass = kind === 'stock' ? 'equity' : 'crypto';
  const plan = planFetch({ timeframe, calendar, assetClass, utcDays });
  const range = { fromMs: FROM_MS, toMs: NOW_MS + 3_600_000 };
  const rows = fakeSeries(createRandom('columns'), { timeframe: plan.fetched, kind, missing, ...range });
  const options: HistoryOptions = {
    vendor: 'alpaca',
    plan,
    dailyStamps: plan.fetched === '1d' && kind === 'stock',
    nowMs,
    earliestMs: 0,
    signal: undefined,
    fetchPage: async (ask) => ({
      bars: rows.filter(({ timeMs }) => timeMs >= ask.range.fromMs && timeMs < ask.range.toMs),
      next: undefined,
    }),
  };
  const request = { symbol: 'X', timeframe, calendar, fromMs, toMs: Infinity };
  const bars = await joined(fetchHistory(request, options), 'X');
  return { rows, bars: Array.from({ length: bars.length }, (_, i) => barAt(bars, i)) };
}

const iso = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 16);

describe('bars of vendors', () => {
  it('count hours of stocks from the open, and cut the last at the close', async () => {
    const { bars } = await history({
      kind: 'stock',
      timeframe: '1h',
      calendar: 'us-equities',
      nowMs: Date.UTC(2023, 10, 24, 18),
    });
    const friday = bars.filter(({ openTimeMs }) => iso(openTimeMs).startsWith('2023-11-24'));
    expect(friday.map(({ openTimeMs, closeTimeMs }) => [iso(openTimeMs), iso(closeTimeMs)])).toEqual([
      ['2023-11-24T14:30', '2023-11-24T15:30'],
      ['2023-11-24T15:30', '2023-11-24T16:30'],
      ['2023-11-24T16:30', '2023-11-24T17:30'],
      ['2023-11-24T17:30', '2023-11-24T18:00'],
    ]);
    expect(bars.some(({ openTimeMs }) => iso(openTimeMs).startsWith('2023-11-23'))).toBe(false);
  });

  it('leave out a bar that is not closed, and what lies outside trading hours', async () => {
    for (const timeframe of ['1m', '30m', '1h', '4h'] as const) {
      const { bars } = await history({ kind: 'stock', timeframe, calendar: 'us-equities' });
      const calendar = calendarNamed('us-equities');
      expect(bars.length).toBeGreaterThan(20);
      expect(bars.every(({ closeTimeMs }) => closeTimeMs <= NOW_MS)).toBe(true);
      for (const { openTimeMs, closeTimeMs } of bars) {
        const hours = calendar.hoursOf(calendar.dayAt(openTimeMs))!;
        expect(openTimeMs >= hours.openTimeMs && closeTimeMs <= hours.closeTimeMs).toBe(true);
      }
    }
  });

  it.each([
    ['stock', '1h', 'us-equities'],
    ['stock', '4h', 'us-equities'],
    ['stock', '4h', 'none'],
    ['crypto', '1d', 'crypto'],
    ['crypto', '4h', 'crypto'],
    ['crypto', '1d', 'us-equities'],
  ] as const)(
    'hold what was traded between their open and their close: %s %s %s',
    async (kind, timeframe, calendar) => {
      for (const missing of [0, 0.5]) {
        const { rows, bars } = await history({ kind, timeframe, calendar, missing });
        expect(bars.length).toBeGreaterThan(10);
        const inside = (open: number, close: number): VendorBar[] =>
          rows.filter(({ timeMs }) => timeMs >= open && timeMs < close);
        for (const bar of bars) {
          const parts = inside(bar.openTimeMs, bar.closeTimeMs);
          expect(bar).toMatchObject({
            open: parts[0]!.open,
            high: Math.max(...parts.map(({ high }) => high)),
            low: Math.min(...parts.map(({ low }) => low)),
            close: parts.at(-1)!.close,
            volume: parts.reduce((sum, { volume }) => sum + volume, 0),
          });
        }
        // Every fetched bar within closed slots is in one of them: nothing is lost where half of them are missing.
        const total = bars.reduce((sum, { volume }) => sum + volume, 0);
        const slots = bars.flatMap(({ openTimeMs, closeTimeMs }) => inside(openTimeMs, closeTimeMs));
        expect(total).toBe(slots.reduce((sum, { volume }) => sum + volume, 0));
      }
    },
  );

  it('are the same whatever moment the fetch begins at', async () => {
    for (const timeframe of ['1h', '4h'] as const) {
      const ask = { kind: 'stock', timeframe, calendar: 'us-equities', missing: 0.4 } as const;
      const { bars: whole } = await history(ask);
      for (const i of [1, 7, 20]) {
        const { bars } = await history({ ...ask, fromMs: whole[i]!.openTimeMs + 1 });
        expect(bars).toEqual(whole.slice(i + 1));
      }
    }
  });

  it('keep the last bar of a day in which nobody traded in the last half hour', async () => {
    const { bars } = await history({ kind: 'stock', timeframe: '4h', calendar: 'us-equities', missing: 0.9 });
    const { rows } = await history({ kind: 'stock', timeframe: '4h', calendar: 'us-equities', missing: 0.9 });
    const calendar = calendarNamed('us-equities');
    const slots = new Set(
      rows.flatMap(({ timeMs }) => {
        const hours = calendar.hoursOf(calendar.dayAt(timeMs))!;
        if (timeMs < hours.openTimeMs || timeMs >= hours.closeTimeMs) return [];
        const openTimeMs =
          hours.openTimeMs + Math.floor((timeMs - hours.openTimeMs) / timeframeMs('4h')) * timeframeMs('4h');
        return Math.min(openTimeMs + timeframeMs('4h'), hours.closeTimeMs) <= NOW_MS ? [openTimeMs] : [];
      }),
    );
    expect(bars.map(({ openTimeMs }) => openTimeMs)).toEqual([...slots]);
  });

  it('end a daily bar of stocks at the close of its day', async () => {
    const { bars } = await history({ kind: 'stock', timeframe: '1d', calendar: 'us-equities', nowMs: NOW_MS });
    expect(iso(bars.at(-1)!.closeTimeMs)).toBe('2023-11-22T21:00');
    const { bars: after } = await history({
      kind: 'stock',
      timeframe: '1d',
      calendar: 'us-equities',
      nowMs: NOW_MS + 900_000,
    });
    expect(iso(after.at(-1)!.closeTimeMs)).toBe('2023-11-24T18:00');
  });

  it('never know more than their hours hold: days of crypto are joined where the vendor cuts them elsewhere', () => {
    const crypto = { calendar: 'crypto', assetClass: 'crypto' } as const;
    expect(planFetch({ ...crypto, timeframe: '1d', utcDays: false })).toEqual({ fetched: '1h', joined: true });
    expect(planFetch({ ...crypto, timeframe: '1d', utcDays: true })).toEqual({ fetched: '1d', joined: false });
    expect(planFetch({ ...crypto, calendar: 'us-equities', timeframe: '1d', utcDays: true })).toMatchObject({
      joined: true,
    });
  });

  it('are refused where they begin where no bar of their size does, or overlap', () => {
    const where = { vendor: 'polygon', endpoint: '1h bars of X' } as const;
    const request = { symbol: 'X', timeframe: '1h', calendar: 'crypto', fromMs: 0, toMs: DAY_MS } as const;
    const options = { where, plan: { fetched: '1h', joined: false }, request, nowMs: DAY_MS } as const;
    const at = (timeMs: number): VendorBar => ({ timeMs, open: 1, high: 1, low: 1, close: 1, volume: 1 });
    expect(vendorColumns([at(0), at(3_600_000)], options).length).toBe(2);
    expect(() => vendorColumns([at(0), at(3_600_001)], options)).toThrow(
      /no bar of 1h begins at 1970-01-01T01:00:00.001Z/,
    );
    const daily = {
      ...options,
      plan: { fetched: '1d', joined: false },
      request: { ...request, calendar: 'none' },
    } as const;
    expect(() => vendorColumns([at(0), at(DAY_MS / 2)], { ...daily, nowMs: 3 * DAY_MS })).toThrow(/no bar of 1d/);
  });
});
