import type { Random } from '../../../infra/random.ts';
import { calendarNamed } from '../../calendars/calendar-named.ts';
import { DAY_MS, timeframeMs, type Timeframe } from '../../../features/timeframe.ts';
import type { VendorBar } from '../pages/bar-page.ts';

/** What the stand-in for a vendor knows: the truth that a client is compared with. */
export interface FakeMarket {
  /** Bars of one size as the vendor stamps them, ascending; undefined where the symbol is unknown. */
  bars(symbol: string, timeframe: string): readonly VendorBar[] | undefined;
  /** Best bid and offer of a known symbol. */
  quote(symbol: string): FakeQuote | undefined;
  /** Splits and cash dividends of a stock, ascending by ex-date; left out where there are none of any. */
  actions?(symbol: string): readonly FakeAction[];
  /** News about a symbol, ascending by their last update; left out where there are none of any. */
  news?(symbol: string): readonly FakeNews[];
}

export interface FakeNews {
  readonly id: number;
  readonly headline: string;
  readonly createdMs: number;
  /** Last update. */
  readonly timeMs: number;
}

export interface FakeAction {
  readonly kind: 'split' | 'dividend';
  /** Midnight UTC of the ex-date. */
  readonly timeMs: number;
  /** Split: new and old shares. Dividend: cash per share, and 1. */
  readonly rates: readonly [number, number];
  /** Day of the announcement, for vendors that say it. */
  readonly announced?: string;
  /** Currency of a dividend: dollars where it is not said. */
  readonly currency?: string;
}

interface FakeQuote {
  readonly bid: number;
  readonly bidSize: number;
  readonly ask: number;
  readonly askSize: number;
  readonly timeMs: number;
}

export interface FakeSeriesOptions {
  readonly timeframe: Timeframe;
  readonly kind: 'stock' | 'crypto';
  readonly fromMs: number;
  readonly toMs: number;
  /** Share of the bars that are missing because nobody traded. */
  readonly missing?: number;
}

const usEquities = calendarNamed('us-equities');
const cents = (value: number): number => Math.round(value * 100) / 100;

/**
 * Whether a vendor has a bar there: stocks trade from 4:00 to 20:00 New York time on trading days, 5.5 h before to 4 h
 * after the session.
 */
function tradedAt(kind: FakeSeriesOptions['kind'], timeMs: number): boolean {
  if (kind === 'crypto') return true;
  const hours = usEquities.hoursOf(usEquities.dayAt(timeMs));
  return (
    hours !== undefined && timeMs >= hours.openTimeMs - 5.5 * 3_600_000 && timeMs < hours.closeTimeMs + 4 * 3_600_000
  );
}

function* stamps({ timeframe, kind, fromMs, toMs }: FakeSeriesOptions): Generator<number> {
  if (timeframe === '1d' && kind === 'stock') {
    const last = usEquities.dayAt(toMs - 1);
    for (let day = usEquities.dayAt(fromMs); day <= last; day++) {
      if (usEquities.hoursOf(day) !== undefined) yield usEquities.dayStartMs(day);
    }
    return;
  }
  const step = timeframe === '1d' ? DAY_MS : timeframeMs(timeframe);
  for (let timeMs = Math.ceil(fromMs / step) * step; timeMs < toMs; timeMs += step) {
    if (tradedAt(kind, timeMs)) yield timeMs;
  }
}

/** A random walk in cents on the vendor's stamps. The same stream gives the same bars. */
export function fakeSeries(random: Random, options: FakeSeriesOptions): VendorBar[] {
  const bars: VendorBar[] = [];
  let close = 100 + random.integer(100);
  for (const timeMs of stamps(options)) {
    if (random.next() < (options.missing ?? 0)) continue;
    const open = cents(close + (random.next() - 0.5));
    close = cents(Math.max(5, open + (random.next() - 0.5) * 2));
    const high = cents(Math.max(open, close) + random.next());
    const low = cents(Math.min(open, close) - random.next());
    bars.push({ timeMs, open, high, low, close, volume: random.integer(100_000) });
  }
  return bars;
}
