import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import { simulatedBroker } from '../../trading/brokers/simulated/simulated-broker.ts';
import { runHistoricalSession, type HistoricalSessionOptions } from '../../trading/sessions/historical-session.ts';
import { deleteSession } from '../../trading/sessions/session-store.ts';
import { createRuleStrategy } from '../../trading/strategies/rule-strategies.ts';
import type { Strategy } from '../../trading/strategies/strategy.ts';
import { randomWalkBars, testInstrument } from '../../trading/testing/random-walk-bars.ts';
import { runJournaledSession } from './journaled-session.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

/** Three stretches: one is being stored while the next is traded. */
const BARS = 250_000;
const bars = randomWalkBars('WALK', BARS, { seed: 3 });
const session = { id: 'overlapped', kind: 'backtest', symbols: ['WALK'], capital: 1e6, definition: {} } as const;

const optionsOf = (strategy: Strategy): HistoricalSessionOptions => ({
  ...{ bars: [bars], instruments: [testInstrument('WALK')], strategy, capital: 1e6 },
  ...{ sizing: { kind: 'all-in' }, limits: NAMED_LIMITS.unbounded, broker: simulatedBroker({ feeBps: 1 }) },
});

const crosses = createRuleStrategy('sma-cross', { fast: 20, slow: 50 });

/** One that breaks at bar `at`. */
const breakingAt = (at: number): Strategy => ({
  ...crosses,
  forSymbol: (symbol) => {
    const one = crosses.forSymbol(symbol);
    let seen = 0;
    return {
      decide: (view) => {
        if ((seen += 1) === at) throw new Error(`broken at bar ${at}`);
        return one.decide(view);
      },
    };
  },
});

const rowsOf = async (table: string): Promise<number> => {
  const { rows } = await database.pool.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM signalbox.${table} WHERE session_id = $1`,
    [session.id],
  );
  return rows[0]!.n;
};

const TABLES = ['journal_batches', 'signals', 'refusals', 'orders', 'fills'];

describe('runJournaledSession', () => {
  it('leaves nothing of a session that broke while what came before was being stored', async () => {
    const broken = runJournaledSession(database, session, optionsOf(breakingAt(120_000)));
    await expect(broken).rejects.toThrow('broken at bar 120000');
    for (const table of TABLES) expect(await rowsOf(table), table).toBe(0);
  });

  it('stores what was traded, whole, and gives what a session without a database gives', async () => {
    const plain = runHistoricalSession(optionsOf(crosses));
    const told: number[] = [];
    const kept = await runJournaledSession(database, session, {
      ...optionsOf(crosses),
      onProgress: (count) => told.push(count),
    });
    expect(kept.journalHash).toBe(plain.journalHash);
    expect(kept.ledger).toEqual(plain.ledger);
    expect(told).toEqual([100_000, 200_000, BARS]);
    expect(await rowsOf('fills')).toBe(kept.fills);
    const { rows } = await database.pool.query<{ positions: number }>(
      'SELECT count(DISTINCT record)::int AS positions FROM signalbox.signals WHERE session_id = $1',
      [session.id],
    );
    expect(rows[0]!.positions).toBe(await rowsOf('signals'));
  });

  it('takes every row with it when it is deleted', async () => {
    expect(await rowsOf('signals')).toBeGreaterThan(1_000);
    await deleteSession(database.pool, session.id);
    for (const table of TABLES) expect(await rowsOf(table), table).toBe(0);
  });
});
