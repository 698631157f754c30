import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newestEntries } from '../../../infra/audit/audit-store.ts';
import { databaseContext } from '../../../infra/testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../../../infra/testing/test-database.ts';
import { loadExperiment } from '../../../models/experiment/load-experiment.ts';
import { prepareLive } from '../asked/prepare-session.ts';
import { closeSession, noteStanding, openSession } from '../session-store.ts';
import { promoteCommand, type PromoteOptions } from './promote-command.ts';
import { stageEvidence, stageHash } from './stage-evidence.ts';
import { missingFor, type StageEvidence } from './stage-gate.ts';
import { stageOf } from './stage-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'signalbox-stages-'));
const file = join(folder, 'staged.yaml');
let database: TestDatabase;

function write(fast: number): void {
  writeFileSync(
    file,
    `name: staged
universe: [AAPL]
data: { source: alpaca, timeframe: 1d, from: 2020-01-01, to: 2020-12-31 }
strategies: [{ name: cross, kind: ema-cross, allocation: 1, parameters: { fast: ${fast}, slow: 40 } }]
`,
  );
}

beforeAll(async () => {
  database = await createTestDatabase();
  write(5);
});
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** Nobody listens at the venue's address: whoever gets there is told so. */
const context = () =>
  databaseContext(database, {
    env: {
      SIGNALBOX_LIVE: '1',
      SIGNALBOX_OPERATOR: 'tester',
      ALPACA_API_KEY_ID: 'AKNOBODY',
      ALPACA_API_SECRET_KEY: 'no-secret',
      ALPACA_LIVE_TRADING_URL: 'http://127.0.0.1:9',
    },
  });

interface Moved {
  readonly moved: boolean;
  readonly missing: readonly string[];
  readonly evidence: StageEvidence;
}

async function promote(options: PromoteOptions): Promise<Moved & { exitCode: number }> {
  const { value, exitCode = 0, text } = await promoteCommand(context(), options, file);
  expect(text()).toContain('days on paper');
  return { ...(value as Moved), exitCode };
}

const live = () => prepareLive(context(), file, { broker: 'alpaca', account: '123', speed: 'max' });

/** A session of the experiment as it stands. */
async function session(id: string, kind: 'backtest' | 'paper', more: Record<string, unknown> = {}): Promise<void> {
  const experimentHash = await stageHash(loadExperiment(file));
  const definition = { experimentHash, ...more };
  await openSession(database.pool, { id, kind, symbols: ['AAPL'], capital: 1_000, experiment: 'staged', definition });
}

/** Bars of that many days, and a fill on each of the first. */
async function trade(id: string, days: number, fills: number): Promise<void> {
  await database.pool.query(
    `INSERT INTO session_bars (session_id, close_time, symbol, open_time, open, high, low, close, volume)
     SELECT $1, '2024-01-02T21:00Z'::timestamptz + n * interval '1 day', 0, now(), 1, 1, 1, 1, 1
     FROM generate_series(1, $2) AS n`,
    [id, days],
  );
  await database.pool.query(
    `INSERT INTO fills (session_id, record, sequence, time, symbol, quantity, price, fee, slippage)
     SELECT $1, n, n, now(), 'AAPL', 1, 1, 0, 0 FROM generate_series(1, $2) AS n`,
    [id, fills],
  );
  await noteStanding(database.pool, id, { killState: 'run', lastCloseMs: 1, equity: 1_010, positions: {}, step: 1 });
}

/** A comparison with the backtest as of a day: three orders, so many of them different by class. */
async function compare(id: string, day: string, counts: Readonly<Record<string, number>>): Promise<void> {
  const byClass = Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, { count, cost: count }]));
  const document = {
    session: id,
    asOf: `${day}T21:00:00.000Z`,
    orders: { session: 30, backtest: 30 },
    cost: 3,
    byClass,
  };
  await database.pool.query('INSERT INTO session_parity (session_id, as_of, document) VALUES ($1, $2, $3)', [
    id,
    document.asOf,
    document,
  ]);
}

describe('an experiment', () => {
  it('goes from backtest to paper to live by its evidence, and back, each move on record', async () => {
    await expect(live()).rejects.toThrow('staged, as it stands, is at backtest, not at live.');
    const bare = await promote({ to: 'paper' });
    expect(bare).toMatchObject({ moved: false, exitCode: 1 });
    expect(bare.missing).toEqual([
      'no backtest of it as it stands is on record, and no champion',
      expect.stringMatching(/^its limits were not looked at: --limits-seen \w{8} says they were$/),
    ]);
    const seen = { limitsSeen: bare.evidence.limitsHash };
    await session('tested', 'backtest');
    await closeSession(database.pool, 'tested', 'hash');
    expect(await promote({ to: 'paper', ...seen })).toMatchObject({ moved: true, missing: [], exitCode: 0 });
    await expect(promote({ to: 'paper', ...seen })).rejects.toThrow('staged is at paper already.');

    await session('watched', 'paper', { feed: 'alpaca', mode: 'observation' });
    await trade('watched', 30, 30);
    await session('replayed', 'paper', { dataHash: 'x' });
    await session('on paper', 'paper', { feed: 'alpaca' });
    await trade('on paper', 19, 9);
    const early = await promote({ to: 'live', ...seen });
    expect(early.missing).toEqual([
      '19 days on paper of 20 at least',
      '9 fills on paper of 10 at least',
      'no session on paper was compared with its backtest: signalbox parity does so',
    ]);
    await compare('on paper', '2024-01-05', { price: 9 });
    await compare('on paper', '2024-01-06', { price: 2, fee: 1 });
    expect((await stageEvidence(database, loadExperiment(file))).parity).toEqual({
      sessions: 1,
      orders: 30,
      differences: 3,
      cost: 3,
    });
    await session('more paper', 'paper', { feed: 'alpaca', broker: 'alpaca' });
    await trade('more paper', 25, 5);
    expect(await promote({ to: 'live', ...seen })).toMatchObject({
      moved: true,
      evidence: { backtests: 1, paper: { sessions: 2, days: 25, fills: 14 } },
    });
    expect(early.evidence.parity).toBe(null);
    // The gate is open: what is missing from here on is the venue.
    await expect(live()).rejects.toThrow(/127\.0\.0\.1:9/);
    expect(await promote({ to: 'backtest' })).toMatchObject({ moved: true, missing: [] });
    await expect(live()).rejects.toThrow('is at backtest, not at live');
    const { rows } = await database.pool.query(
      'SELECT from_stage, to_stage, missing, consent FROM stage_changes ORDER BY id',
    );
    expect(rows.map((row: Record<string, unknown>) => `${String(row.from_stage)} ${String(row.to_stage)}`)).toEqual([
      'backtest paper',
      'paper live',
      'live backtest',
    ]);
    const audit = await newestEntries(database.pool, { limit: 10, action: 'stage-change' });
    expect(audit.map(({ actor, details }) => [actor, (JSON.parse(details) as { to: string }).to])).toEqual([
      ['tester', 'backtest'],
      ['tester', 'live'],
      ['tester', 'paper'],
    ]);
  });

  it('is moved by consent with what was missing on record, and is another one once it has changed', async () => {
    const moved = await promote({ to: 'live', override: 'a test with ten dollars' });
    expect(moved).toMatchObject({ moved: true, exitCode: 0 });
    expect(moved.missing[0]).toBe('it has not been moved to paper: --to paper comes first');
    const { rows } = await database.pool.query('SELECT * FROM stage_changes ORDER BY id DESC LIMIT 1');
    expect(rows[0]).toMatchObject({ consent: 'a test with ten dollars', missing: moved.missing });
    expect(await promote({ to: 'paper' })).toMatchObject({ moved: true, missing: [] });
    expect(await promote({ to: 'live', override: ' ' })).toMatchObject({ moved: false });
    write(6);
    const changed = loadExperiment(file);
    expect(await stageOf(database.pool, 'staged', await stageHash(changed))).toBe('backtest');
    expect(await stageEvidence(database, changed)).toMatchObject({ backtests: 0, paper: { sessions: 0, days: 0 } });
    await expect(promote({ to: 'production' })).rejects.toThrow(/--to production is no stage/);
  });

  it('does not go live while its session on paper is stopped', () => {
    const paper = { sessions: 1, days: 40, orders: 90, fills: 90, refusals: 0, totalReturn: 0.1, killState: 'halt' };
    const parity = { sessions: 1, orders: 90, differences: 3, cost: 1.5 };
    const evidence = { backtests: 1, champion: null, paper, parity, limitsHash: 'abcd' };
    const move = { from: 'paper', to: 'live', limitsSeen: 'abcd' } as const;
    expect(missingFor(move, evidence)).toEqual(['its session on paper is stopped by "halt"']);
    expect(missingFor(move, { ...evidence, paper: { ...paper, killState: 'run' } })).toEqual([]);
  });
});
