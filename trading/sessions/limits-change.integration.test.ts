import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyChain } from '../../infra/audit/verify-chain.ts';
import { databaseContext } from '../../infra/testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { PostgresJournal } from '../journal/postgres-journal.ts';
import { childBars, childSession } from '../testing/streaming-session-child.ts';
import { setLimits, showLimits, type LimitsAsked } from './operators/risk-output.ts';
import { sessionOutput } from './operators/session-output.ts';
import { replayFeed } from './replayed-feed.ts';
import { SessionCommands } from './record/session-commands.ts';
import { closeSession, noteLimits, openSession } from './session-store.ts';
import { runPaperSession } from './streaming-session.ts';

const ID = 'limited';
const session = { id: ID, kind: 'paper' as const, symbols: ['AAA', 'BBB'], capital: 1e5, definition: {} };
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

const context = () => databaseContext(database, { env: { SIGNALBOX_OPERATOR: 'ann' } });

const set = (limit: string[], more: Partial<LimitsAsked> = {}) =>
  setLimits(context(), { session: ID, limit, reason: 'a rough day', ...more });

/** Runs the session until it has done `until` bars, as a process of its own would. */
async function go(until: number): Promise<string> {
  await openSession(database.pool, session);
  await noteLimits(database.pool, ID, childSession.limits, 'begins');
  const stop = new AbortController();
  // Each look for commands is a poll interval after the last.
  let nowMs = 0;
  const result = await runPaperSession({
    ...childSession,
    sessionId: ID,
    feed: replayFeed(childBars, childSession.instruments),
    journal: await PostgresJournal.open(database, session),
    commands: await SessionCommands.load(database.pool, ID),
    onLimits: (limits) => noteLimits(database.pool, ID, limits, 'changed'),
    clock: () => (nowMs += 1_000),
    signal: stop.signal,
    onStep: (bars) => void (bars >= until && stop.abort()),
  });
  return result.journalHash;
}

/** The largest share of the capital that an order opened with, of those after a record. */
async function largestAfter(record: number): Promise<{ share: number; last: number }> {
  const { rows } = await database.pool.query<{ share: number; last: number }>(
    `SELECT coalesce(max(abs(quantity) * decision_price) FILTER (WHERE NOT reduces AND record > $2), 0)::float8 / 1e5 AS share,
            max(record)::float8 AS last FROM orders WHERE session_id = $1`,
    [ID, record],
  );
  return rows[0]!;
}

describe('limits of a session', () => {
  it('are tightened between two bars, and a replay repeats it', async () => {
    await go(160);
    const before = await largestAfter(-1);
    expect(before.share).toBeGreaterThan(0.2);
    const { value } = await set(['positionFraction=0.05', 'openOrders=1']);
    expect(value).toMatchObject({
      running: false,
      changes: [
        { name: 'openOrders', before: null, after: 1, loosens: false },
        { name: 'positionFraction', before: 0.3, after: 0.05, loosens: false },
      ],
    });
    const pending = await showLimits(database, ID);
    expect(pending.value).toMatchObject({ limits: { positionFraction: 0.3 }, pending: [{}, {}] });
    expect(pending.text()).toContain('to be taken up: positionFraction: 0.3 to 0.05');
    await go(320);
    const tight = await largestAfter(before.last);
    expect(tight.share).toBeGreaterThan(0);
    expect(tight.share).toBeLessThan(0.06);
    expect((await showLimits(database, ID)).value).toMatchObject({ limits: { positionFraction: 0.05 }, pending: [] });
    expect((await sessionOutput(database, ID)).value).toMatchObject({ limits: { positionFraction: 0.05 } });

    await expect(set(['positionFraction=0.2'])).rejects.toThrow('positionFraction would allow more than before');
    await expect(set(['positionFraction=0.2'], { consent: 'loosen' })).rejects.toMatchObject({
      remedy: 'Where that is meant, add --consent "loosen limited".',
    });
    await set(['positionFraction=0.2'], { consent: `loosen ${ID}`, reason: 'calm again' });
    // The second rests on the first, which is not taken up yet.
    await set(['positionFraction=0.15']);
    const ended = await go(Infinity);
    const wide = await largestAfter(tight.last);
    expect(wide.share).toBeGreaterThan(0.06);
    expect(wide.share).toBeLessThan(0.17);
    // Compared record by record with what is stored.
    expect(await go(Infinity)).toBe(ended);
    await closeSession(database.pool, ID, ended);
  });

  it('stand in the audit with who changed them and why', async () => {
    const { rows } = await database.pool.query<{ actor: string; reason: string; details: string }>(
      "SELECT actor, reason, details FROM audit_entries WHERE action = 'limits-change' ORDER BY position",
    );
    expect(rows.map(({ actor, reason }) => [actor, reason])).toEqual([
      ['ann', 'a rough day'],
      ['ann', 'calm again'],
      ['ann', 'a rough day'],
    ]);
    expect(rows.map(({ details }) => (JSON.parse(details) as { consent: boolean }).consent)).toEqual([
      false,
      true,
      false,
    ]);
    expect(await verifyChain(database.pool)).toMatchObject({ intact: true, entries: 3 });
  });

  it('are refused in words where they do not fit, and leave nothing', async () => {
    await openSession(database.pool, { ...session, id: 'other' });
    const other = (limit: string[], more: Partial<LimitsAsked> = {}) => set(limit, { session: 'other', ...more });
    await expect(other(['leverage=1'])).rejects.toThrow('no limits on record');
    await noteLimits(database.pool, 'other', childSession.limits, 'begins');
    for (const [limit, words] of [
      [['leverag=1'], 'did you mean leverage'],
      [['leverage=-1'], '--limit leverage'],
      [['leverage'], 'not of the form'],
      [['positionFraction=0.3'], 'changes nothing'],
      [['margin.initial=0.5', 'margin.maintenance=0.25'], 'margin.initial stays'],
      [['symbols.ZZZ.openOrders=1'], 'ZZZ is no symbol'],
    ] as const) {
      await expect(other([...limit]), words).rejects.toMatchObject({
        exitCode: 2,
        message: expect.stringContaining(words) as string,
      });
    }
    await expect(other(['leverage=1'], { reason: ' ' })).rejects.toThrow('--reason is empty');
    await expect(set(['leverage=1'])).rejects.toThrow('ended at');
    const { rowCount } = await database.pool.query(
      "SELECT FROM session_commands WHERE session_id = 'other' OR step IS NULL",
    );
    expect(rowCount).toBe(0);
  });
});
