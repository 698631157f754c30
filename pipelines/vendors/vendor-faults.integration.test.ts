import { afterEach, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { barAt } from '../../features/bar.ts';
import { createRandom } from '../../infra/random.ts';
import { createDeadlineCall } from './asking/deadline-call.ts';
import { BROKEN_ANSWERS, type FakeFault } from './testing/fake-fault.ts';
import { fakeSeries, type FakeMarket } from './testing/fake-market.ts';
import {
  createVendorAt,
  expectedBars,
  FAKE_SUBJECTS,
  joined,
  requestOf,
  type FakeSubject,
} from './testing/fake-subjects.ts';
import { startFakeVendorServer, type FakeVendorServer } from './testing/fake-vendor-server.ts';
import { VendorError, type VendorErrorKind } from './vendor-error.ts';
import type { Vendor } from './vendor.ts';

const NOW_MS = Date.UTC(2024, 1, 14, 16, 45);
/** A busy machine may take its time for an honest answer; where none comes, waiting is a waste. */
const TIMEOUT_MS = { answer: 20_000, none: 150 };
const PAGE_BARS = 40;

let server: FakeVendorServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

function seriesOf(subject: FakeSubject) {
  const fromMs = NOW_MS - (subject.timeframe === '1d' ? 400 : 20) * DAY_MS;
  const options = { timeframe: subject.timeframe, kind: subject.kind, fromMs, toMs: NOW_MS, missing: 0.05 };
  // The bar that is still open at NOW_MS is in the series, as it is at the vendors.
  return { fromMs, series: fakeSeries(createRandom(`${subject.vendor} ${subject.size}`), options) };
}

const quote = { bid: 99.5, bidSize: 3, ask: 99.75, askSize: 4, timeMs: Date.UTC(2024, 1, 14, 16, 44, 59, 123) };

async function start(
  subject: FakeSubject,
  fault: (index: number) => FakeFault | undefined = () => undefined,
  { key, timeoutMs = TIMEOUT_MS.answer }: { key?: string; timeoutMs?: number } = {},
): Promise<{ vendor: Vendor; series: ReturnType<typeof seriesOf>['series']; fromMs: number }> {
  const { series, fromMs } = seriesOf(subject);
  const market: FakeMarket = {
    bars: (symbol, size) => (symbol === subject.key && size === subject.size ? series : undefined),
    quote: (symbol) => (symbol === subject.key ? quote : undefined),
  };
  server = await startFakeVendorServer({ market, pageBars: PAGE_BARS, fault });
  const call = createDeadlineCall(subject.vendor, timeoutMs);
  const options = { url: server.url, clock: () => NOW_MS, call, ...(key === undefined ? {} : { key }) };
  return { vendor: createVendorAt(subject.vendor, options), series, fromMs };
}

async function fetched(vendor: Vendor, subject: FakeSubject, fromMs: number) {
  const bars = await joined(vendor.history(requestOf(subject, fromMs, Infinity)), subject.symbol);
  return Array.from({ length: bars.length }, (_, i) => barAt(bars, i));
}

function truth(series: ReturnType<typeof seriesOf>['series'], subject: FakeSubject, fromMs: number) {
  return expectedBars(series, subject, requestOf(subject, fromMs, Infinity), NOW_MS).map(
    ({ timeMs: _stamp, ...bar }) => bar,
  );
}

async function refusal(work: Promise<unknown>): Promise<VendorError> {
  const error = await work.then(
    () => new Error('accepted'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(VendorError);
  return error as VendorError;
}

const named = FAKE_SUBJECTS.map(
  (subject) => [`${subject.vendor} ${subject.symbol} ${subject.timeframe}`, subject] as const,
);
/** One subject per vendor: what a status means does not depend on the bar size. */
const first = named.filter(([, { vendor }], i) => named.findIndex(([, other]) => other.vendor === vendor) === i);

describe.each(named)('%s', (_name, subject) => {
  it('gives every closed bar once, over many pages', async () => {
    const { vendor, series, fromMs } = await start(subject);
    const bars = await fetched(vendor, subject, fromMs);
    expect(bars).toEqual(truth(series, subject, fromMs));
    expect(bars.length).toBeGreaterThan(100);
    expect(server!.seen.length).toBeGreaterThan(2);
  });

  it('leaves out the bar that is not closed, and bars outside the range', async () => {
    const { vendor, series, fromMs } = await start(subject);
    const bars = await fetched(vendor, subject, fromMs + 5 * DAY_MS);
    expect(bars).toEqual(truth(series, subject, fromMs + 5 * DAY_MS));
    expect(bars.at(-1)!.closeTimeMs).toBeLessThanOrEqual(NOW_MS);
    expect(series.at(-1)!.timeMs).toBeGreaterThanOrEqual(bars.at(-1)!.openTimeMs);
  });

  it('takes pages in any order', async () => {
    const kind = subject.vendor === 'binance' ? 'descending' : 'swapped-pages';
    const { vendor, series, fromMs } = await start(subject, (index) => (index === 0 ? { kind } : undefined));
    expect(await fetched(vendor, subject, fromMs)).toEqual(truth(series, subject, fromMs));
  });

  it('asks again for a page that is empty, and believes it then', async () => {
    const once = await start(subject, (index) => (index === 1 ? { kind: 'empty' } : undefined));
    expect(await fetched(once.vendor, subject, once.fromMs)).toEqual(truth(once.series, subject, once.fromMs));
    await server!.close();
    const always = await start(subject, () => ({ kind: 'empty' }));
    expect(await fetched(always.vendor, subject, always.fromMs)).toEqual([]);
    expect(server!.seen).toHaveLength(2);
  });

  it('takes a page that comes once more for what it is', async () => {
    const { vendor, series, fromMs } = await start(subject, (index) =>
      index === 1 ? { kind: 'repeated-page' } : undefined,
    );
    // Binance never closes: a page that does not begin where it should is asked for again.
    if (subject.vendor === 'binance')
      expect(await fetched(vendor, subject, fromMs)).toEqual(truth(series, subject, fromMs));
    else expect(await refusal(fetched(vendor, subject, fromMs))).toMatchObject({ kind: 'malformed' });
  });

  it.each(['repeated-page', 'circle', 'overlapping', 'other-range', 'other-symbol', 'wrong-shape'] as const)(
    'takes nothing of an answer with the fault %s',
    async (kind) => {
      const { vendor, fromMs } = await start(subject, (index) => (index > 0 ? { kind } : undefined));
      const error = await refusal(fetched(vendor, subject, fromMs));
      expect(error).toMatchObject({ kind: 'malformed', retryable: true, exitCode: 1, vendor: subject.vendor });
    },
  );
});

const statuses: readonly [number, VendorErrorKind, 1 | 2][] = [
  [401, 'unauthorised', 2],
  [403, 'forbidden', 2],
  [404, 'not-found', 2],
  [422, 'invalid-request', 2],
  [429, 'rate-limited', 1],
  [500, 'unavailable', 1],
  [503, 'unavailable', 1],
];

describe.each(first)('%s: faults', (_name, subject) => {
  it.each(statuses)('says what a status %i means, after one request', async (status, kind, exitCode) => {
    const { vendor, fromMs } = await start(subject, () => ({ kind: 'status', status }));
    const error = await refusal(fetched(vendor, subject, fromMs));
    expect(error).toMatchObject({ kind, exitCode, retryable: exitCode === 1, retryAfterMs: undefined });
    expect(error.message).toContain(`${subject.vendor} `);
    expect(error.message).toContain(`bars of ${subject.symbol}`);
    expect(error.message).toContain(`HTTP ${status}`);
    expect(error.remedy).not.toBe('');
    expect(server!.seen).toHaveLength(1);
  });

  it('hears how long to wait, in seconds or until a date', async () => {
    const seconds = await start(subject, () => ({ kind: 'status', status: 429, retryAfter: '7' }));
    expect(await refusal(fetched(seconds.vendor, subject, seconds.fromMs))).toMatchObject({ retryAfterMs: 7000 });
    await server!.close();
    const date = new Date(NOW_MS + 90_000).toUTCString();
    const until = await start(subject, () => ({ kind: 'status', status: 503, retryAfter: date }));
    expect(await refusal(fetched(until.vendor, subject, until.fromMs))).toMatchObject({ retryAfterMs: 90_000 });
  });

  it.each(BROKEN_ANSWERS)('a %s answer is %s', async (fault, kind) => {
    const timeoutMs = kind === 'timed-out' ? TIMEOUT_MS.none : TIMEOUT_MS.answer;
    const { vendor, fromMs } = await start(subject, () => ({ kind: fault }), { timeoutMs });
    const error = await refusal(fetched(vendor, subject, fromMs));
    expect(error).toMatchObject({ kind, retryable: true, exitCode: 1 });
    expect(error.message).not.toMatch(/fake-(key|secret|polygon)/);
  });

  it('ends when the caller says so, with the reason given', async () => {
    const { vendor, fromMs } = await start(subject, () => ({ kind: 'silent' }));
    const controller = new AbortController();
    const reason = new Error('stopped');
    const work = joined(vendor.history(requestOf(subject, fromMs, Infinity), { signal: controller.signal }), 'x');
    setTimeout(() => controller.abort(reason), 20);
    await expect(work).rejects.toBe(reason);
  });

  it('knows what it does not trade without asking', async () => {
    const { vendor } = await start(subject);
    const lower = { ...requestOf(subject, 0, 1), symbol: 'aapl' };
    await expect(joined(vendor.history(lower), 'x')).rejects.toMatchObject({
      exitCode: 2,
      message: /no symbol "aapl"/,
    });
    expect(vendor.instrumentOf('aapl')).toBeUndefined();
    expect(vendor.instrumentOf(subject.symbol)).toMatchObject({ symbol: subject.symbol });
    expect(server!.seen).toHaveLength(0);
  });
});

describe('credentials', () => {
  it.each(first.filter(([, { vendor }]) => vendor !== 'binance'))(
    '%s: wrong ones are refused',
    async (_name, subject) => {
      const { vendor, fromMs } = await start(subject, undefined, { key: 'wrong-key' });
      const error = await refusal(fetched(vendor, subject, fromMs));
      expect(error).toMatchObject({ kind: 'unauthorised', exitCode: 2 });
      expect(error.message + error.remedy + JSON.stringify(error)).not.toContain('wrong-key');
    },
  );
});

describe('latest quote', () => {
  const quoted = named.filter(([, { vendor, kind }]) => vendor !== 'polygon' || kind === 'stock');
  it.each(quoted)('%s', async (_name, subject) => {
    const { vendor } = await start(subject);
    const { timeMs, ...prices } = await vendor.latestQuote(subject.symbol);
    const { timeMs: said, ...expected } = quote;
    expect(prices).toEqual({ symbol: subject.symbol, ...expected });
    expect(timeMs).toBe(subject.vendor === 'binance' ? NOW_MS : said);
  });

  it.each(first)('%s: a wrong shape, another symbol and an outage are errors', async (_name, subject) => {
    for (const kind of ['wrong-shape', 'other-symbol', 'half-json', 'closed', 'stalled'] as const) {
      const timeoutMs = kind === 'stalled' ? TIMEOUT_MS.none : TIMEOUT_MS.answer;
      const { vendor } = await start(subject, () => ({ kind }), { timeoutMs });
      const error = await refusal(vendor.latestQuote(subject.symbol));
      expect(error.message, kind).toMatch(/latest quote of/);
      await server!.close();
    }
  });

  it('polygon has none of crypto', async () => {
    const subject = FAKE_SUBJECTS.find(({ vendor, kind }) => vendor === 'polygon' && kind === 'crypto')!;
    const { vendor } = await start(subject);
    await expect(vendor.latestQuote('BTC/USD')).rejects.toMatchObject({ exitCode: 2, message: /only last trades/ });
    expect(vendor.noQuoteBecause!('BTC/USD')).toMatch(/only last trades/);
    expect(vendor.noQuoteBecause!('AAPL')).toBeUndefined();
  });
});
