import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CommandContext } from '../../infra/command.ts';
import { loadConfig } from '../../infra/config.ts';
import { silentProgress } from '../../infra/terminal/progress.ts';
import { createRandom } from '../../infra/random.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { isoDay, parseDay } from '../calendars/day.ts';
import { ingestCommand } from '../commands/command-actions.ts';
import type { DataOptions } from '../data-options.ts';
import { ingest, type IngestReport } from './ingest.ts';
import type { VendorBar } from '../vendors/pages/bar-page.ts';
import type { FakeFault } from '../vendors/testing/fake-fault.ts';
import { fakeSeries, type FakeAction } from '../vendors/testing/fake-market.ts';
import { fakeVariables, startFakeVendorServer, type FakeVendorServer } from '../vendors/testing/fake-vendor-server.ts';

const calendar = calendarNamed('us-equities');
const NOW_MS = Date.UTC(2024, 1, 13, 1, 30);
const EX = '2023-08-31';

let database: TestDatabase;
let server: FakeVendorServer;
let actions: FakeAction[];
let bars: VendorBar[];
let fault: (path: string) => FakeFault | undefined;
const notes: string[] = [];

const at = (iso: string): number => Date.parse(`${iso}T00:00:00Z`);
const dividend = (iso: string, amount: number, announced: string): FakeAction => {
  return { kind: 'dividend', timeMs: at(iso), rates: [amount, 1], announced };
};

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

beforeEach(async () => {
  fault = () => undefined;
  notes.length = 0;
  const range = { fromMs: Date.UTC(2022, 0, 1), toMs: NOW_MS };
  // A market that splits four for one: prices as they were traded.
  bars = fakeSeries(createRandom('split'), { timeframe: '1d', kind: 'stock', ...range }).map((bar) => {
    const by = bar.timeMs >= calendar.dayStartMs(parseDay(EX)!) ? 4 : 1;
    const { open, high, low, close, volume } = bar;
    return { ...bar, open: open / by, high: high / by, low: low / by, close: close / by, volume: volume * by };
  });
  actions = [
    dividend('2022-11-04', 0.3, '2022-10-20'),
    dividend('2023-02-10', 0.31, '2023-01-20'),
    dividend('2023-05-12', 0.32, '2023-04-20'),
    { kind: 'split', timeMs: at(EX), rates: [4, 1] },
    dividend('2023-11-10', 0.08, '2023-10-20'),
    // Announced, and still to come.
    dividend('2024-02-16', 0.09, '2024-01-25'),
  ];
  server = await startFakeVendorServer({
    market: {
      bars: (symbol, size) => (symbol === 'AAPL' && /^1 ?day$/i.test(size) ? bars : undefined),
      quote: () => undefined,
      actions: (symbol) => (symbol === 'AAPL' ? actions : []),
    },
    fault: (_index, path) => fault(path),
  });
});
afterEach(async () => {
  await server.close();
  await database.pool.query('TRUNCATE bar_series CASCADE');
  await database.pool.query('TRUNCATE bars');
});

interface AskOptions extends Partial<DataOptions> {
  readonly env?: NodeJS.ProcessEnv;
  readonly revise?: boolean;
}

async function ask({ env = {}, revise, ...data }: AskOptions = {}): Promise<IngestReport> {
  const settings = loadConfig({ ...fakeVariables(server.url), ...env }).vendors;
  const base: DataOptions = {
    source: 'alpaca',
    timeframe: '1d',
    from: '2023-01-03',
    calendar: 'us-equities',
    adjust: 'splits-and-dividends',
    simulated: { symbols: 1, bars: 1, seed: 1 },
    maxQualityErrors: 0,
  };
  const vendors = { settings, clock: () => NOW_MS, sleep: async () => undefined, random: createRandom(1) };
  const progress = { ...silentProgress(), note: (note: string): void => void notes.push(note) };
  return ingest(database, { data: { ...base, ...data }, universe: ['AAPL'], vendors, revise, progress });
}

/** What is on record and believed: kind, ex-date and the day from whose start it is known. */
async function recorded(): Promise<string[]> {
  const { rows } = await database.pool.query<{ kind: string; ex: string; known: Date; origin: string }>(
    'SELECT kind, ex_date::text AS ex, known_at AS known, origin FROM corporate_actions WHERE superseded_at IS NULL ORDER BY ex_date',
  );
  return rows.map(({ kind, ex, known, origin }) => {
    return `${kind} ${ex} known ${isoDay(calendar.dayAt(known.getTime()))} ${origin}`;
  });
}

const asksActions = (path: string): boolean => /corporate-actions|\/reference\//.test(path);

describe('ingest from a vendor of stocks', () => {
  it('brings the splits and dividends of the range, so that bars are adjusted without a file', async () => {
    const report = await ask();
    expect(report.series[0]!.fetchedActions).toEqual({
      vendor: 'alpaca',
      because: null,
      splits: 1,
      dividends: 3,
      missing: null,
      passedOver: [],
    });
    expect(await recorded()).toEqual([
      'dividend 2023-02-10 known 2023-02-10 alpaca corporate actions',
      'dividend 2023-05-12 known 2023-05-12 alpaca corporate actions',
      'split 2023-08-31 known 2023-08-31 alpaca corporate actions',
      'dividend 2023-11-10 known 2023-11-10 alpaca corporate actions',
    ]);
    expect(report.adjustments[0]!.actions).toHaveLength(4);
    // The jump of the split is explained before the bars are checked.
    expect(report.series[0]!.quality.errors).toBe(0);
    expect(notes).toContain('1 split and 3 dividends of 1 stock from alpaca.');
    expect(await ask()).toMatchObject({ inserted: 0, dataHash: report.dataHash });
  });

  it('knows an action of Polygon from its announcement on', async () => {
    await ask({ source: 'polygon' });
    expect((await recorded()).slice(0, 3)).toEqual([
      'dividend 2023-02-10 known 2023-01-21 polygon corporate actions',
      'dividend 2023-05-12 known 2023-04-21 polygon corporate actions',
      'split 2023-08-31 known 2023-08-31 polygon corporate actions',
    ]);
  });

  it('asks for them again over all bars that are stored, and leaves alone what lies outside a narrower range', async () => {
    const narrow = await ask({ from: '2023-09-01' });
    expect(narrow.series[0]!.fetchedActions).toMatchObject({ splits: 0, dividends: 1 });
    expect((await ask({ from: '2022-10-03' })).series[0]!.fetchedActions).toMatchObject({ splits: 1, dividends: 4 });
    expect((await ask({ from: '2023-09-01' })).series[0]!.fetchedActions).toMatchObject({ splits: 1, dividends: 4 });
    expect(await recorded()).toHaveLength(5);
  });

  it('refuses an action that the vendor changed, and takes it over when told to', async () => {
    await ask();
    actions[1] = { ...actions[1]!, rates: [0.35, 1] };
    await expect(ask()).rejects.toThrow(/1 corporate action of AAPL on record differ.* dividend of 2023-02-10/);
    await ask({ revise: true });
    const { rows } = await database.pool.query('SELECT value FROM corporate_actions WHERE superseded_at IS NOT NULL');
    expect(rows).toEqual([{ value: 0.31 }]);
  });

  it('goes without where told so: raw, none, or crypto', async () => {
    await ask({ adjust: 'raw' });
    await ask({ actions: 'none' });
    expect(server.seen.filter(asksActions)).toEqual([]);
    const without = await ask({ actions: 'none' });
    expect(without.series[0]!.fetchedActions).toBeNull();
    expect(await recorded()).toEqual([]);
    // The jump is not explained then.
    expect(without.series[0]!.quality.errors).toBeGreaterThan(0);
  });

  it('says so where the vendor refuses to give any, and stores the bars', async () => {
    fault = (path) => (asksActions(path) ? { kind: 'status', status: 403 } : undefined);
    const report = await ask();
    expect(report.inserted).toBeGreaterThan(200);
    expect(report.series[0]!.fetchedActions).toMatchObject({
      vendor: null,
      splits: 0,
      missing: expect.stringMatching(/^alpaca does not permit this \(splits and dividends of AAPL\)/) as unknown,
    });
    expect(notes.some((note) => /^AAPL: splits and dividends are missing/.test(note))).toBe(true);
  });

  it('takes those of another vendor during an outage, which stay when the first is back', async () => {
    fault = (path) => (path.startsWith('/v1/corporate-actions') ? { kind: 'status', status: 503 } : undefined);
    const report = await ask();
    expect(report.series[0]!.fetchedActions).toMatchObject({ vendor: 'polygon', because: /alpaca is not available/ });
    fault = () => undefined;
    const back = await ask();
    expect(back.series[0]!.fetchedActions).toMatchObject({ vendor: 'alpaca', because: null });
    expect(back.dataHash).toBe(report.dataHash);
    expect(new Set((await recorded()).map((row) => row.split(' ').at(-3)))).toEqual(new Set(['polygon']));
  });

  it('stops where nobody answers, with a way to go on', async () => {
    fault = (path) => (asksActions(path) ? { kind: 'status', status: 503 } : undefined);
    await expect(ask()).rejects.toMatchObject({ exitCode: 1, remedy: /--actions none/ });
    expect(await ask({ actions: 'none' })).toMatchObject({ series: [{ fetchedActions: null }] });
  });

  it('`ingest` prints what was got, and what was not', async () => {
    const context = {
      config: loadConfig(fakeVariables(server.url)),
      progress: silentProgress(),
      signal: new AbortController().signal,
      database: async () => database,
    } as unknown as CommandContext;
    const options = { vendor: 'alpaca', symbol: 'AAPL', from: '2023-01-03', to: '2024-02-09' };
    const { value, text } = await ingestCommand(context, options);
    const none = { because: null, missing: null, passedOver: [] };
    expect(value).toMatchObject({
      series: [{ symbol: 'AAPL', actions: 4, fetchedActions: { vendor: 'alpaca', splits: 1, dividends: 3, ...none } }],
    });
    expect(text()).toContain('\n1 split and 3 dividends of 1 stock from alpaca.');
    const without = await ingestCommand(context, { ...options, actions: 'none' });
    expect(without.value).toMatchObject({ series: [{ fetchedActions: null }] });
    fault = (path) => (asksActions(path) ? { kind: 'status', status: 403 } : undefined);
    const refused = await ingestCommand(context, options);
    const missing = /does not permit this/;
    expect(refused.value).toMatchObject({ series: [{ fetchedActions: { vendor: null, splits: 0, missing } }] });
    expect(refused.text()).toMatch(/AAPL: splits and dividends are missing, .*alpaca does not permit this/);
  });
});
