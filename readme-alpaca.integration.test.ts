import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSignalbox, type Ended, type RunningProcess } from './backtest/testing/run-process.ts';
import { systemClock } from './infra/clock.ts';
import { commandLineOf } from './infra/postgres/embedded/running-process.ts';
import { createRandom } from './infra/random.ts';
import { createTestDatabase, type TestDatabase } from './infra/testing/test-database.ts';
import { alpacaProtocol } from './pipelines/feeds/testing/alpaca-protocol.ts';
import { StreamServer } from './pipelines/feeds/testing/stream-server.ts';
import { fakeSeries } from './pipelines/vendors/testing/fake-market.ts';
import { FAKE_KEYS } from './pipelines/vendors/testing/fake-request.ts';
import { startFakeVendorServer, type FakeVendorServer } from './pipelines/vendors/testing/fake-vendor-server.ts';
import { failing, NO_FAULTS, statusFault } from './trading/testing/venue/stand-in-faults.ts';
import { STAND_IN_KEYS, StandInVenue } from './trading/testing/venue/stand-in-venue.ts';

// What a newcomer types by README for a paper account at Alpaca, against servers that stand in for it.

const { keyId, secretKey } = STAND_IN_KEYS;
const home = mkdtempSync(join(tmpdir(), 'signalbox-readme-'));
const README = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
let database: TestDatabase;
let venue: StandInVenue;
let vendor: FakeVendorServer;
let stream: StreamServer;
/** Everything that any process has said. */
const said: string[] = [];

/** The words of README's line that begins so. */
function lineOf(beginning: string): string[] {
  const line = README.split('\n').find((one) => one.startsWith(`npx signalbox ${beginning}`));
  if (line === undefined) throw new Error(`README has no line "npx signalbox ${beginning}"`);
  return line.replace(/#.*/, '').trim().split(/\s+/).slice(2);
}

function start(words: readonly string[], env: NodeJS.ProcessEnv = {}): RunningProcess {
  const keys = { ALPACA_API_KEY_ID: keyId, ALPACA_API_SECRET_KEY: secretKey };
  const urls = { ALPACA_TRADING_URL: venue.url, ALPACA_DATA_URL: vendor.url, ALPACA_STREAM_URL: stream.url };
  const own = { DATABASE_URL: database.url, SIGNALBOX_HOME: home, REDIS_URL: '', MLFLOW_TRACKING_URI: '' };
  const running = startSignalbox(words, process.env, { ...own, ...keys, ...urls, ...env });
  running.ended.then(({ stdout, stderr }) => said.push(stdout, stderr)).catch(() => undefined);
  return running;
}

const run = (words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> => start(words, env).ended;

beforeAll(async () => {
  database = await createTestDatabase();
  venue = await StandInVenue.start({ clock: systemClock, seed: 1 });
  venue.run(5);
  const range = { timeframe: '1h', kind: 'stock', fromMs: Date.UTC(2025, 0, 1), toMs: systemClock() } as const;
  const series = new Map(['AAPL', 'MSFT', 'JPM'].map((symbol) => [symbol, fakeSeries(createRandom(symbol), range)]));
  const market = { bars: (symbol: string) => series.get(symbol), quote: () => undefined };
  const keys = { ...FAKE_KEYS, alpacaKeyId: keyId, alpacaSecret: secretKey };
  vendor = await startFakeVendorServer({ market, keys });
  stream = await StreamServer.start(alpacaProtocol);
});
afterAll(async () => {
  await Promise.all([venue.stop(), vendor.close(), stream.stop()]);
  await database.drop();
  rmSync(home, { recursive: true, force: true });
});

/** Every way in which a secret may stand somewhere. */
const FORMS = [secretKey, encodeURIComponent(secretKey), Buffer.from(secretKey).toString('base64').replace(/=+$/, '')];
const holdsSecret = (text: string): boolean => FORMS.some((form) => text.includes(form));

/** Files below a folder. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Tables that hold `text` in any of their columns. */
async function tablesWith(text: string): Promise<string[]> {
  const { rows } = await database.pool.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  );
  const found: string[] = [];
  for (const { name } of rows) {
    const query = { text: `SELECT 1 FROM ${name} AS one WHERE one::text LIKE $1 LIMIT 1`, values: [`%${text}%`] };
    if ((await database.pool.query(query)).rowCount! > 0) found.push(name);
  }
  return found;
}

describe("README's way to a paper account at Alpaca", () => {
  const paper = lineOf('paper us-shares --broker alpaca');

  it('begins with what to set, where nothing is', async () => {
    const { code, stderr } = await run(paper, { ALPACA_API_KEY_ID: '', ALPACA_API_SECRET_KEY: '' });
    expect(code).toBe(2);
    expect(stderr).toContain('Alpaca needs ALPACA_API_KEY_ID and ALPACA_API_SECRET_KEY, and they are not set.');
    expect(stderr).toContain('https://app.alpaca.markets');
  });

  it('says what it tried where the venue refuses the keys and repeats them, and where nobody is', async () => {
    venue.faults = failing({ method: 'GET', count: Infinity }, statusFault(401, `no such key: ${keyId} ${secretKey}`));
    const refused = await run(paper);
    venue.faults = NO_FAULTS;
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('HTTP 401 no such key') as string });
    const nowhere = await run(paper, { ALPACA_TRADING_URL: 'http://127.0.0.1:1' });
    expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining('try 2 of 3') as string });
  });

  it('trades there, and is looked at from beside, with the lines that README gives', async () => {
    const session = start(paper);
    await session.said('connected: feed 3 symbols subscribed');
    const paths = (): string[] => venue.seen.map(({ path }) => path.split('?')[0]!);
    const asked = ['/v2/account', '/v2/positions', '/v2/orders', '/v2/account/activities'];
    await expect.poll(paths).toEqual(expect.arrayContaining(asked));
    const listed = commandLineOf(session.child.pid!);
    expect(listed).toContain(paper.join(' '));
    said.push(listed);
    const [sessions, account] = [await run(lineOf('sessions ')), await run(lineOf('account'))];
    expect(sessions).toMatchObject({ code: 0, stdout: expect.stringContaining('us-shares') as string });
    expect(account).toMatchObject({ code: 0, stdout: expect.stringContaining('100000.00') as string });
    process.kill(session.child.pid!, 'SIGTERM');
    const { code, stderr } = await session.ended;
    expect({ code, alerts: stderr.includes('alert raised') }).toEqual({ code: 0, alerts: false });
  });

  it('goes on under a supervisor, which waits for the market, and ends when it is told to', async () => {
    const asked = venue.seen.length;
    const started = await run([...lineOf('sessions start'), '--json']);
    expect(started.code).toBe(0);
    // By the hours of New York it waits, or the session has reached its account.
    const waits = (): boolean =>
      filesOf(home).some((path) => readFileSync(path, 'utf8').includes('waits for the market until'));
    await expect.poll(() => waits() || venue.seen.length > asked).toBe(true);
    const { session } = JSON.parse(started.stdout) as { session: string };
    expect(await run(['sessions', 'stop', session])).toMatchObject({ code: 0 });
    expect(venue.seen.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  it('leaves no secret in what was said, in the list of processes, in the database or in a file', async () => {
    expect(said.length).toBeGreaterThan(10);
    expect(said.filter(holdsSecret)).toEqual([]);
    const files = filesOf(home);
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((path) => holdsSecret(readFileSync(path, 'latin1')))).toEqual([]);
    expect(await tablesWith('us-shares')).not.toEqual([]);
    for (const form of FORMS) expect(await tablesWith(form)).toEqual([]);
  });
});
