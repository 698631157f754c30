import { DAY_MS } from '../../../features/timeframe.ts';
import type { FakeAction } from './fake-market.ts';
import { fakePage, parsePosition } from './fake-page.ts';
import type { FakeAnswer, FakeRequest } from './fake-request.ts';

/** Dividends are paid, which is when Alpaca processes them, this long after the ex-date. */
const PAID_AFTER_MS = 20 * DAY_MS;

const dateOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);
const idOf = ({ kind, timeMs }: FakeAction): string => `${kind} ${dateOf(timeMs)}`;

/** `/v1/corporate-actions`: Alpaca's range is about the day of processing. */
export function fakeAlpacaActions({ url, market, pageBars, fault }: FakeRequest): FakeAnswer {
  const { searchParams } = url;
  const symbol = searchParams.get('symbols') ?? '';
  const [start, end] = ['start', 'end'].map((name) => Date.parse(searchParams.get(name) ?? ''));
  const processed = (one: FakeAction): number => one.timeMs + (one.kind === 'dividend' ? PAID_AFTER_MS : 0);
  const wanted = (market.actions?.(symbol) ?? []).filter((one) => processed(one) >= start! && processed(one) <= end!);
  const page = fakePage(wanted, parsePosition(searchParams.get('page_token')), pageBars, fault);
  const rows = page.bars.map((one) => {
    const days = { ex_date: dateOf(one.timeMs), process_date: dateOf(processed(one)), record_date: dateOf(one.timeMs) };
    const base = { id: idOf(one), symbol: fault === 'other-symbol' ? 'ZZZZ' : symbol, cusip: 'C', ...days };
    const [a, b] = one.rates;
    if (fault === 'wrong-shape') return { one, row: { ...base, ex_date: null } };
    if (one.kind === 'split') return { one, row: { ...base, new_rate: a, old_rate: b } };
    const currency = one.currency === undefined ? {} : { currency: one.currency };
    return { one, row: { ...base, rate: a, foreign: false, special: false, ...currency } };
  });
  const of = (belongs: (one: FakeAction) => boolean): object[] =>
    rows.filter(({ one }) => belongs(one)).map(({ row }) => row);
  const types = {
    forward_splits: of(({ kind, rates }) => kind === 'split' && rates[0] >= rates[1]),
    reverse_splits: of(({ kind, rates }) => kind === 'split' && rates[0] < rates[1]),
    cash_dividends: of(({ kind }) => kind === 'dividend'),
  };
  // Types without any are left out.
  const said = Object.fromEntries(Object.entries(types).filter(([, list]) => list.length > 0));
  return { status: 200, body: { corporate_actions: said, next_page_token: page.next ?? null } };
}

const PATHS = { '/v3/reference/splits': 'split', '/v3/reference/dividends': 'dividend' } as const;

/** `/v3/reference/splits` and `/v3/reference/dividends`. Undefined for any other path. */
export function fakePolygonActions({ url, market, pageBars, fault }: FakeRequest): FakeAnswer | undefined {
  const kind = PATHS[url.pathname as keyof typeof PATHS] as FakeAction['kind'] | undefined;
  if (kind === undefined) return undefined;
  const { searchParams } = url;
  const cursor = searchParams.get('cursor');
  const field = kind === 'split' ? 'execution_date' : 'ex_dividend_date';
  // A cursor carries the question.
  const [position, symbol, from, to] = cursor?.split('|') ?? [
    null,
    ...['ticker', `${field}.gte`, `${field}.lte`].map((name) => searchParams.get(name) ?? ''),
  ];
  const [fromMs, toMs] = [Date.parse(from!), Date.parse(to!)];
  const known = market.actions?.(symbol!) ?? [];
  const wanted = known.filter((one) => one.kind === kind && one.timeMs >= fromMs && one.timeMs <= toMs);
  const page = fakePage(wanted, parsePosition(position ?? null), pageBars, fault);
  const results = page.bars.map((one) => {
    const base = { id: idOf(one), ticker: fault === 'other-symbol' ? 'ZZZZ' : symbol, [field]: dateOf(one.timeMs) };
    if (fault === 'wrong-shape') return { ...base, [field]: one.timeMs };
    const [a, b] = one.rates;
    if (kind === 'split') return { ...base, split_from: b, split_to: a };
    const declared = one.announced === undefined ? {} : { declaration_date: one.announced };
    return { ...base, cash_amount: a, currency: one.currency ?? 'USD', dividend_type: 'CD', frequency: 4, ...declared };
  });
  const next = [page.next, symbol, from, to].join('|');
  const address =
    page.next === undefined ? {} : { next_url: `${url.origin}${url.pathname}?cursor=${encodeURIComponent(next)}` };
  return { status: 200, body: { status: 'OK', request_id: 'r', results, ...address } };
}
