import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { recordOf, runLiveSession, type Disturbance } from '../testing/disturbed-session.ts';
import { heldSession, sharedSession, split, SPLIT_BAR, splitBars } from '../testing/live-session-child.ts';
import { childSession } from '../testing/streaming-session-child.ts';
import { runHistoricalSession } from './historical-session.ts';
import { listSessions, requestCommand } from './session-store.ts';

/** Two symbols: bars done when the split comes into effect. */
const AT_SPLIT = 2 * SPLIT_BAR;
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

const run = (id: string, disturbance: Disturbance = {}) => runLiveSession(database.url, id, disturbance);

describe('a live session killed with commands before and after, and a split in between', () => {
  it('ends as one that nobody disturbed', async () => {
    const ask = (word: 'halt' | 'reduce' | 'flatten' | 'resume') => () => requestCommand(database.pool, word, 'killed');
    await run('killed', { killAfter: 1 });
    await run('killed', { killAfter: 240, during: new Map([[220, ask('halt')]]) });
    // While nobody runs it: taken up after what is on record, when it goes on.
    await ask('resume')();
    await run('killed', { killAfter: AT_SPLIT - 2 });
    await run('killed', { killAfter: AT_SPLIT + 2 });
    // From here on nobody but the session's own record knows of the split.
    const { rows: known } = await database.pool.query('SELECT value FROM session_actions WHERE session_id = $1', [
      'killed',
    ]);
    expect(known).toEqual([{ value: split.value }]);
    const lines: string[] = [];
    await run('killed', { killAfter: 380, forget: true, during: new Map([[340, ask('reduce')]]), lines });
    // It went on from its last state: what came before that was not done again.
    expect(Number(lines[0])).toBeGreaterThan(2 * 120);
    await ask('resume')();
    const [killedHash, killedEquity] = (await run('killed', { forget: true })).split(' ');
    expect(killedHash).toMatch(/^[0-9a-f]{64}$/);

    const killed = await recordOf(database, 'killed');
    expect(killed.told.map(({ command }) => command)).toEqual(['halt', 'resume', 'reduce', 'resume']);
    const steps = killed.told.map(({ step }) => step);
    expect(steps[1]).toBeLessThan(2 * SPLIT_BAR);
    expect(steps[2]).toBeGreaterThan(2 * SPLIT_BAR);
    expect(await run('undisturbed', { told: killed.told })).toBe(`${killedHash} ${killedEquity}`);
    expect((await recordOf(database, 'undisturbed')).record).toEqual(killed.record);
    const sold = await database.pool.query<{ quantity: number }>(
      `SELECT quantity::float8 AS quantity FROM fills WHERE session_id = 'killed' AND time = $1`,
      [new Date(split.effectiveMs)],
    );
    expect(sold.rows.map(({ quantity }) => quantity / -split.value)).toEqual([expect.closeTo(327, -2)]);
    const [one, two] = await Promise.all(
      ['killed', 'undisturbed'].map(async (id) => (await listSessions(database.pool, { ids: [id] }))[0]!),
    );
    expect(one!.positions).toEqual(two!.positions);
    expect(one!.equity).toBe(Number(killedEquity));
  });

  it('without a command has the journal of history with the split, and no drawdown', async () => {
    const [hash, equity] = (await run('plain')).split(' ');
    const history = runHistoricalSession({ ...childSession, bars: splitBars, actions: [[], [split]] });
    expect(history.reasons.join()).not.toContain('drawdown');
    expect(hash).toBe(history.journalHash);
    expect(Number(equity)).toBe(history.equity.at(-1));
    // It held the symbol when it split and had an order to sell it: without the action that loss is no small one.
    const fooled = runHistoricalSession({ ...childSession, bars: splitBars });
    expect(fooled.reasons.join()).toContain('drawdown');
  });
});

describe('a stop that rests while its symbol splits', () => {
  const protection = { stopLoss: { percent: 0.12 }, takeProfit: null, trailing: null };

  it('is adjusted by the split, and a killed session with a damaged state ends as one that nobody disturbed', async () => {
    const [last] = await Promise.all([
      run('rested', { protection }),
      run('rested-killed', { protection, killAfter: AT_SPLIT + 2 }),
    ]);
    const damaged = await database.pool.query(
      `UPDATE session_states SET document = document || ' ' WHERE session_id = 'rested-killed'`,
    );
    expect(damaged.rowCount).toBe(1);
    const lines: string[] = [];
    expect(await run('rested-killed', { protection, forget: true, lines })).toBe(last);
    expect(lines[0]).toBe('2');
    const { record } = await recordOf(database, 'rested');
    expect((await recordOf(database, 'rested-killed')).record).toEqual(record);
    const fills = await database.pool.query<{ quantity: number; price: number; time: Date }>(
      `SELECT f.quantity::float8 AS quantity, f.price::float8 AS price, f.time FROM fills f
       JOIN orders o USING (session_id, sequence) WHERE f.session_id = 'rested' AND o.symbol = 'BBB' ORDER BY f.record`,
    );
    const [bought, sold] = fills.rows;
    expect(bought!.time.getTime()).toBeLessThan(split.effectiveMs);
    expect(sold!.time.getTime()).toBeGreaterThan(split.effectiveMs);
    expect(sold!.quantity).toBe(-bought!.quantity * split.value);
    // The stop rests on a tick below 88 % of what was paid; it is filled there or at a bar that opens beneath.
    const level = (0.88 * bought!.price) / split.value;
    expect(sold!.price).toBeLessThanOrEqual(level);
    expect(sold!.price).toBeGreaterThan(0.97 * level);
    const history = runHistoricalSession({ ...heldSession(protection), bars: splitBars, actions: [[], [split]] });
    expect(last).toBe(`${history.journalHash} ${history.equity.at(-1)}`);
    const exits = history.ledger.filter(({ symbol }) => symbol === 'BBB').map(({ exit }) => exit);
    expect(exits[0]).toBe('stop-loss');
  });
});

describe('strategies that share an account, with orders in parts under way and a split in between', () => {
  it('killed again and again go on as if nobody had, each with its own', async () => {
    const shared = true;
    const last = await run('parts', { shared });
    for (const killAfter of [204, 230, AT_SPLIT - 1, AT_SPLIT + 3, 350, 420])
      await run('parts-killed', { shared, killAfter });
    expect(await run('parts-killed', { shared })).toBe(last);
    const { record } = await recordOf(database, 'parts');
    expect((await recordOf(database, 'parts-killed')).record).toEqual(record);
    const history = runHistoricalSession({ ...sharedSession, bars: splitBars, actions: [[], [split]] });
    expect(last).toBe(`${history.journalHash} ${history.equity.at(-1)}`);
    const { rows } = await database.pool.query<{ strategy: string; parents: number; parts: number }>(
      `SELECT strategy, count(DISTINCT parent)::int AS parents, count(*)::int AS parts FROM orders
       WHERE session_id = 'parts-killed' AND parent IS NOT NULL GROUP BY 1 ORDER BY 1`,
    );
    expect(rows.map(({ strategy }) => strategy)).toEqual(['back', 'trend']);
    expect(rows.every(({ parents, parts }) => parents > 10 && parts > parents)).toBe(true);
  });
});
