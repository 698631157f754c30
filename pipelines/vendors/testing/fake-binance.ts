import { timeframeMs, TIMEFRAMES } from '../../../features/timeframe.ts';
import type { VendorBar } from '../pages/bar-page.ts';
import type { FakeAnswer, FakeRequest } from './fake-request.ts';
import { fakePage } from './fake-page.ts';

const UNKNOWN: FakeAnswer = { status: 400, body: { code: -1121, msg: 'Invalid symbol.' } };

/** Binance's klines and book tickers. Undefined for any other path. */
export function fakeBinance(request: FakeRequest): FakeAnswer | undefined {
  if (request.url.pathname === '/api/v3/klines') return klines(request);
  if (request.url.pathname === '/api/v3/ticker/bookTicker') return bookTicker(request);
  return undefined;
}

function klines({ url, market, pageBars, fault }: FakeRequest): FakeAnswer {
  const { searchParams } = url;
  const interval = TIMEFRAMES.find((timeframe) => timeframe === searchParams.get('interval'));
  const known = market.bars(searchParams.get('symbol') ?? '', interval ?? '');
  if (known === undefined || interval === undefined) return UNKNOWN;
  const [start, end] = ['startTime', 'endTime'].map((name) => Number(searchParams.get(name)));
  const limit = Math.min(pageBars, Number(searchParams.get('limit')));
  const wanted = known.filter(({ timeMs }) => timeMs <= end!);
  const first = wanted.findIndex(({ timeMs }) => timeMs >= start!);
  const offset = first === -1 ? wanted.length : first;
  // The start of the range is the cursor: a page can come twice, not in another's place, and not the same for ever.
  const { bars } = fakePage(wanted, { offset, swapped: false }, limit, fault === 'circle' ? 'repeated-page' : fault);
  const lengthMs = timeframeMs(interval);
  const rows = bars.map((bar) => klineOf(bar, lengthMs));
  const shaped = fault === 'wrong-shape' ? rows.map((row) => row.slice(0, 4)) : rows;
  return fault === 'other-symbol' ? UNKNOWN_OBJECT : { status: 200, body: shaped };
}

/** Klines do not name their symbol: an object stands for any answer to another question. */
const UNKNOWN_OBJECT: FakeAnswer = { status: 200, body: { symbol: 'ZZZZ' } };

function klineOf({ timeMs, open, high, low, close, volume }: VendorBar, lengthMs: number): unknown[] {
  const words = [open, high, low, close, volume].map((value) => value.toFixed(8));
  return [timeMs, ...words, timeMs + lengthMs - 1, '0', 1, '0', '0', '0'];
}

function bookTicker({ url, market, fault }: FakeRequest): FakeAnswer {
  const symbol = url.searchParams.get('symbol') ?? '';
  const quote = market.quote(symbol);
  if (quote === undefined || fault === 'empty') return UNKNOWN;
  const [bidPrice, bidQty, askPrice, askQty] = [quote.bid, quote.bidSize, quote.ask, quote.askSize].map((value) =>
    value.toFixed(8),
  );
  const said = { symbol: fault === 'other-symbol' ? 'ZZZZ' : symbol, bidPrice, bidQty, askPrice, askQty };
  return { status: 200, body: fault === 'wrong-shape' ? { symbol, bidPrice: 1 } : said };
}
