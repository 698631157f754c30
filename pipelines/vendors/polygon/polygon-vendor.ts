import { GetStocksAggregatesSortEnum, GetStocksAggregatesTimespanEnum } from '@polygon.io/client-js';
import type { Instrument } from '../../../features/instrument.ts';
import type { Clock } from '../../../infra/clock.ts';
import { InputError } from '../../../infra/errors.ts';
import type { Timeframe } from '../../../features/timeframe.ts';
import type { BarPage } from '../pages/bar-page.ts';
import { createDeadlineCall } from '../asking/deadline-call.ts';
import { fetchHistory, type PageRequest } from '../pages/fetch-history.ts';
import { planFetch } from '../pages/fetch-plan.ts';
import { cryptoOf, pairOf, stockOf, unknownSymbol } from '../symbols.ts';
import type { Vendor, VendorCall } from '../vendor.ts';
import { parsePolygonBars, parsePolygonNext } from './polygon-bars.ts';
import {
  createPolygonClient,
  polygonRequestOptions,
  type PolygonClient,
  type PolygonSettings,
} from './polygon-client.ts';
import { parsePolygonQuote } from './polygon-quotes.ts';
import { fetchPolygonActions } from './fetch-polygon-actions.ts';

const { Minute, Hour, Day } = GetStocksAggregatesTimespanEnum;

/** Polygon's names of our bar sizes. */
const TIMEFRAMES = {
  '1m': [1, Minute],
  '5m': [5, Minute],
  '15m': [15, Minute],
  '30m': [30, Minute],
  '1h': [1, Hour],
  '4h': [4, Hour],
  '1d': [1, Day],
} as const satisfies Readonly<Record<Timeframe, readonly [number, GetStocksAggregatesTimespanEnum]>>;
/** Counts minutes for bars of minutes and hours, not bars. */
const PAGE_MINUTES = 50_000;
const STOCKS_FROM_MS = Date.UTC(2003, 8, 10);
const CRYPTO_FROM_MS = Date.UTC(2010, 6, 17);

export interface PolygonOptions {
  readonly settings: PolygonSettings;
  readonly clock: Clock;
  /** What stands around each request; a deadline alone by default. */
  readonly call?: VendorCall;
}

function instrumentOf(symbol: string): Instrument | undefined {
  const pair = pairOf(symbol);
  if (pair === undefined) return stockOf(symbol);
  return pair.quote === 'USD' ? cryptoOf(symbol, 'USD') : undefined;
}

function requireInstrument(symbol: string): Instrument {
  const found = instrumentOf(symbol);
  if (found === undefined) throw unknownSymbol('polygon', symbol, 'stocks like AAPL, crypto in dollars like BTC/USD');
  return found;
}

/**
 * Of crypto, Polygon's API gives the last trade (`/v1/last/crypto`, snapshots), which is no offer to anyone, and a book
 * of all exchanges that its SDK calls deprecated.
 */
function noQuoteBecause(symbol: string): string | undefined {
  if (pairOf(symbol) === undefined) return undefined;
  return `polygon has no best bid and offer of crypto (${symbol}), only last trades.`;
}

/** `AAPL` as it is, `BTC/USD` as `X:BTCUSD`. */
function tickerOf(symbol: string): string {
  const pair = pairOf(symbol);
  return pair === undefined ? symbol : `X:${pair.base}${pair.quote}`;
}

async function fetchPage(client: PolygonClient, ask: PageRequest, signal: AbortSignal): Promise<BarPage> {
  const { symbol, timeframe, range, cursor } = ask;
  const where = { vendor: 'polygon', endpoint: `${timeframe} bars of ${symbol}` } as const;
  const ticker = tickerOf(symbol);
  const [multiplier, timespan] = TIMEFRAMES[timeframe];
  const json = await client.read(where, (api) => {
    if (cursor !== undefined) {
      // The cursor carries limit, order and adjustment.
      const { from, to, cursor: position } = parsePolygonNext(cursor, where);
      const options = polygonRequestOptions(signal, position);
      return api.getStocksAggregates(ticker, multiplier, timespan, from, to, undefined, undefined, undefined, options);
    }
    // Inclusive at Polygon.
    const [from, to] = [String(range.fromMs), String(range.toMs - 1)];
    const sort = GetStocksAggregatesSortEnum.Asc;
    const options = polygonRequestOptions(signal);
    return api.getStocksAggregates(ticker, multiplier, timespan, from, to, false, sort, PAGE_MINUTES, options);
  });
  return parsePolygonBars(json, ticker, where);
}

/** Polygon's stocks and dollar pairs of crypto. Raw prices. */
export function createPolygonVendor({ settings, clock, call = createDeadlineCall('polygon') }: PolygonOptions): Vendor {
  const client = createPolygonClient(settings, clock);
  return {
    name: 'polygon',
    earliestMs: (symbol) => (pairOf(symbol) === undefined ? STOCKS_FROM_MS : CRYPTO_FROM_MS),
    instrumentOf,
    originOf: () => 'raw',
    async *history(request, options = {}) {
      const { symbol } = request;
      const equity = requireInstrument(symbol).assetClass === 'equity';
      const plan = planFetch({ ...request, assetClass: equity ? 'equity' : 'crypto', utcDays: false });
      yield* fetchHistory(request, {
        vendor: 'polygon',
        plan,
        dailyStamps: equity && plan.fetched === '1d',
        nowMs: clock(),
        earliestMs: equity ? STOCKS_FROM_MS : CRYPTO_FROM_MS,
        signal: options.signal,
        fetchPage: (ask) =>
          call(`${ask.timeframe} bars of ${symbol}`, (ended) => fetchPage(client, ask, ended), options),
      });
    },
    actions: async (request, options = {}) => {
      requireInstrument(request.symbol);
      return fetchPolygonActions(client, request, { call, options });
    },
    noQuoteBecause,
    latestQuote: async (symbol, options = {}) => {
      requireInstrument(symbol);
      const missing = noQuoteBecause(symbol);
      if (missing !== undefined) throw new InputError(missing, 'Ask alpaca or binance.');
      const endpoint = `latest quote of ${symbol}`;
      const where = { vendor: 'polygon', endpoint } as const;
      const work = async (ended: AbortSignal) => {
        const json = await client.read(where, (api) => api.getLastStocksQuote(symbol, polygonRequestOptions(ended)));
        return parsePolygonQuote(json, symbol, where);
      };
      return call(endpoint, work, options);
    },
  };
}
