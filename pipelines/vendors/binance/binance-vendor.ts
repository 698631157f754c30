import type { Instrument } from '../../../features/instrument.ts';
import type { Clock } from '../../../infra/clock.ts';
import type { BarPage } from '../pages/bar-page.ts';
import { timeframeMs } from '../../../features/timeframe.ts';
import { createDeadlineCall } from '../asking/deadline-call.ts';
import { fetchHistory, type PageRequest } from '../pages/fetch-history.ts';
import { planFetch } from '../pages/fetch-plan.ts';
import { cryptoOf, pairOf, unknownSymbol } from '../symbols.ts';
import type { Vendor, VendorCall } from '../vendor.ts';
import { binancePage, parseBinanceBars } from './binance-bars.ts';
import { createBinanceClient, type BinanceClient, type BinanceSettings } from './binance-client.ts';
import { parseBinanceQuote } from './binance-quotes.ts';

const PAGE_BARS = 1000;
const FROM_MS = Date.UTC(2017, 6, 14);
const QUOTES = ['USDT', 'USDC', 'FDUSD', 'TUSD', 'BTC', 'ETH', 'BNB', 'EUR', 'TRY', 'BRL', 'JPY'];
/** Pairs as Binance writes them, `BTCUSDT`. */
const JOINED = new RegExp(`^([A-Z0-9]{2,10}?)(${QUOTES.join('|')})$`);

export interface BinanceOptions {
  readonly settings: BinanceSettings;
  readonly clock: Clock;
  /** What stands around each request; a deadline alone by default. */
  readonly call?: VendorCall;
}

function partsOf(symbol: string): { base: string; quote: string } | undefined {
  const pair = pairOf(symbol);
  if (pair !== undefined) return QUOTES.includes(pair.quote) ? pair : undefined;
  const match = JOINED.exec(symbol);
  return match === null ? undefined : { base: match[1]!, quote: match[2]! };
}

function requirePair(symbol: string): string {
  const parts = partsOf(symbol);
  if (parts === undefined) {
    throw unknownSymbol('binance', symbol, `pairs like BTC/USDT or BTCUSDT, quoted in ${QUOTES.join(', ')}`);
  }
  return parts.base + parts.quote;
}

function instrumentOf(symbol: string): Instrument | undefined {
  const parts = partsOf(symbol);
  return parts === undefined ? undefined : cryptoOf(symbol, parts.quote);
}

async function fetchPage(client: BinanceClient, ask: PageRequest, signal: AbortSignal): Promise<BarPage> {
  const { symbol, timeframe, range, cursor } = ask;
  const where = { vendor: 'binance', endpoint: `${timeframe} bars of ${symbol}` } as const;
  const params = {
    symbol: requirePair(symbol),
    interval: timeframe,
    startTime: cursor === undefined ? range.fromMs : Number(cursor),
    // Inclusive at Binance.
    endTime: range.toMs - 1,
    limit: PAGE_BARS,
  };
  const json = await client.read(where, signal, (api) => api.getKlines(params));
  return binancePage(parseBinanceBars(json, where), timeframeMs(timeframe), range.toMs);
}

/**
 * Binance never closes: a page that does not begin where it was asked to hides an outage of the exchange, or lost bars.
 */
function startsLate({ bars }: BarPage, { cursor, range, timeframe }: PageRequest): boolean {
  const length = timeframeMs(timeframe);
  const from = Math.ceil((cursor === undefined ? range.fromMs : Number(cursor)) / length) * length;
  return !bars.some(({ timeMs }) => timeMs === from);
}

/** Binance's spot pairs. Public data: no key. */
export function createBinanceVendor({ settings, clock, call = createDeadlineCall('binance') }: BinanceOptions): Vendor {
  const client = createBinanceClient(settings, clock);
  return {
    name: 'binance',
    earliestMs: () => FROM_MS,
    instrumentOf,
    originOf: () => 'spot',
    async *history(request, options = {}) {
      const { symbol } = request;
      requirePair(symbol);
      yield* fetchHistory(request, {
        vendor: 'binance',
        plan: planFetch({ ...request, assetClass: 'crypto', utcDays: true }),
        dailyStamps: false,
        nowMs: clock(),
        earliestMs: FROM_MS,
        signal: options.signal,
        fetchPage: (ask) =>
          call(`${ask.timeframe} bars of ${symbol}`, (ended) => fetchPage(client, ask, ended), options),
        doubtful: startsLate,
      });
    },
    latestQuote: async (symbol, options = {}) => {
      const pair = requirePair(symbol);
      const endpoint = `latest quote of ${symbol}`;
      const where = { vendor: 'binance', endpoint } as const;
      const work = async (ended: AbortSignal) => {
        const json = await client.read(where, ended, (api) => api.getSymbolOrderBookTicker({ symbol: pair }));
        return parseBinanceQuote(json, { symbol, pair, receivedMs: clock() }, where);
      };
      return call(endpoint, work, options);
    },
  };
}
