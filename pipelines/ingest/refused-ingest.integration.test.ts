import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadConfig } from '../../infra/config.ts';
import { createRandom } from '../../infra/random.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { BAR_BYTES } from '../bars/bar-codec.ts';
import { dataHash } from '../bars/bar-fingerprint.ts';
import { readBars } from '../bars/bar-store.ts';
import type { DataOptions } from '../data-options.ts';
import { requireQuality } from '../quality/quality-gate.ts';
import type { SeriesQuality } from '../quality/quality-store.ts';
import type { VendorBar } from '../vendors/pages/bar-page.ts';
import type { FakeFault } from '../vendors/testing/fake-fault.ts';
import { fakeSeries } from '../vendors/testing/fake-market.ts';
import { fakeVariables, startFakeVendorServer, type FakeVendorServer } from '../vendors/testing/fake-vendor-server.ts';
import { ingest, type IngestReport } from './ingest.ts';

const FROM_MS = Date.UTC(2021, 0, 1);
/** 20:30 in New York on a Monday: the day's bar has settled. */
const NOW_MS = Date.UTC(2024, 1, 13, 1, 30);
const TABLES = ['bars', 'bar_series', 'vendor_ranges', 'bar_arrivals', 'quality_reports', 'corporate_actions'];

let database: TestDatabase;
let server: FakeVendorServer;
let days: VendorBar[];
let hours: VendorBar[];
let fault: () => FakeFault | undefined;
let nowMs: number;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

beforeEach(async () => {
  fault = () => undefined;
  nowMs = NOW_MS;
  const range = { fromMs: FROM_MS, toMs: NOW_MS };
  const others = fakeSeries(createRandom('another'), { timeframe: '1d', kind: 'stock', ...range });
  days = fakeSeries(createRandom('daily'), { timeframe: '1d', kind: 'stock', ...range });
  hours = fakeSeries(createRandom('hourly'), { timeframe: '1h', kind: 'crypto', ...range });
  server = await startFakeVendorServer({
    market: {
      bars: (symbol, size) => (/hour|1h/i.test(size) ? hours : symbol === 'MSFT' ? others : days),
      quote: () => undefined,
      actions: () => [{ kind: 'dividend', timeMs: Date.UTC(2023, 1, 10), rates: [0.3, 1], announced: '2023-01-20' }],
    },
    pageBars: 1000,
    fault: () => fault(),
  });
});
afterEach(async () => {
  await server.close();
  await database.pool.query('TRUNCATE bar_series CASCADE');
  await database.pool.query('TRUNCATE bars');
});

const STOCK = { universe: ['AAPL'], timeframe: '1d', calendar: 'us-equities', from: '2023-01-03' } as const;
const COIN = { universe: ['BTC/USDT'], timeframe: '1h', calendar: 'crypto', from: '2021-06-01' } as const;
const VENDORS = [
  { source: 'alpaca', ...STOCK },
  { source: 'polygon', ...STOCK },
  { source: 'binance', ...COIN },
] as const;

interface Ask extends Partial<DataOptions> {
  readonly universe: readonly string[];
  readonly revise?: boolean;
  readonly ungated?: boolean;
  readonly signal?: AbortSignal;
}

const gate = (quality: readonly SeriesQuality[]): void => requireQuality(quality, { maxQualityErrors: 0 });

function run({ universe, revise, ungated = false, signal, ...asked }: Ask): Promise<IngestReport> {
  const settings = loadConfig({ ...fakeVariables(server.url), BINANCE_URL: server.url }).vendors;
  const data: DataOptions = {
    source: 'alpaca',
    timeframe: '1d',
    calendar: 'us-equities',
    adjust: 'raw',
    simulated: { symbols: 1, bars: 1, seed: 1 },
    maxQualityErrors: 0,
    ...asked,
  };
  // Turns come by the real clock; waits after failures are cut short.
  const wait = (milliseconds: number): Promise<void> => sleep(Math.min(milliseconds, 20));
  const vendors = { settings, clock: () => nowMs, sleep: wait, random: createRandom(1) };
  return ingest(database, { data, universe, vendors, revise, signal, gate: ungated ? undefined : gate });
}

/** Rows of each table that an ingest writes. */
async function rows(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of TABLES) {
    const { rows: found } = await database.pool.query<{ count: number }>(`SELECT count(*) AS count FROM ${table}`);
    counts[table] = found[0]!.count;
  }
  return counts;
}

const NOTHING = Object.fromEntries(TABLES.map((table) => [table, 0]));

/** Takes bars out of what the vendor has, and gives them back. */
function tearHole(bars: VendorBar[], count = 60): () => void {
  const at = bars.length - 90 - count;
  const torn = bars.splice(at, count);
  return () => void bars.splice(at, 0, ...torn);
}

const storedHash = async ({ series }: IngestReport): Promise<string> =>
  dataHash(await readBars(database, [series[0]!.id]));

describe('a vendor whose bars the gate refuses', () => {
  it.each(VENDORS)('leaves nothing behind: $source', async (asked) => {
    const mend = asked.source === 'binance' ? tearHole(hours, 240) : tearHole(days);
    await expect(run(asked)).rejects.toThrow(/quality errors?; the experiment allows 0/);
    expect(await rows()).toEqual(NOTHING);
    mend();
    const report = await run(asked);
    const { bars, vendors, quality } = report.series[0]!;
    expect(quality.errors).toBe(0);
    expect(vendors).toMatchObject([{ vendor: asked.source, bars }]);
    expect(report.dataHash).toBe(await storedHash(report));
    // The same as without a gate.
    await database.pool.query('TRUNCATE bar_series CASCADE');
    await database.pool.query('TRUNCATE bars');
    expect((await run({ ...asked, ungated: true })).dataHash).toBe(report.dataHash);
  });

  it('holds one window of a long range at a time', async () => {
    const staged = vi.spyOn(pg.Client.prototype, 'query');
    try {
      const report = await run({ source: 'binance', ...COIN });
      const calls = staged.mock.calls as unknown as [unknown, unknown[]?][];
      const pieces = calls.filter(([text]) => String(text).startsWith('INSERT INTO staged_bars'));
      const bars = pieces.map(([, values]) => (values![1] as Buffer).byteLength / BAR_BYTES);
      expect(bars.length).toBeGreaterThan(1);
      expect(bars.reduce((sum, count) => sum + count, 0)).toBe(report.inserted);
      expect(Math.max(...bars)).toBeLessThanOrEqual(20_000);
    } finally {
      staged.mockRestore();
    }
  });

  it('leaves what was stored before as it was', async () => {
    const asked = { source: 'alpaca', ...STOCK } as const;
    const good = await run({ ...asked, to: '2023-06-30' });
    const before = await rows();
    tearHole(days);
    await expect(run(asked)).rejects.toThrow(/quality error/);
    expect(await rows()).toEqual(before);
    expect(await storedHash(good)).toBe(good.dataHash);
    expect((await run({ ...asked, to: '2023-06-30' })).dataHash).toBe(good.dataHash);
  });

  it('keeps the symbols before it, which were let pass', async () => {
    const asked = { source: 'alpaca', ...STOCK, universe: ['MSFT', 'AAPL'] } as const;
    const mend = tearHole(days);
    await expect(run(asked)).rejects.toThrow(/quality error.* AAPL at /);
    const { rows: kept } = await database.pool.query('SELECT symbol FROM bar_series');
    expect(kept).toEqual([{ symbol: 'MSFT' }]);
    mend();
    const report = await run(asked);
    expect(report.series.map(({ symbol, inserted }) => [symbol, inserted > 0])).toEqual([
      ['MSFT', false],
      ['AAPL', true],
    ]);
  });

  it('keeps what a vendor had given when it was stopped, and asks for the rest alone', async () => {
    const whole = await run({ source: 'binance', ...COIN });
    await database.pool.query('TRUNCATE bar_series CASCADE');
    await database.pool.query('TRUNCATE bars');
    const controller = new AbortController();
    let asked = 0;
    fault = () => {
      if (++asked === 22) controller.abort(new Error('Stopped by SIGINT.'));
      return undefined;
    };
    const stopped = run({ source: 'binance', ...COIN, signal: controller.signal });
    await expect(stopped).rejects.toThrow(/^Stopped by SIGINT\. 0 of 1 series .*, and \d+ bars of BTC\/USDT\.$/);
    const { bars: kept } = await rows();
    expect(kept).toBeGreaterThan(10_000);
    const report = await run({ source: 'binance', ...COIN });
    expect(report.inserted).toBe(whole.inserted - kept!);
    expect(report.series[0]!.vendors).toMatchObject([{ vendor: 'binance', bars: whole.inserted }]);
    expect(report.dataHash).toBe(whole.dataHash);
  });

  it('has no series of a symbol without bars', async () => {
    days = [];
    for (const ungated of [false, true]) {
      await expect(run({ source: 'alpaca', ...STOCK, ungated })).rejects.toThrow(/no bars between/);
      expect(await rows()).toEqual(NOTHING);
    }
  });
});

describe('--revise', () => {
  const asked = { source: 'alpaca', ...STOCK } as const;

  it.each([
    ['the last days', 2],
    ['long ago', 150],
  ])('takes over what the vendor has corrected: %s', async (_when, back) => {
    const at = days.length - back;
    await run(asked);
    days[at] = { ...days[at]!, volume: days[at]!.volume + 1 };
    const revised = await run({ ...asked, revise: true });
    expect(revised).toMatchObject({ revised: 1, inserted: 0 });
    expect((await run(asked)).dataHash).toBe(revised.dataHash);
  });

  it('fills a stored hole that keeps every run from its work', async () => {
    const mend = tearHole(days);
    const torn = await run({ ...asked, ungated: true });
    mend();
    await expect(run(asked)).rejects.toThrow(/quality error/);
    const revised = await run({ ...asked, revise: true });
    const bars = torn.series[0]!.bars + 60;
    expect(revised).toMatchObject({ revised: 0, inserted: 60, series: [{ bars, vendors: [{ bars }] }] });
    expect((await run(asked)).dataHash).toBe(revised.dataHash);
  });

  it('takes away a tail that the vendor has withdrawn, and counts the rest', async () => {
    const first = await run({ ...asked, ungated: true });
    const kept = days.length - 3;
    days = days.slice(0, kept);
    await expect(run(asked)).rejects.toThrow(/History changed: 3 stored bars of AAPL .* is no longer offered/);
    expect(await storedHash(first)).toBe(first.dataHash);
    const revised = await run({ ...asked, revise: true });
    const bars = first.series[0]!.bars - 3;
    expect(revised).toMatchObject({ revised: 3, inserted: 0, series: [{ bars, vendors: [{ bars }] }] });
    expect((await run(asked)).dataHash).toBe(revised.dataHash);
  });

  it('takes away nothing where the vendor could not be asked', async () => {
    const first = await run(asked);
    days = days.slice(0, -3);
    fault = () => ({ kind: 'status', status: 503 });
    await expect(run({ ...asked, revise: true })).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await storedHash(first)).toBe(first.dataHash);
  });

  it('takes away nothing that the clock says is not settled', async () => {
    const first = await run(asked);
    days = days.slice(0, -1);
    nowMs -= 30 * 60_000 + 1;
    const early = await run({ ...asked, revise: true });
    expect(early).toMatchObject({ revised: 0, inserted: 0 });
    expect(await storedHash(first)).toBe(first.dataHash);
  });
});
