import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import {
  closeSession,
  deleteSession,
  historyOf,
  journalHashOf,
  lockSession,
  openSession,
  requestCommand,
  SessionCommands,
  type SessionDefinition,
} from './session-store.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

const sessionOf = (id: string, more: Partial<SessionDefinition> = {}): SessionDefinition => ({
  id,
  kind: 'paper',
  symbols: ['AAA', 'BBB'],
  capital: 1_000,
  definition: { rule: 'x', limits: { position: 0.1 } },
  ...more,
});
const open = (session: SessionDefinition): Promise<void> => openSession(database.pool, session);

describe('openSession', () => {
  it('finds a session again whatever the order of its keys', async () => {
    await open(sessionOf('again'));
    await open(sessionOf('again', { definition: { limits: { position: 0.1 }, rule: 'x' } }));
    expect(await journalHashOf(database.pool, 'again')).toBeNull();
  });

  it('refuses an id that stands for something else: any part of it counts', async () => {
    await open(sessionOf('taken'));
    const others: Partial<SessionDefinition>[] = [
      { kind: 'backtest' },
      { symbols: ['BBB', 'AAA'] },
      { capital: 1_000.01 },
      { definition: { rule: 'y', limits: { position: 0.1 } } },
      { definition: { rule: 'x', limits: { position: 0.2 } } },
    ];
    for (const other of others) await expect(open(sessionOf('taken', other))).rejects.toThrow(/"taken" exists/);
    await open(sessionOf('taken'));
  });

  it('takes any text as an id', async () => {
    for (const id of ["o'hara; --", 'ä β 日本', 'x'.repeat(400), 'a\tb\\n']) {
      await open(sessionOf(id));
      expect(await requestCommand(database.pool, 'halt', id)).toEqual([id]);
    }
  });
});

describe('commands', () => {
  it('are taken up once, in the order in which they were given, and repeated at their step', async () => {
    await open(sessionOf('ordered'));
    for (const word of ['halt', 'reduce', 'resume'] as const) await requestCommand(database.pool, word, 'ordered');
    const commands = await SessionCommands.load(database.pool, 'ordered');
    expect(commands.replayed(7)).toEqual([]);
    expect(await commands.take(7)).toEqual(['halt', 'reduce', 'resume']);
    expect(await commands.take(8)).toEqual([]);
    await requestCommand(database.pool, 'flatten', 'ordered');
    expect(await commands.take(9)).toEqual(['flatten']);
    const restarted = await SessionCommands.load(database.pool, 'ordered');
    expect(restarted.replayed(7)).toEqual(['halt', 'reduce', 'resume']);
    expect(restarted.replayed(8)).toEqual([]);
    expect(restarted.replayed(9)).toEqual(['flatten']);
    expect(await restarted.take(10)).toEqual([]);
  });

  it('reach one session only where one is named', async () => {
    await open(sessionOf('one'));
    await open(sessionOf('two'));
    await requestCommand(database.pool, 'halt', 'one');
    expect(await (await SessionCommands.load(database.pool, 'two')).take(1)).toEqual([]);
    expect(await (await SessionCommands.load(database.pool, 'one')).take(1)).toEqual(['halt']);
    await expect(requestCommand(database.pool, 'halt', 'nobody')).rejects.toThrow(/no session/);
  });
});

describe('the end of a session', () => {
  it('keeps the hash of its journal; deleted, nothing is left', async () => {
    await open(sessionOf('ending'));
    await requestCommand(database.pool, 'halt', 'ending');
    await closeSession(database.pool, 'ending', 'abc');
    expect(await journalHashOf(database.pool, 'ending')).toBe('abc');
    await deleteSession(database.pool, 'ending');
    expect(await journalHashOf(database.pool, 'ending')).toBeNull();
    const { rows } = await database.pool.query(`SELECT 1 FROM session_commands WHERE session_id = 'ending'`);
    expect(rows).toEqual([]);
    await deleteSession(database.pool, 'never was');
  });

  it('knows the history that a live session began with', async () => {
    const history = { untilMs: 1_700_000_000_000, bars: 'f00d' };
    await open(sessionOf('live', { definition: { history } }));
    expect(await historyOf(database.pool, 'live')).toEqual(history);
    await open(sessionOf('replay'));
    expect(await historyOf(database.pool, 'replay')).toBeNull();
    expect(await historyOf(database.pool, 'nobody')).toBeNull();
  });
});

describe('lockSession', () => {
  it('keeps others out until the transaction ends, before the session is stored', async () => {
    const order: string[] = [];
    let holds!: () => void;
    let release!: () => void;
    const held = new Promise<void>((resolve) => (holds = resolve));
    const released = new Promise<void>((resolve) => (release = resolve));
    const first = database.transaction(async (client) => {
      await lockSession(client, 'locked');
      holds();
      await released;
      order.push('first');
    });
    await held;
    const second = database.transaction(async (client) => {
      await lockSession(client, 'locked');
      order.push('second');
    });
    await database.transaction((client) => lockSession(client, 'another'));
    order.push('another');
    release();
    await Promise.all([first, second]);
    expect(order).toEqual(['another', 'first', 'second']);
  });
});
