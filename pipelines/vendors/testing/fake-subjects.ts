import { createBarColumns, type BarColumns } from '../../../features/bar.ts';
import type { Clock } from '../../../infra/clock.ts';
import { calendarNamed } from '../../calendars/calendar-named.ts';
import type { CalendarName } from '../../calendars/calendar.ts';
import { DAY_MS, timeframeMs, type Timeframe } from '../../../features/timeframe.ts';
import { createAlpacaVendor } from '../alpaca/alpaca-vendor.ts';
import type { VendorBar } from '../pages/bar-page.ts';
import { createBinanceVendor } from '../binance/binance-vendor.ts';
import { createPolygonVendor } from '../polygon/polygon-vendor.ts';
import type { HistoryRequest, Vendor, VendorCall, VendorName } from '../vendor.ts';
import { FAKE_KEYS } from './fake-request.ts';

/**
 * One kind of history that a vendor gives without joining bars: what a client sees can be told from the server's bars
 * by hand.
 */
export interface FakeSubject {
  readonly vendor: VendorName;
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly calendar: CalendarName;
  readonly kind: 'stock' | 'crypto';
  /** Symbol and bar size as the vendor writes them. */
  readonly key: string;
  readonly size: string;
}

const stock = { symbol: 'AAPL', key: 'AAPL', calendar: 'us-equities', kind: 'stock' } as const;
const crypto = { calendar: 'crypto', kind: 'crypto' } as const;

/** Every vendor and kind of history. */
export const FAKE_SUBJECTS: readonly FakeSubject[] = [
  { ...stock, vendor: 'alpaca', timeframe: '30m', size: '30Min' },
  { ...stock, vendor: 'alpaca', timeframe: '1d', size: '1Day' },
  { ...crypto, vendor: 'alpaca', symbol: 'BTC/USD', key: 'BTC/USD', timeframe: '1h', size: '1Hour' },
  { ...stock, vendor: 'polygon', timeframe: '5m', size: '5 minute' },
  { ...stock, vendor: 'polygon', timeframe: '1d', size: '1 day' },
  { ...crypto, vendor: 'polygon', symbol: 'BTC/USD', key: 'X:BTCUSD', timeframe: '1h', size: '1 hour' },
  { ...crypto, vendor: 'binance', symbol: 'BTC/USDT', key: 'BTCUSDT', timeframe: '1h', size: '1h' },
  { ...crypto, vendor: 'binance', symbol: 'BTCUSDT', key: 'BTCUSDT', timeframe: '1d', size: '1d' },
];

export interface FakeVendorOptions {
  readonly url: string;
  readonly clock: Clock;
  readonly call: VendorCall;
  /** In place of the right keys. */
  readonly key?: string;
}

/** The real client of a vendor, pointed at a loopback server. */
export function createVendorAt(name: VendorName, options: FakeVendorOptions): Vendor {
  const { url, clock, call, key } = options;
  switch (name) {
    case 'alpaca': {
      const { alpacaKeyId, alpacaSecret } = FAKE_KEYS;
      const settings = { keyId: key ?? alpacaKeyId, secretKey: alpacaSecret, dataUrl: url, feed: 'iex' } as const;
      return createAlpacaVendor({ settings, clock, call });
    }
    case 'polygon':
      return createPolygonVendor({ settings: { apiKey: key ?? FAKE_KEYS.polygon, url }, clock, call });
    case 'binance':
      return createBinanceVendor({ settings: { url }, clock, call });
  }
}

export function requestOf(subject: FakeSubject, fromMs: number, toMs: number): HistoryRequest {
  const { symbol, timeframe, calendar } = subject;
  return { symbol, timeframe, calendar, fromMs, toMs };
}

/** The closed bars that `request` should bring, straight from the server's series. */
export function expectedBars(
  series: readonly VendorBar[],
  subject: FakeSubject,
  request: HistoryRequest,
  nowMs: number,
) {
  const calendar = calendarNamed(subject.calendar);
  const lengthMs = subject.timeframe === '1d' ? DAY_MS : timeframeMs(subject.timeframe);
  return series.flatMap((bar) => {
    const session = subject.kind === 'stock' ? calendar.hoursOf(calendar.dayAt(bar.timeMs))! : undefined;
    const daily = subject.kind === 'stock' && subject.timeframe === '1d';
    const openTimeMs = daily ? session!.openTimeMs : bar.timeMs;
    const nominalMs = daily ? session!.closeTimeMs : bar.timeMs + lengthMs;
    const closeTimeMs = session === undefined ? nominalMs : Math.min(nominalMs, session.closeTimeMs);
    const inSession = session === undefined || (openTimeMs >= session.openTimeMs && openTimeMs < session.closeTimeMs);
    const wanted = openTimeMs >= request.fromMs && openTimeMs < request.toMs && closeTimeMs <= nowMs && inSession;
    return wanted ? [{ ...bar, openTimeMs, closeTimeMs }] : [];
  });
}

/** Pieces as one series. */
export async function joined(pieces: AsyncIterable<BarColumns>, symbol: string): Promise<BarColumns> {
  const all: BarColumns[] = [];
  for await (const piece of pieces) all.push(piece);
  const out = createBarColumns(
    symbol,
    all.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const piece of all) {
    for (const field of ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const) {
      out[field].set(piece[field], at);
    }
    at += piece.length;
  }
  return out;
}
