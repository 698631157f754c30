import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import type { ExportManifest } from '../../infra/export/write-export.ts';
import { commandContext, databaseContext } from '../../infra/testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { askedSession, rowsToFile } from '../../trading/results/session-files.ts';
import type { TaxYear } from '../../trading/results/tax-books.ts';
import { recordedSession } from '../../trading/testing/recorded/recorded-session.ts';
import type { BacktestResult } from '../judgement/result.ts';
import { startSignalbox, type Ended } from '../testing/run-process.ts';
import { compareCommand } from './compared-runs.ts';
import { rowsCommand } from './rows-command.ts';
import { runOutput } from './run-output.ts';
import { runsOutput } from './runs-output.ts';
import { taxesCommand } from './taxes-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'signalbox-results-'));
const dataDir = join(folder, 'home');
const out = (name: string): string => join(folder, name);
let database: TestDatabase;
let context: CommandContext;
/** What the run printed, and where its report is kept. */
let result: BacktestResult;
let run: string;
let paper: { session: string; journalHash: string };

function signalbox(...args: string[]): Promise<Ended> {
  const env = { DATABASE_URL: database.url, SIGNALBOX_HOME: dataDir, REDIS_URL: '' };
  return startSignalbox(args, process.env, env).ended;
}

beforeAll(async () => {
  database = await createTestDatabase();
  context = databaseContext(database, { env: { SIGNALBOX_HOME: dataDir } });
  const path = join(folder, 'protected.yaml');
  writeFileSync(
    path,
    `name: protected
universe: simulated-2
data: { source: simulated, simulated: { bars: 300, seed: 5 } }
protection: { stopLoss: { percent: 0.02 } }
costs: { feeBps: 3, halfSpreadBps: 2 }
strategies:
  - { name: trend, kind: sma-cross, parameters: { fast: 5, slow: 20 } }
`,
  );
  const backtest = await signalbox('backtest', path, '--json');
  expect({ code: backtest.code, told: backtest.code === 0 ? '' : backtest.stderr }).toEqual({ code: 0, told: '' });
  result = JSON.parse(backtest.stdout) as BacktestResult;
  [run] = readdirSync(join(dataDir, 'reports')) as [string];
  const replayed = await signalbox('paper', path, '--json');
  expect({ code: replayed.code, told: replayed.code === 0 ? '' : replayed.stderr }).toEqual({ code: 0, told: '' });
  paper = JSON.parse(replayed.stdout) as typeof paper;
});
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const manifestOf = ({ value }: CommandOutput): ExportManifest => value as ExportManifest;
const csvOf = (name: string): Record<string, string>[] => parse(readFileSync(out(name)), { columns: true });

/** Rows of a Parquet file, moments as ISO 8601 without milliseconds, as results have them. */
async function parquetOf(name: string): Promise<Record<string, unknown>[]> {
  const bytes = readFileSync(out(name));
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const rows = (await parquetReadObjects({ file, compressors })) as Record<string, unknown>[];
  const plain = (value: unknown): unknown =>
    value instanceof Date ? value.toISOString().replace('.000Z', 'Z') : value;
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])));
}

describe('a kept run', () => {
  it('is listed beside the sessions, the newest first, with its figures', async () => {
    const { value, text } = await runsOutput(context, {});
    const { runs } = value as { runs: { id: string; kind: string }[] };
    expect(runs.map(({ id, kind }) => [id, kind])).toEqual([
      [paper.session, 'paper session'],
      [run, 'rules'],
    ]);
    expect(runs[1]).toMatchObject({
      ...{ name: 'protected', from: result.from, to: result.to, bars: result.bars, sharpe: result.sharpe },
      ...{ totalReturn: result.totalReturn, maxDrawdown: result.maxDrawdown, trades: result.trades },
      verdict: result.verdict,
    });
    expect(text()).toContain(run);
  });

  it('is shown with what it was made from', async () => {
    const { value, text } = await runOutput(context, 'latest');
    expect(value).toMatchObject({
      ...{ id: run, kind: 'rules', currency: 'USD', session: run },
      costs: { feeBps: 3, halfSpreadBps: 2 },
      hashes: { journal: result.journalHash },
      versions: { node: process.versions.node },
      result: { sharpe: result.sharpe, verdict: result.verdict },
    });
    const { hashes } = value as { hashes: Record<string, string | null> };
    expect(hashes['data']).toMatch(/^[0-9a-f]{64}$/);
    expect(hashes['experiment']).toMatch(/^[0-9a-f]{64}$/);
    expect(text()).toMatch(/feeBps 3\b/);
    expect(text()).not.toMatch(/undefined|NaN|\[object/);
  });

  it('gives its trades and equity to the last digit', async () => {
    const trades = manifestOf(await rowsCommand(context, 'trades', { out: out('trades.parquet') }));
    expect(await parquetOf('trades.parquet')).toEqual(result.ledger);
    expect(trades).toMatchObject({ of: { kind: 'run', id: run }, rows: result.ledger.length });
    expect(trades.hashes['journal']).toBe(result.journalHash);
    expect(trades.columns.find(({ name }) => name === 'pnl')!.unit).toBe('USD, net of fees');
    expect(trades.sha256).toBe(
      createHash('sha256')
        .update(readFileSync(out('trades.parquet')))
        .digest('hex'),
    );
    await rowsCommand(context, 'equity', { run, out: out('equity.csv') });
    const equity = csvOf('equity.csv').map(({ time, equity: at }) => [time!.replace('.000Z', 'Z'), Number(at)]);
    expect(equity).toEqual(result.equity);
  });

  it('gives the orders and fills of the session that it left', async () => {
    const session = await askedSession(context, { run: 'latest' });
    expect(session).toBe(run);
    const fills = manifestOf(await rowsToFile(context, 'fills', { session, out: out('fills.csv') }));
    const rows = csvOf('fills.csv');
    expect(rows.length).toBe(fills.rows);
    // The same sum in the same order is the same number.
    expect(rows.reduce((sum, { fee }) => sum + Number(fee), 0)).toBe(result.fees);
    expect(fills.hashes['journal']).toBe(result.journalHash);
    const orders = manifestOf(await rowsToFile(context, 'orders', { session, out: out('orders.parquet') }));
    const sequences = (await parquetOf('orders.parquet')).map(({ sequence }) => Number(sequence));
    expect(sequences.length).toBe(orders.rows);
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
    const some = manifestOf(await rowsToFile(context, 'orders', { session, limit: '3', out: out('some.parquet') }));
    expect((await parquetOf('some.parquet')).map(({ sequence }) => Number(sequence))).toEqual(sequences.slice(0, 3));
    expect(some.notes).toEqual(['only --limit 3']);
  });

  it('is compared by name, and says what to do without predictions', async () => {
    const { value } = await compareCommand(context, {}, ['latest', run]);
    expect((value as { runs: { sharpe: number }[] }).runs.map(({ sharpe }) => sharpe)).toEqual([
      result.sharpe,
      result.sharpe,
    ]);
    await expect(rowsCommand(context, 'predictions', {})).rejects.toMatchObject({
      message: expect.stringContaining('has no predictions: it trades rules') as string,
      exitCode: 2,
    });
  });
});

describe('a session', () => {
  it('gives the trades that its engine booked, made again from its journal', async () => {
    for (const session of [run, paper.session]) {
      await rowsCommand(context, 'trades', { session, out: out('session.parquet') });
      const closed = (await parquetOf('session.parquet')).filter(({ exitTime }) => exitTime !== null);
      expect(closed).toEqual(result.ledger.filter(({ exitTime }) => exitTime !== null));
      expect(new Set(closed.map(({ exit }) => exit))).toEqual(new Set(['signal', 'stop-loss']));
    }
  });

  it('that did what a kept run did has its equity', async () => {
    const { value } = await rowsCommand(context, 'equity', { session: paper.session, limit: '100000' });
    const { equity } = value as { equity: { time: string; equity: number }[] };
    expect(equity.map((mark) => [mark.time.replace('.000Z', 'Z'), mark.equity])).toEqual(result.equity);
  });

  it('on live bars has its equity at each close, the last as its engine had it', async () => {
    const session = recordedSession(database, { id: 'on live bars', walks: true });
    for (const word of ['HOLD', 'BUY', 'HOLD', 'HOLD', 'SELL', 'HOLD', 'BUY', 'HOLD'] as const) session.close(word);
    const closes = async (): Promise<number[]> => {
      const text = `SELECT close FROM signalbox.session_bars WHERE session_id = 'on live bars' ORDER BY close_time`;
      return (await database.pool.query<{ close: number }>(text)).rows.map(({ close }) => close);
    };
    await session.until('all bars are taken', async () => (await closes()).length === 8);
    await session.end();
    const { rows } = await database.pool.query<{ equity: number }>(
      `SELECT equity FROM signalbox.sessions WHERE id = 'on live bars'`,
    );
    const { value } = await rowsCommand(context, 'equity', { session: 'on live bars' });
    const { equity, total } = value as { equity: { equity: number }[]; total: number };
    expect(total).toBe(8);
    expect(equity.at(-1)!.equity).toBe(rows[0]!.equity);
    // Each bar opens, at its close's price, at the moment at which the one before closes: what was said at a close is
    // filled with the next bar, and is none of that close's equity.
    const price = await closes();
    const held = price.map((_, bar) => (bar < 2 ? 0 : 10 * (price[Math.min(bar, 5)]! - price[2]!)));
    equity.forEach((mark, bar) => expect(mark.equity).toBeCloseTo(100_000 + held[bar]!, 6));
    expect(new Set(held.map((gain) => gain.toFixed(6))).size).toBe(4);
    const open = await rowsCommand(context, 'trades', { session: 'on live bars' });
    const { trades } = open.value as { trades: Record<string, unknown>[] };
    expect(trades.at(-1)).toMatchObject({ symbol: 'AAPL', quantity: 10, exitTime: null, exitPrice: null, pnl: null });
  });
});

describe('the record of a session', () => {
  it('has every transaction, with a balance that ends at the cash of the account', async () => {
    await rowsCommand(context, 'transactions', { session: paper.session, out: out('transactions.csv') });
    const rows = csvOf('transactions.csv');
    const fills = result.ledger.flatMap(({ exitTime }) => (exitTime === null ? ['buy'] : ['buy', 'sell']));
    expect(rows.filter(({ kind }) => kind === 'buy' || kind === 'sell')).toHaveLength(fills.length);
    const open = result.ledger.find(({ exitTime }) => exitTime === null);
    const held = open === undefined ? 0 : open.quantity * open.exitPrice!;
    expect(Number(rows.at(-1)!['balance']) + held).toBeCloseTo(result.finalEquity, 6);
  });

  it('has its gains by year, which are those of its trades, and each closed lot in a file', async () => {
    const { value, text } = await taxesCommand(context, { session: paper.session, zone: 'UTC', out: out('lots.csv') });
    const { years, file } = value as { years: TaxYear[]; file: { rows: number } };
    const closed = result.ledger.filter(({ exitTime }) => exitTime !== null);
    for (const { year, shortTermGain, longTermGain } of years) {
      const profits = closed.filter(({ exitTime }) => new Date(exitTime!).getUTCFullYear() === year);
      const profit = profits.reduce((sum, { pnl }) => sum + pnl!, 0);
      expect(shortTermGain + longTermGain).toBeCloseTo(profit, 6);
    }
    expect(file.rows).toBe(closed.length);
    expect(csvOf('lots.csv')[0]).toMatchObject({ side: 'long', term: 'short' });
    expect(text()).toContain('first in, first out');
    const one = await taxesCommand(context, { run, zone: 'UTC', year: String(years[0]!.year) });
    expect((one.value as { years: TaxYear[] }).years).toEqual([years[0]]);
    await expect(taxesCommand(context, { run, zone: 'EST' })).rejects.toThrow('--zone: there is no time zone "EST"');
    await expect(taxesCommand(context, { run, zone: 'UTC', year: '24' })).rejects.toThrow('--year 24 is no year');
  });
});

describe('what there is not', () => {
  it('is refused in words, with the nearest name', async () => {
    const near = run.slice(0, -2);
    await expect(rowsCommand(context, 'trades', { run: near })).rejects.toThrow(`The nearest: ${run}.`);
    await expect(rowsCommand(context, 'equity', { session: `${paper.session}x` })).rejects.toThrow(
      `The nearest: ${paper.session}.`,
    );
    await expect(rowsCommand(context, 'trades', { run, session: run })).rejects.toThrow('--run and --session');
    await expect(runOutput(context, 'nobody-has-this')).rejects.toThrow('There is no run "nobody-has-this"');
    const empty = databaseContext(database, { env: { SIGNALBOX_HOME: join(folder, 'elsewhere') } });
    await expect(rowsCommand(empty, 'trades', {})).rejects.toThrow('There is no run yet.');
  });

  it('of formats is refused before anything is opened', async () => {
    const closed = commandContext({ env: { SIGNALBOX_HOME: dataDir } });
    const asked = rowsCommand(closed, 'trades', { session: 'any', out: out('x.xlsx') });
    await expect(asked).rejects.toThrow(/ends in \.xlsx/);
    await expect(askedSession(closed, { session: 'any', out: out('x.json') })).rejects.toThrow(/ends in \.json/);
    expect(existsSync(out('x.xlsx'))).toBe(false);
  });

  it('of a report that cannot be read is told beside the others', async () => {
    const broken = join(dataDir, 'reports', run, 'result.json');
    const before = readFileSync(broken);
    writeFileSync(broken, '{');
    try {
      const { value, text } = await runsOutput(context, {});
      expect((value as { runs: { id: string }[] }).runs.map(({ id }) => id)).toContain(paper.session);
      expect(text()).toContain(`${broken} cannot be read as JSON`);
    } finally {
      writeFileSync(broken, before);
    }
  });
});
