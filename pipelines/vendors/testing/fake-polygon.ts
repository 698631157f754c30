import type { VendorBar } from '../pages/bar-page.ts';
import type { FakeAnswer, FakeRequest } from './fake-request.ts';
import { fakePolygonActions } from './fake-actions.ts';
import { fakePage, parsePosition } from './fake-page.ts';

const AGGREGATES = /^\/v2\/aggs\/ticker\/([^/]+)\/range\/(\d+)\/(\w+)\/([^/]+)\/([^/]+)$/;
const QUOTE = /^\/v2\/last\/nbbo\/([^/]+)$/;

const barOf = ({ timeMs, open, high, low, close, volume }: VendorBar) => ({
  t: timeMs,
  o: open,
  h: high,
  l: low,
  c: close,
  v: volume,
  n: 1,
  vw: close,
});

/** Polygon's aggregates, last quotes, splits and dividends. Undefined for any other path. */
export function fakePolygon(request: FakeRequest): FakeAnswer | undefined {
  const { url, keys } = request;
  const aggregates = AGGREGATES.exec(url.pathname);
  const quote = QUOTE.exec(url.pathname);
  const actions = fakePolygonActions(request);
  if (aggregates === null && quote === null && actions === undefined) return undefined;
  if (url.searchParams.get('apiKey') !== keys.polygon) {
    return { status: 401, body: { status: 'ERROR', error: 'Unknown API Key' } };
  }
  if (actions !== undefined) return actions;
  if (quote !== null) return quoteAnswer(request, decodeURIComponent(quote[1]!));
  const [ticker, multiplier, span, from, to] = aggregates!.slice(1).map(decodeURIComponent);
  return aggregateAnswer(request, { ticker: ticker!, size: `${multiplier} ${span}`, from: from!, to: to! });
}

interface Ask {
  readonly ticker: string;
  readonly size: string;
  readonly from: string;
  readonly to: string;
}

function aggregateAnswer({ url, market, pageBars, fault }: FakeRequest, ask: Ask): FakeAnswer {
  const { ticker, size, from, to } = ask;
  const cursor = url.searchParams.get('cursor');
  if (cursor === null && url.searchParams.get('adjusted') !== 'false') {
    return { status: 400, body: { status: 'ERROR', error: 'raw only' } };
  }
  const base = { ticker: fault === 'other-symbol' ? 'ZZZZ' : ticker, adjusted: false, status: 'OK', request_id: 'r' };
  const known = market.bars(ticker, size);
  if (known === undefined) return { status: 200, body: { ...base, queryCount: 0, resultsCount: 0 } };
  const wanted = known.filter(({ timeMs }) => timeMs >= Number(from) && timeMs <= Number(to));
  const page = fakePage(wanted, parsePosition(cursor), pageBars, fault);
  const rows = page.bars.map(barOf);
  const shaped = fault === 'wrong-shape' ? rows.map((row) => ({ ...row, t: String(row.t) })) : rows;
  const results = rows.length === 0 ? {} : { results: shaped };
  const address = page.next === undefined ? {} : { next_url: `${url.origin}${url.pathname}?cursor=${page.next}` };
  return { status: 200, body: { ...base, queryCount: rows.length, resultsCount: rows.length, ...results, ...address } };
}

function quoteAnswer({ market, fault }: FakeRequest, ticker: string): FakeAnswer {
  const quote = market.quote(ticker);
  if (quote === undefined || fault === 'empty') {
    return { status: 404, body: { status: 'NOT_FOUND', message: 'Data not found.' } };
  }
  const { bid, bidSize, ask, askSize, timeMs } = quote;
  const T = fault === 'other-symbol' ? 'ZZZZ' : ticker;
  const results = { T, P: ask, S: askSize, p: bid, s: bidSize, t: timeMs * 1e6, y: timeMs * 1e6, q: 1 };
  return { status: 200, body: { status: 'OK', request_id: 'r', results: fault === 'wrong-shape' ? { T } : results } };
}
