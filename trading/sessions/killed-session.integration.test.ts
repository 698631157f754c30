import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SOURCE_ARGUMENTS } from '../../infra/testing/source-arguments.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { liveSession, split, SPLIT_BAR, splitBars } from '../testing/live-session-child.ts';
import { childSession } from '../testing/streaming-session-child.ts';
import { runHistoricalSession } from './historical-session.ts';
import { listSessions, openSession, requestCommand } from './session-store.ts';

const CHILD = join(import.meta.dirname, '../testing/live-session-child.ts');
/** Two symbols: bars done when the split comes into effect. */
const AT_SPLIT = 2 * SPLIT_BAR;
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

/**
 * Runs the child until it has done `killAfter` bars, does `before` that, and then kill -9; its last line when it was
 * left to end.
 */
async function run(
  id: string,
  { killAfter = Infinity, forget = false, during = new Map<number, () => Promise<unknown>>() } = {},
) {
  const child = spawn(
    process.execPath,
    [...SOURCE_ARGUMENTS, CHILD, database.url, id, forget ? 'forget' : 'remember'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let last = '';
  for await (const line of createInterface({ input: child.stdout })) {
    last = line;
    await during.get(Number(line))?.();
    if (Number(line) >= killAfter) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return last;
}

async function recordOf(id: string) {
  const rows = async (sql: string): Promise<unknown[]> => (await database.pool.query<object>(sql, [id])).rows;
  return {
    bars: await rows(
      `SELECT close_time, symbol, open, close, decided_by, unfit, late_bars FROM session_bars WHERE session_id = $1 ORDER BY 1, 2`,
    ),
    actions: await rows(
      'SELECT close_time, symbol, kind, value, effective_at FROM session_actions WHERE session_id = $1 ORDER BY 1, 2',
    ),
    orders: await rows(
      'SELECT sequence, time, symbol, side, quantity, state FROM orders WHERE session_id = $1 ORDER BY 1',
    ),
    fills: await rows('SELECT record, sequence, time, quantity, price FROM fills WHERE session_id = $1 ORDER BY 1'),
    refusals: await rows('SELECT record, time, code FROM refusals WHERE session_id = $1 ORDER BY 1'),
    commands: await rows('SELECT command, step FROM session_commands WHERE session_id = $1 ORDER BY id'),
  };
}

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
    await run('killed', { killAfter: 380, forget: true, during: new Map([[340, ask('reduce')]]) });
    await ask('resume')();
    const [killedHash, killedEquity] = (await run('killed', { forget: true })).split(' ');
    expect(killedHash).toMatch(/^[0-9a-f]{64}$/);

    const killed = await recordOf('killed');
    expect(killed.commands).toMatchObject([
      { command: 'halt' },
      { command: 'resume' },
      { command: 'reduce' },
      { command: 'resume' },
    ]);
    const steps = killed.commands.map((row) => Number((row as { step: unknown }).step));
    expect(steps[1]).toBeLessThan(2 * SPLIT_BAR);
    expect(steps[2]).toBeGreaterThan(2 * SPLIT_BAR);
    await openSession(database.pool, liveSession('undisturbed'));
    await database.pool.query(
      `INSERT INTO session_commands (session_id, command, step)
       SELECT 'undisturbed', command, step FROM session_commands WHERE session_id = 'killed' ORDER BY id`,
    );
    expect(await run('undisturbed')).toBe(`${killedHash} ${killedEquity}`);
    expect(await recordOf('undisturbed')).toEqual(killed);
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
