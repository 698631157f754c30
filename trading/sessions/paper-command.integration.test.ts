import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentProgress } from '../../infra/terminal/progress.ts';
import { databaseContext } from '../../infra/testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { childBars, childSession } from '../testing/streaming-session-child.ts';
import { readState, stateStep } from '../journal/state-store.ts';
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

const context = (notes: string[] = []) =>
  databaseContext(database, { progress: { ...silentProgress(), note: (text) => void notes.push(text) } });
const replay = (options: Partial<Replay['options']> = {}): Replay => ({
  options: { ...childSession, ...options },
  bars: childBars,
  session: { id: 'one', kind: 'paper', symbols: ['AAA', 'BBB'], capital: childSession.capital, definition: {} },
});
const paper = (id: string, prepare: () => Promise<Replay>, notes?: string[]) =>
  runPaper(context(notes), { speed: 'max', feed: 'replay', session: id }, prepare);
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
      save: () => own.save!(),
      restore: (state) => own.restore!(state),
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

describe('a session whose saved state does not fit', () => {
  it('is replayed from its start, says so in one line, and ends the same; then its state is gone', async () => {
    const kept = (strategy: Partial<Replay['options']>) => Promise.resolve({ ...replay(strategy), keepEvery: 20 });
    await expect(paper('misfit', () => kept({ strategy: failing(150) }))).rejects.toThrow('the strategy broke');
    const { state } = await readState(database.pool, 'misfit');
    expect(state!.step).toBe(2 * 140);
    await database.write([stateStep('misfit', { ...state!, step: state!.step + 1 })]);
    const notes: string[] = [];
    const { value } = await paper('misfit', () => kept({}), notes);
    expect(notes).toEqual([expect.stringMatching(/cannot be used: it was saved after other bars.*from its start/)]);
    const { value: other } = await paper('fits', () => kept({}));
    expect(value).toEqual({ ...(other as object), session: 'misfit' });
    expect((await readState(database.pool, 'misfit')).state).toBeNull();
  });
});

describe('an account', () => {
  it('that another session trades is refused by its lease, and nothing of the second is left (go-trader 849)', async () => {
    const venue = { broker: { name: 'alpaca' }, account: { id: 'one' } } as unknown as NonNullable<Replay['venue']>;
    const second = () => paper('second', () => Promise.resolve({ ...replay(), venue }));
    const lease = await SessionLease.takeAccount(database.pool, 'alpaca/one');
    await expect(second()).rejects.toThrow(/is traded by another session/);
    expect(await ids()).not.toContain('second');
    await lease.release();
    // Its own id was given back, too.
    await (await SessionLease.take(database.pool, 'second')).release();
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
