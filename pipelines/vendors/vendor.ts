import type { BarColumns } from '../../features/bar.ts';
import type { Instrument } from '../../features/instrument.ts';
import { VENDORS } from '../../infra/vendor-settings.ts';
import type { CalendarName } from '../calendars/calendar.ts';
import type { Timeframe } from '../../features/timeframe.ts';
import type { Patience } from './asking/patience.ts';
import type { ActionsRequest, VendorActions } from './vendor-actions.ts';
import type { NewsPage, NewsRequest } from './vendor-news.ts';
import type { KeptOutBar } from './pages/bar-page.ts';

/**
 * Every vendor there is, in the order in which they stand in for each other unless the configuration says otherwise.
 */
export const VENDOR_NAMES = VENDORS;
export type VendorName = (typeof VENDORS)[number];

/** Bars of one symbol with opens in `[fromMs, toMs)`. */
export interface HistoryRequest {
  /** As users write it: `AAPL`, `BTC/USD`, `BTC/USDT`. Each vendor maps it to its own form. */
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** Gives daily bars their hours and leaves out what lies outside trading hours. */
  readonly calendar: CalendarName;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A piece of history. */
export interface VendorBars extends BarColumns {
  /** Bars of the vendor that are none of their size, left out since the piece before. */
  readonly keptOut?: readonly KeptOutBar[] | undefined;
}

/** Best bid and offer. */
export interface Quote {
  readonly symbol: string;
  readonly bid: number;
  readonly ask: number;
  /** As the vendor counts: stocks of Alpaca and Polygon in round lots, crypto in units. */
  readonly bidSize: number;
  readonly askSize: number;
  /** When the quote was made, by the vendor's clock; when it was received where the vendor does not say (Binance). */
  readonly timeMs: number;
}

export interface VendorCallOptions {
  /** Ends the call; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long each request is pursued; up to the gate where it is not said. */
  readonly patience?: Patience | undefined;
}

/** A source of market data, behind its own SDK. */
export interface Vendor {
  readonly name: VendorName;
  /** Opens before this are never offered: where the vendor's history of this symbol begins at the earliest. */
  earliestMs(symbol: string): number;
  /**
   * The instrument behind `symbol`; undefined where the vendor does not trade what is written so. No request is made.
   */
  instrumentOf(symbol: string): Instrument | undefined;
  /** What tells this vendor's series of one symbol from others (the feed); part of a series' identity. */
  originOf(symbol: string): string;
  /**
   * Raw (unadjusted) closed bars: ascending, without repeats, in pieces, each complete for its range. A bar that closes
   * after now is left out. Throws InputError for a symbol or bar size that the vendor does not have and VendorError for
   * what the vendor refuses.
   */
  history(request: HistoryRequest, options?: VendorCallOptions): AsyncIterable<VendorBars>;
  /**
   * Splits and cash dividends of a stock, by vendors that have any. Throws VendorError, and InputError for a symbol
   * that the vendor does not trade.
   */
  actions?(request: ActionsRequest, options?: VendorCallOptions): Promise<VendorActions>;
  /** News about a symbol by vendors that have any, ascending by update, page by page. Throws like `history`. */
  news?(request: NewsRequest, options?: VendorCallOptions): AsyncIterable<NewsPage>;
  /**
   * Why the vendor has no quotes of `symbol`, for vendors that lack some; undefined where it has. No request is made.
   */
  noQuoteBecause?(symbol: string): string | undefined;
  /** The latest best bid and offer. Throws like `history`. */
  latestQuote(symbol: string, options?: VendorCallOptions): Promise<Quote>;
}

/**
 * Runs one request: `work` gets a signal that it must pass to the SDK. Whoever makes a vendor decides what stands
 * around its requests: a deadline alone, or rate limit, retries and circuit breaker as well.
 */
export type VendorCall = <T>(
  endpoint: string,
  work: (signal: AbortSignal) => Promise<T>,
  options?: VendorCallOptions,
) => Promise<T>;
