import type { Instrument } from '../../../features/instrument.ts';
import type { Clock } from '../../../infra/clock.ts';
import type { Timeframe } from '../../../features/timeframe.ts';
import type { BarPage } from '../pages/bar-page.ts';
import { createDeadlineCall } from '../asking/deadline-call.ts';
import { fetchHistory, type PageRequest } from '../pages/fetch-history.ts';
import { planFetch } from '../pages/fetch-plan.ts';
import { cryptoOf, pairOf, stockOf, unknownSymbol } from '../symbols.ts';
import type { Quote, Vendor, VendorCall } from '../vendor.ts';
import { parseAlpacaBars } from './alpaca-bars.ts';
import { createAlpacaClient, type AlpacaClient, type AlpacaSettings } from './alpaca-client.ts';
import { fetchAlpacaNews } from './alpaca-news.ts';
import { parseAlpacaQuote } from './alpaca-quotes.ts';
import { fetchAlpacaActions } from './fetch-alpaca-actions.ts';

/** Alpaca's names of our bar sizes. */
const TIMEFRAMES: Readonly<Record<Timeframe, string>> = {
  '1m': '1Min',
  '5m': '5Min',
  '15m': '15Min',
  '30m': '30Min',
  '1h': '1Hour',
  '4h': '4Hour',
  '1d': '1Day',
};
const PAGE_BARS = 10_000;
const LOCATION = 'us';
/** The delayed feed is 15 minutes late; one more for its slowest bars. */
const DELAY_MS = 16 * 60_000;
const STOCKS_FROM_MS = Date.UTC(2016, 0, 1);
const CRYPTO_FROM_MS = Date.UTC(2021, 0, 1);
const QUOTES = ['USD', 'USDT', 'USDC', 'BTC'];

export interface AlpacaOptions {
  readonly settings: AlpacaSettings;
  readonly clock: Clock;
  /** What stands around each request; a deadline alone by default. */
  readonly call?: VendorCall;
}

/** `AAPL` is a stock, `BTC/USD` a crypto pair; the slash decides. */
function instrumentOf(symbol: string): Instrument | undefined {
  const pair = pairOf(symbol);
  if (pair === undefined) return stockOf(symbol);
  return QUOTES.includes(pair.quote) ? cryptoOf(symbol, pair.quote) : undefined;
}

function requireInstrument(symbol: string): Instrument {
  const found = instrumentOf(symbol);
  if (found === undefined) throw unknownSymbol('alpaca', symbol, 'stocks like AAPL, crypto like BTC/USD');
  return found;
}

async function fetchPage(client: AlpacaClient, settings: AlpacaSettings, ask: PageRequest): Promise<BarPage> {
  const { symbol, timeframe, range, cursor, signal } = ask;
  const where = { vendor: 'alpaca', endpoint: `${timeframe} bars of ${symbol}` } as const;
  const request = {
    symbols: symbol,
    timeframe: TIMEFRAMES[timeframe],
    start: new Date(range.fromMs),
    // Inclusive at Alpaca.
    end: new Date(range.toMs - 1),
    limit: PAGE_BARS,
    sort: 'asc' as const,
    ...(cursor === undefined ? {} : { pageToken: cursor }),
  };
  const init: RequestInit = signal === undefined ? {} : { signal };
  const feed = settings.feed === 'delayed_sip' ? 'sip' : settings.feed;
  const json = await client.read(where, () =>
    pairOf(symbol) === undefined
      ? client.stocks.stockBarsRaw({ ...request, feed, adjustment: 'raw', currency: 'USD' }, init)
      : client.crypto.cryptoBarsRaw({ ...request, loc: LOCATION }, init),
  );
  return parseAlpacaBars(json, symbol, where);
}

async function fetchQuote(
  client: AlpacaClient,
  settings: AlpacaSettings,
  symbol: string,
  signal: AbortSignal,
): Promise<Quote> {
  const where = { vendor: 'alpaca', endpoint: `latest quote of ${symbol}` } as const;
  const json = await client.read(where, () =>
    pairOf(symbol) === undefined
      ? client.stocks.stockLatestQuotesRaw({ symbols: symbol, feed: settings.feed }, { signal })
      : client.crypto.cryptoLatestQuotesRaw({ symbols: symbol, loc: LOCATION }, { signal }),
  );
  return parseAlpacaQuote(json, symbol, where);
}

/** Alpaca's stocks and crypto. Raw prices; stock bars come from the feed that the settings name. */
export function createAlpacaVendor({ settings, clock, call = createDeadlineCall('alpaca') }: AlpacaOptions): Vendor {
  const client = createAlpacaClient(settings, clock);
  return {
    name: 'alpaca',
    earliestMs: (symbol) => (pairOf(symbol) === undefined ? STOCKS_FROM_MS : CRYPTO_FROM_MS),
    instrumentOf,
    originOf: (symbol) => (pairOf(symbol) === undefined ? `feed=${settings.feed} raw` : `loc=${LOCATION}`),
    async *history(request, options = {}) {
      const { symbol } = request;
      const equity = requireInstrument(symbol).assetClass === 'equity';
      const delayMs = equity && settings.feed === 'delayed_sip' ? DELAY_MS : 0;
      const plan = planFetch({ ...request, assetClass: equity ? 'equity' : 'crypto', utcDays: false });
      yield* fetchHistory(request, {
        vendor: 'alpaca',
        plan,
        dailyStamps: equity && plan.fetched === '1d',
        nowMs: clock() - delayMs,
        earliestMs: equity ? STOCKS_FROM_MS : CRYPTO_FROM_MS,
        signal: options.signal,
        fetchPage: (ask) =>
          call(
            `${ask.timeframe} bars of ${symbol}`,
            (ended) => fetchPage(client, settings, { ...ask, signal: ended }),
            options,
          ),
      });
    },
    actions: async (request, options = {}) => {
      requireInstrument(request.symbol);
      return fetchAlpacaActions(client, request, { call, options });
    },
    news: (request, options = {}) => {
      requireInstrument(request.symbol);
      return fetchAlpacaNews(client, request, { call, options });
    },
    latestQuote: async (symbol, options = {}) => {
      requireInstrument(symbol);
      return call(`latest quote of ${symbol}`, (ended) => fetchQuote(client, settings, symbol, ended), options);
    },
  };
}
