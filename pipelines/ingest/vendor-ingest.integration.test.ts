import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { loadConfig } from '../../infra/config.ts';
import { silentProgress } from '../../infra/terminal/progress.ts';
import { createRandom } from '../../infra/random.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { readBars } from '../bars/bar-store.ts';
import { dataHash } from '../bars/bar-fingerprint.ts';
import type { DataOptions } from '../data-options.ts';
import { ingest, type IngestReport } from './ingest.ts';
import { runQuote } from '../commands/quote-command.ts';
import type { VendorBar } from '../vendors/pages/bar-page.ts';
import type { FakeFault } from '../vendors/testing/fake-fault.ts';
import { fakeSeries } from '../vendors/testing/fake-market.ts';
import { fakeVariables, startFakeVendorServer, type FakeVendorServer } from '../vendors/testing/fake-vendor-server.ts';
import type { VendorAccess } from '../vendors/vendor-access.ts';

const FROM_MS = Date.UTC(2022, 0, 1);
/** 20:30 in New York on a Monday: the day's bar has settled. */
const MONDAY_MS = Date.UTC(2024, 1, 13, 1, 30);

let database: TestDatabase;
let server: FakeVendorServer;
let fault: (path: string) => FakeFault | undefined;
let nowMs: number;
let series: VendorBar[];
let waits: number[];
const notes: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

beforeEach(async () => {
  fault = () => undefined;
  nowMs = MONDAY_MS;
  waits = [];
  notes.length = 0;
  const range = { fromMs: FROM_MS, toMs: MONDAY_MS + 30 * DAY_MS };
  series = fakeSeries(createRandom('daily'), { timeframe: '1d', kind: 'stock', ...range });
  const crypto = fakeSeries(createRandom('hourly'), { timeframe: '1h', kind: 'crypto', ...range });
  const known: Record<string, () => readonly VendorBar[]> = {
    'AAPL 1Day': () => series,
    'AAPL 1 day': () => series,
    'BTC/USD 1Hour': () => crypto,
    'BTCUSDT 1h': () => crypto,
  };
  server = await startFakeVendorServer({
    market: {
      bars: (symbol, size) => known[`${symbol} ${size}`]?.(),
      quote: (symbol) => (['AAPL', 'BTC/USD'].includes(symbol) ? quote : undefined),
    },
    pageBars: 200,
    fault: (_index, path) => fault(path),
  });
});
afterEach(async () => {
  await server.close();
  await database.pool.query('TRUNCATE bar_series CASCADE');
  await database.pool.query('TRUNCATE bars');
});

const access = (env: NodeJS.ProcessEnv = {}): VendorAccess => ({
  settings: loadConfig({
    ...fakeVariables(server.url),
    BINANCE_URL: server.url,
    ...env,
  }).vendors,
  clock: () => nowMs,
  sleep: async (milliseconds) => void waits.push(milliseconds),
  random: createRandom(1),
});

const quote = { bid: 99.5, bidSize: 3, ask: 99.75, askSize: 4, timeMs: MONDAY_MS };

const base: DataOptions = {
  source: 'alpaca',
  timeframe: '1d',
  from: '2023-01-01',
  calendar: 'us-equities',
  adjust: 'raw',
  simulated: { symbols: 1, bars: 1, seed: 1 },
  maxQualityErrors: 0,
};

interface Ask extends Partial<DataOptions> {
  readonly universe?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly revise?: boolean;
}

function ask({ universe = ['AAPL'], env, revise, ...data }: Ask = {}): Promise<IngestReport> {
  const progress = {
    note: (note: string): void => void notes.push(note),
    stage: () => ({ total: () => undefined, advance: () => undefined, done: () => undefined }),
  };
  return ingest(database, { data: { ...base, ...data }, universe, vendors: access(env), revise, progress });
}

/** Stamps of the vendor's daily bars that have settled at `nowMs`. */
const settledStamps = (fromMs: number): number[] =>
  series.map(({ timeMs }) => timeMs).filter((timeMs) => timeMs >= fromMs && timeMs + 20 * 3_600_000 < nowMs);

async function storedDays(report: IngestReport): Promise<string[]> {
  const [bars] = await readBars(database, [report.series[0]!.id]);
  return Array.from(bars!.openTimeMs, (timeMs) => new Date(timeMs).toISOString().slice(0, 10));
}

const days = (stamps: readonly number[]): string[] =>
  stamps.map((timeMs) => new Date(timeMs).toISOString().slice(0, 10));
const vendorsOf = (report: IngestReport) => report.series[0]!.vendors.map(({ vendor, bars }) => [vendor, bars]);
const alpacaIsOut = (path: string): FakeFault | undefined =>
  path.startsWith('/v2/stocks') ? { kind: 'status', status: 503 } : undefined;

describe('ingest from a vendor', () => {
  it('brings every settled bar, then only what is new', async () => {
    const first = await ask();
    const stamps = settledStamps(Date.UTC(2023, 0, 1));
    expect(await storedDays(first)).toEqual(days(stamps));
    expect(first).toMatchObject({ inserted: stamps.length, unchanged: 0 });
    expect(vendorsOf(first)).toEqual([['alpaca', stamps.length]]);
    expect(first.series[0]!.quality.errors).toBe(0);
    const again = await ask();
    expect(again).toMatchObject({ inserted: 0, dataHash: first.dataHash });
    expect(again.unchanged).toBeGreaterThan(2);
    nowMs += 7 * DAY_MS;
    const later = await ask();
    expect(later.inserted).toBe(settledStamps(Date.UTC(2023, 0, 1)).length - stamps.length);
    expect(await storedDays(later)).toEqual(days(settledStamps(Date.UTC(2023, 0, 1))));
    expect(vendorsOf(later)).toEqual([['alpaca', stamps.length + later.inserted]]);
  });

  it('leaves today for later while late trades may still change it', async () => {
    const settled = await ask();
    await database.pool.query('TRUNCATE bar_series CASCADE');
    nowMs -= 30 * 60_000 + 1;
    const early = await ask();
    expect((await storedDays(early)).at(-1)).toBe('2024-02-09');
    expect(settled.series[0]!.bars - early.series[0]!.bars).toBe(1);
  });

  it('goes back for what a wider range asks for, once', async () => {
    const narrow = await ask({ from: '2023-06-01' });
    const wide = await ask({ from: '2022-03-01' });
    expect(await storedDays(wide)).toEqual(days(settledStamps(Date.UTC(2022, 2, 1))));
    expect(wide.inserted).toBe(wide.series[0]!.bars - narrow.series[0]!.bars);
    expect(vendorsOf(wide)).toEqual([['alpaca', wide.series[0]!.bars]]);
    const asked = server.seen.length;
    await ask({ from: '2022-03-01' });
    expect(server.seen.length - asked).toBeLessThanOrEqual(4);
    const clean = await cleanRead({ from: '2022-03-01' });
    expect(wide.dataHash).toBe(clean);
  });

  it('refuses history that the vendor changed, and takes it over when told to', async () => {
    await ask();
    const last = settledStamps(0).length - 2;
    series[last] = { ...series[last]!, volume: series[last]!.volume + 1 };
    await expect(ask()).rejects.toThrow(/History changed: 1 stored bar of AAPL \(alpaca feed=iex raw\)/);
    expect(await ask({ revise: true })).toMatchObject({ revised: 1, inserted: 0 });
  });

  it('lets another vendor stand in during an outage, on record, and compares what is stored with its own vendor only', async () => {
    fault = alpacaIsOut;
    const standIn = await ask();
    const count = standIn.series[0]!.bars;
    expect(vendorsOf(standIn)).toEqual([['polygon', count]]);
    expect(standIn.series[0]!.source).toBe('alpaca');
    expect(standIn.series[0]!.vendors[0]!.because).toMatch(/alpaca is not available .*HTTP 503/);
    expect(notes.some((note) => /polygon stands in for AAPL/.test(note))).toBe(true);
    // Two waits for bars, of one and two seconds at most, and the other vendor is asked.
    expect(waits.filter((wait) => wait > 2000)).toEqual([]);
    expect(waits).toHaveLength(2);
    expect(await storedDays(standIn)).toEqual(days(settledStamps(Date.UTC(2023, 0, 1))));
    // Alpaca's bars differ a little: comparing them with Polygon's would look like changed history.
    fault = () => undefined;
    nowMs += 7 * DAY_MS;
    const paths = server.seen.length;
    const after = await ask();
    expect(vendorsOf(after)).toEqual([
      ['polygon', count],
      ['alpaca', after.inserted],
    ]);
    expect(after.inserted).toBeGreaterThan(2);
    expect(server.seen.slice(paths).map((path) => path.split('/')[2])).toEqual(['aggs', 'stocks']);
    const { rows } = await database.pool.query(
      'SELECT vendor, because IS NULL AS first FROM vendor_ranges ORDER BY from_time',
    );
    expect(rows).toEqual([
      { vendor: 'polygon', first: false },
      { vendor: 'alpaca', first: true },
    ]);
    // Polygon is not configured any more: what it gave stays, unchecked.
    const without = await ask({ env: { POLYGON_API_KEY: '' } });
    expect(without).toMatchObject({ inserted: 0 });
  });

  it('asks again with growing waits and gets everything where there is no other vendor', async () => {
    let failures = 3;
    fault = (path) => (path.startsWith('/v2/stocks') && failures-- > 0 ? { kind: 'closed' } : undefined);
    const report = await ask({ env: { POLYGON_API_KEY: '' } });
    expect(await storedDays(report)).toEqual(days(settledStamps(Date.UTC(2023, 0, 1))));
    expect(vendorsOf(report)).toEqual([['alpaca', report.series[0]!.bars]]);
    expect(waits).toHaveLength(3);
    for (const [i, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(500 * 2 ** i);
      expect(wait).toBeLessThanOrEqual(1000 * 2 ** i);
    }
  });

  it('ends with what the first vendor says where nobody can stand in', async () => {
    fault = () => ({ kind: 'status', status: 503 });
    await expect(ask()).rejects.toMatchObject({
      kind: 'unavailable',
      exitCode: 1,
      message: /alpaca is .*; polygon, asked instead: /,
    });
    await expect(ask({ env: { POLYGON_API_KEY: '' } })).rejects.toMatchObject({ message: /^alpaca is not available/ });
    fault = () => ({ kind: 'status', status: 401 });
    await expect(ask()).rejects.toMatchObject({ kind: 'unauthorised', exitCode: 2 });
  });

  it('joins hourly crypto bars into UTC days', async () => {
    const crypto = { universe: ['BTC/USD'], calendar: 'crypto', from: '2024-01-01' } as const;
    const alpaca = await ask(crypto);
    const binance = await ask({ ...crypto, source: 'binance', timeframe: '4h', universe: ['BTC/USDT'] }).catch(
      (error: unknown) => error,
    );
    expect(alpaca.series[0]).toMatchObject({ bars: 43, instrument: { assetClass: 'crypto', currency: 'USD' } });
    expect(new Date(alpaca.series[0]!.lastOpenMs).toISOString()).toBe('2024-02-12T00:00:00.000Z');
    // Binance's own 4 h bars are asked for, and this one has none.
    expect(binance).toMatchObject({ kind: 'not-found', exitCode: 2 });
  });

  it('names the variable of a missing key, and the vendor of a wrong symbol', async () => {
    await expect(ask({ env: { ALPACA_API_SECRET_KEY: '' } })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('ALPACA_API_SECRET_KEY'),
    });
    await expect(ask({ source: 'polygon', env: { POLYGON_API_KEY: '' } })).rejects.toThrow(/POLYGON_API_KEY/);
    await expect(ask({ env: { SIGNALBOX_VENDORS: 'binance' } })).rejects.toThrow(/SIGNALBOX_VENDORS leaves alpaca out/);
    await expect(ask({ universe: ['BTC/FDUSD'] })).rejects.toMatchObject({ exitCode: 2, remedy: /binance/ });
    expect(server.seen).toEqual([]);
  });
});

describe('quote', () => {
  const config = loadConfig({});
  const signal = new AbortController().signal;
  const progress = { ...silentProgress(), note: (note: string): void => void notes.push(note) };
  const quoted = async (symbol: string, vendor?: string, env?: NodeJS.ProcessEnv): Promise<unknown> =>
    (await runQuote({ config, signal, progress }, vendor === undefined ? {} : { vendor }, symbol, access(env))).value;

  it('comes from the first vendor that is configured and trades the symbol', async () => {
    const { timeMs, ...prices } = quote;
    const expected = { symbol: 'AAPL', ...prices, time: new Date(timeMs).toISOString() };
    expect(await quoted('AAPL')).toEqual({ ...expected, vendor: 'alpaca' });
    expect(await quoted('AAPL', undefined, { ALPACA_API_KEY_ID: '' })).toEqual({ ...expected, vendor: 'polygon' });
    fault = alpacaIsOut;
    expect(await quoted('AAPL')).toEqual({ ...expected, vendor: 'polygon' });
    expect(notes.at(-1)).toMatch(/^polygon stands in: alpaca is not available/);
  });

  it('of crypto comes from another vendor than Polygon, which has none, with the reason', async () => {
    const found = await quoted('BTC/USD', 'polygon');
    expect(found).toMatchObject({ symbol: 'BTC/USD', vendor: 'alpaca', bid: quote.bid });
    expect(notes.at(-1)).toMatch(/^alpaca stands in: polygon has no best bid and offer of crypto/);
    await expect(quoted('BTC/USD', 'polygon', { ALPACA_API_KEY_ID: '' })).rejects.toMatchObject({
      exitCode: 2,
      message: /polygon has no best bid and offer of crypto/,
    });
  });

  it('is refused where nobody has it', async () => {
    await expect(quoted('AAPL', 'bloomberg')).rejects.toMatchObject({
      exitCode: 2,
      remedy: /alpaca, polygon, binance/,
    });
    await expect(quoted('aapl')).rejects.toMatchObject({ exitCode: 2 });
    await expect(quoted('MSFT')).rejects.toMatchObject({ exitCode: 2, kind: 'not-found' });
    const none = { ALPACA_API_KEY_ID: '', POLYGON_API_KEY: '', SIGNALBOX_VENDORS: 'alpaca,polygon' };
    await expect(quoted('AAPL', undefined, none)).rejects.toThrow(/No vendor is configured/);
  });
});

/** Hash of the bars that a store without a past would hold. */
async function cleanRead(data: Partial<DataOptions>): Promise<string> {
  const other = await createTestDatabase();
  try {
    const report = await ingest(other, { data: { ...base, ...data }, universe: ['AAPL'], vendors: access() });
    return dataHash(await readBars(other, [report.series[0]!.id], report.range));
  } finally {
    await other.drop();
  }
}
