import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../infra/clock.ts';
import type { CommandContext } from '../../infra/command.ts';
import { loadConfig } from '../../infra/config.ts';
import { silentProgress } from '../../infra/terminal/progress.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { childBars, childSession } from '../testing/streaming-session-child.ts';
import { runPaper } from './paper-command.ts';
import type { Replay } from './replay.ts';
import { SessionLease } from './session-lease.ts';
import { listSessions, requestCommand } from './session-store.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

const context = (): CommandContext => ({
  config: loadConfig({}),
  clock: systemClock,
  progress: silentProgress(),
  json: true,
  signal: new AbortController().signal,
  database: () => Promise.resolve(database),
  print: () => undefined,
});
const replay = (options: Partial<Replay['options']> = {}): Replay => ({
  options: { ...childSession, ...options },
  bars: childBars,
  session: { id: 'one', kind: 'paper', symbols: ['AAA', 'BBB'], capital: childSession.capital, definition: {} },
});
const paper = (id: string, prepare: () => Promise<Replay>) =>
  runPaper(context(), { speed: 'max', feed: 'replay', session: id }, prepare);
const ids = async (): Promise<string[]> => (await listSessions(database.pool)).map(({ id }) => id);

/** Fails at the bar of that number. */
const failing = (bar: number): Replay['options']['strategy'] => ({
  ...childSession.strategy,
  forSymbol: (symbol) => {
    const own = childSession.strategy.forSymbol(symbol);
    return {
      decide: (view) => {
        if (view.length === bar) throw new Error('the strategy broke');
        return own.decide(view);
      },
    };
  },
});

describe('a start that fails', () => {
  it('leaves no session where nothing of it is on record, whatever failed', async () => {
    const broken = (): never => {
      throw new Error('no broker');
    };
    await expect(paper('broker', () => Promise.resolve(replay({ broker: broken })))).rejects.toThrow('no broker');
    await expect(paper('bars', () => Promise.reject(new Error('no bars')))).rejects.toThrow('no bars');
    await expect(paper('first', () => Promise.resolve(replay({ strategy: failing(1) })))).rejects.toThrow('broke');
    await expect(paper('money', () => Promise.resolve(replay({ capital: 0 })))).rejects.toThrow(/capital is 0/);
    expect(await ids()).toEqual([]);
    expect(await requestCommand(database.pool, 'halt')).toEqual([]);
    // The id is free, and nobody holds it.
    await (await SessionLease.take(database.pool, 'broker')).release();
  });

  it('keeps what is on record of one that had begun, and lets it go on', async () => {
    const broken = () => Promise.resolve(replay({ strategy: failing(100) }));
    await expect(paper('begun', broken)).rejects.toThrow('the strategy broke');
    const [session] = await listSessions(database.pool);
    expect(session).toMatchObject({ id: 'begun', state: 'stopped', killState: 'run' });
    const { value } = await paper('begun', () => Promise.resolve(replay()));
    const [ended] = await listSessions(database.pool);
    expect(ended).toMatchObject({ state: 'ended', equity: (value as { finalEquity: number }).finalEquity });
  });
});

describe('a second process', () => {
  it('is refused in words, and leaves the session to the first', async () => {
    const lease = await SessionLease.take(database.pool, 'held');
    await expect(paper('held', () => Promise.resolve(replay()))).rejects.toMatchObject({
      exitCode: 1,
      message: 'Session "held" is running in another process.',
      remedy: expect.stringContaining('--session ID') as string,
    });
    expect(await ids()).not.toContain('held');
    await lease.release();
    await paper('held', () => Promise.resolve(replay()));
    expect(await ids()).toContain('held');
  });
});
