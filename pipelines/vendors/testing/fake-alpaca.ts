import type { VendorBar } from '../pages/bar-page.ts';
import type { FakeAnswer, FakeRequest } from './fake-request.ts';
import { fakeAlpacaActions } from './fake-actions.ts';
import { fakeAlpacaNews } from './fake-news.ts';
import { fakePage, parsePosition } from './fake-page.ts';

const barOf = ({ timeMs, open, high, low, close, volume }: VendorBar) => ({
  t: new Date(timeMs).toISOString(),
  o: open,
  h: high,
  l: low,
  c: close,
  v: volume,
  n: 1,
  vw: close,
});

/**
 * Alpaca's market data: `/v2/stocks/...`, `/v1beta3/crypto/us/...`, `/v1/corporate-actions` and `/v1beta1/news`.
 * Undefined for any other path.
 */
export function fakeAlpaca(request: FakeRequest): FakeAnswer | undefined {
  const { url, headers, keys } = request;
  const actions = url.pathname === '/v1/corporate-actions';
  const news = url.pathname === '/v1beta1/news';
  if (!actions && !news && !/^\/(v2\/stocks|v1beta3\/crypto\/us)\//.test(url.pathname)) return undefined;
  // Crypto data are public: the SDK sends no key with them.
  const stocks = actions || news || url.pathname.startsWith('/v2/stocks/');
  if (
    stocks &&
    (headers['apca-api-key-id'] !== keys.alpacaKeyId || headers['apca-api-secret-key'] !== keys.alpacaSecret)
  ) {
    return { status: 401, body: { message: 'unauthorized.' } };
  }
  if (actions) return fakeAlpacaActions(request);
  if (news) return fakeAlpacaNews(request);
  return url.pathname.endsWith('/bars') ? bars(request) : quotes(request);
}

function bars({ url, market, pageBars, fault }: FakeRequest): FakeAnswer {
  const { searchParams } = url;
  const symbol = searchParams.get('symbols') ?? '';
  const stocks = url.pathname.startsWith('/v2/stocks');
  if (stocks && searchParams.get('adjustment') !== 'raw') return { status: 422, body: { message: 'raw only' } };
  const known = market.bars(symbol, searchParams.get('timeframe') ?? '');
  if (known === undefined) return { status: 200, body: { bars: {}, next_page_token: null } };
  const [start, end] = ['start', 'end'].map((name) => Date.parse(searchParams.get(name) ?? ''));
  const wanted = known.filter(({ timeMs }) => timeMs >= start! && timeMs <= end!);
  const page = fakePage(wanted, parsePosition(searchParams.get('page_token')), pageBars, fault);
  const rows = page.bars.map(barOf);
  const shaped = fault === 'wrong-shape' ? rows.map(({ c: _close, ...rest }) => rest) : rows;
  const key = fault === 'other-symbol' ? 'ZZZZ' : symbol;
  return {
    status: 200,
    body: { bars: rows.length === 0 ? {} : { [key]: shaped }, next_page_token: page.next ?? null },
  };
}

function quotes({ url, market, fault }: FakeRequest): FakeAnswer {
  const symbol = url.searchParams.get('symbols') ?? '';
  const quote = market.quote(symbol);
  if (quote === undefined || fault === 'empty') return { status: 200, body: { quotes: {} } };
  const { bid, bidSize, ask, askSize, timeMs } = quote;
  const t = `${new Date(timeMs).toISOString().slice(0, -1)}456789Z`;
  const said = { t, bp: bid, bs: bidSize, ap: ask, as: askSize, bx: 'V', ax: 'V', c: ['R'], z: 'C' };
  const shaped = fault === 'wrong-shape' ? { ...said, bp: null } : said;
  return { status: 200, body: { quotes: { [fault === 'other-symbol' ? 'ZZZZ' : symbol]: shaped } } };
}
