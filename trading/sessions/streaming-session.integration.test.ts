import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { systemClock } from '../../infra/clock.ts';
import { SOURCE_ARGUMENTS } from '../../infra/testing/source-arguments.ts';
import { runHistoricalSession } from './historical-session.ts';
import { childBars, childSession } from '../testing/streaming-session-child.ts';
import { runPaperSession } from './streaming-session.ts';
import { replayFeed, type ClosedBars } from './replayed-feed.ts';
import { HOLD } from '../strategies/strategy.ts';
import { MemoryJournal } from '../journal/memory-journal.ts';
import { simulatedBroker } from '../brokers/simulated/simulated-broker.ts';
import { bracketStrategy } from '../testing/bracket-strategy.ts';
import { PostgresJournal } from '../journal/postgres-journal.ts';
import { SessionCommands } from './record/session-commands.ts';
import { closeSession, noteStanding, openSession, requestCommand, type SessionStanding } from './session-store.ts';

const CHILD = join(import.meta.dirname, '../testing/streaming-session-child.ts');
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

/** Runs the child until it has done `killAfter` bars, then kill -9; its last line when it was left to end. */
async function run(id: string, killAfter = Infinity): Promise<string> {
  const child = spawn(process.execPath, [...SOURCE_ARGUMENTS, CHILD, database.url, id], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last = '';
  for await (const line of createInterface({ input: child.stdout })) {
    last = line;
    if (Number(line) >= killAfter) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return last;
}

describe('a paper session in PostgreSQL', () => {
  const history = runHistoricalSession({ ...childSession, bars: childBars });

  it('killed at several points, ends with the journal of an undisturbed one and of history', async () => {
    for (const bars of [1, 200, 420]) await run('killed', bars);
    expect(await run('killed')).toBe(history.journalHash);
    const session = {
      id: 'undisturbed',
      kind: 'paper' as const,
      symbols: ['AAA', 'BBB'],
      capital: 1e5,
      definition: {},
    };
    await openSession(database.pool, session);
    const undisturbed = await runPaperSession({
      ...childSession,
      sessionId: session.id,
      feed: replayFeed(childBars, childSession.instruments),
      journal: await PostgresJournal.open(database, session),
      clock: systemClock,
    });
    expect(undisturbed.journalHash).toBe(history.journalHash);
    expect(undisturbed.equity).toEqual(history.equity);
    const counts = await database.pool.query<{ fills: number; orders: number; open: number; ids: number }>(
      `SELECT (SELECT count(*) FROM fills WHERE session_id = 'killed') AS fills,
              (SELECT count(*) FROM orders WHERE session_id = 'killed') AS orders,
              (SELECT count(*) FROM orders WHERE session_id = 'killed' AND state NOT IN ('FILLED', 'CANCELED')) AS open,
              (SELECT count(DISTINCT client_order_id) FROM orders WHERE session_id = 'killed') AS ids`,
    );
    expect(history.fills).toBeGreaterThan(50);
    const { fills, orders, open, ids } = counts.rows[0]!;
    expect({ fills, open }).toEqual({ fills: history.fills, open: 0 });
    expect(ids).toBe(orders);
    const money = await database.pool.query<{ fees: string }>(
      `SELECT sum(fee)::text AS fees FROM fills WHERE session_id = 'killed'`,
    );
    expect(Number(money.rows[0]!.fees)).toBeCloseTo(history.fees, 6);
  });

  it('stores orders of a strategy’s own with their terms, and goes on with them after it was stopped', async () => {
    const { protection: _, ...unprotected } = childSession;
    const broker = simulatedBroker({
      commission: { perShare: 0.01, perOrderMin: 1, makerPerShare: -0.02 },
      participation: 0.05,
    });
    const own = { ...unprotected, strategy: bracketStrategy, broker };
    const recorded = new MemoryJournal(['AAA', 'BBB'], { keep: true });
    const past = runHistoricalSession({ ...own, bars: childBars, journal: recorded });
    const session = { id: 'own', kind: 'paper' as const, symbols: ['AAA', 'BBB'], capital: 1e5, definition: {} };
    await openSession(database.pool, session);
    for (const until of [180, Infinity]) {
      const stop = new AbortController();
      const result = await runPaperSession({
        ...own,
        sessionId: session.id,
        feed: replayFeed(childBars, own.instruments),
        journal: await PostgresJournal.open(database, session),
        clock: systemClock,
        signal: stop.signal,
        onStep: (bars) => void (bars >= until && stop.abort()),
      });
      if (until === Infinity) expect(result.journalHash).toBe(past.journalHash);
    }
    const entries = [...recorded.entries()];
    const of = (kind: string): number => entries.filter((entry) => entry.kind === kind).length;
    expect(Math.min(of('amend'), of('conditions'), of('fill'))).toBeGreaterThan(10);
    const { rows } = await database.pool.query<Record<string, string>>(
      `SELECT (SELECT count(*) FROM order_amendments WHERE session_id = 'own') AS amendments,
              (SELECT count(*) FROM orders WHERE session_id = 'own' AND time_in_force = 'day') AS day,
              (SELECT count(*) FROM orders WHERE session_id = 'own' AND reduce_only) AS exits,
              (SELECT count(*) FROM orders WHERE session_id = 'own' AND state NOT IN ('FILLED', 'CANCELED')) AS open,
              (SELECT sum(quantity)::float8 FROM fills WHERE session_id = 'own') AS held`,
    );
    const { amendments, day, exits, open, held } = rows[0]!;
    const conditions = entries.filter((entry) => entry.kind === 'conditions');
    expect({ amendments: Number(amendments), open: Number(open) }).toEqual({ amendments: of('amend'), open: 0 });
    expect(Number(day)).toBe(conditions.filter(({ tif }) => tif === 'day').length);
    expect(Number(exits)).toBe(conditions.filter(({ reduceOnly }) => reduceOnly).length);
    const left = past.ledger.filter(({ exitTimeMs }) => exitTimeMs === null);
    expect(Number(held)).toBe(left.reduce((sum, { quantity }) => sum + quantity, 0));
    const paid = entries.filter((entry) => entry.kind === 'fill' && entry.fee < 0);
    const { rows: ledger } = await database.pool.query<{ income: string; all: string }>(
      `SELECT count(*) FILTER (WHERE amount > 0) AS income, sum(amount)::float8 AS all
       FROM signalbox.ledger_entries WHERE session_id = 'own' AND kind = 'fee'`,
    );
    expect(paid.length).toBeGreaterThan(5);
    expect(Number(ledger[0]!.income)).toBe(paid.length);
    expect(Number(ledger[0]!.all)).toBeCloseTo(-past.fees, 9);
  });

  it('repeats an operator’s commands at their place when it is resumed', async () => {
    await run('commanded', 120);
    expect(await requestCommand(database.pool, 'flatten', 'commanded')).toEqual([{ id: 'commanded', running: false }]);
    await run('commanded', 300);
    const after = await database.pool.query<{ step: number | null }>(
      `SELECT step FROM session_commands WHERE session_id = 'commanded'`,
    );
    expect(after.rows[0]!.step).toBeGreaterThan(0);
    // The resumed process compares every stored record with its own: it would have failed without the command.
    expect(await run('commanded')).toMatch(/^[0-9a-f]{64}$/);
    const halts = await database.pool.query<{ n: number }>(
      `SELECT count(*) AS n FROM refusals WHERE session_id = 'commanded' AND code = 'flattening'`,
    );
    expect(halts.rows[0]!.n).toBeGreaterThan(0);
  });

  it('takes a command after the quiet bars that it had passed: they leave no effects to count', async () => {
    const session = { id: 'quiet', kind: 'paper' as const, symbols: ['AAA', 'BBB'], capital: 1e5, definition: {} };
    await openSession(database.pool, session);
    // Each look is a poll interval after the last.
    let nowMs = 0;
    const clock = (): number => (nowMs += 1000);
    const go = async (closes: number): Promise<void> => {
      const stopping = new AbortController();
      async function* feed(): AsyncGenerator<ClosedBars> {
        let count = 0;
        for await (const closed of replayFeed(childBars, childSession.instruments)) {
          if (count === closes) return stopping.abort();
          count += 1;
          yield closed;
        }
      }
      const journal = await PostgresJournal.open(database, session);
      const commands = await SessionCommands.load(database.pool, session.id);
      const strategy = { name: 'quiet', parameters: {}, forSymbol: () => ({ decide: () => HOLD }) };
      const own = { sessionId: session.id, strategy, feed: feed(), journal, commands, clock, signal: stopping.signal };
      const onStanding = (standing: SessionStanding) => noteStanding(database.pool, session.id, standing);
      await runPaperSession({ ...childSession, ...own, onStanding });
    };
    await go(60);
    await requestCommand(database.pool, 'halt', session.id);
    await go(90);
    const { rows } = await database.pool.query<{ step: number }>(
      `SELECT step::int AS step FROM session_commands WHERE session_id = 'quiet'`,
    );
    // An open and a close for each of the sixty that had passed: it looks before the close after them.
    expect(rows).toEqual([{ step: 2 * 60 }]);
    await requestCommand(database.pool, 'resume', session.id);
    await go(Infinity);
  });

  it('refuses to go on when the replay differs from what is stored', async () => {
    await database.pool.query(
      `UPDATE journal_batches SET bytes = set_byte(bytes, 20, 255 - get_byte(bytes, 20))
       WHERE session_id = 'killed' AND first_record = 0`,
    );
    const journal = await PostgresJournal.open(database, { id: 'killed', symbols: ['AAA', 'BBB'] });
    expect(() => runHistoricalSession({ ...childSession, bars: childBars, journal })).toThrow(/record 0 differs/);
  });

  it('stores a whole backtest by COPY, and refuses another definition under its id', async () => {
    const session = {
      id: 'history',
      kind: 'backtest' as const,
      symbols: ['AAA', 'BBB'],
      capital: 1e5,
      definition: { a: 1 },
    };
    await openSession(database.pool, session);
    const journal = await PostgresJournal.open(database, session);
    const result = runHistoricalSession({ ...childSession, bars: childBars, journal });
    await journal.commit();
    await closeSession(database.pool, 'history', result.journalHash);
    const refusals = await database.pool.query<{ n: number }>(
      `SELECT count(*) AS n FROM refusals WHERE session_id = 'history'`,
    );
    expect(refusals.rows[0]!.n).toBe(result.refusals.length);
    await expect(openSession(database.pool, { ...session, definition: { a: 2 } })).rejects.toThrow(/another strategy/);
    await expect(requestCommand(database.pool, 'halt', 'nobody')).rejects.toThrow(/no session/);
  });
});
