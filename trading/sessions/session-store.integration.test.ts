import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import type { Effect } from '../effect.ts';
import { setUp } from '../testing/walked-engine.ts';
import { PostgresJournal } from '../journal/postgres-journal.ts';
import { accountOutput } from './operators/account-output.ts';
import { SessionCommands } from './record/session-commands.ts';
import { SessionLease } from './session-lease.ts';
import {
  closeSession,
  deleteSession,
  historyOf,
  journalHashOf,
  lockSession,
  noteStanding,
  openSession,
  requestCommand,
  type OpenedSession,
  type SessionDefinition,
} from './session-store.ts';
import { VenueInputStore } from './venue/venue-input-store.ts';
import type { VenueInput } from './venue/venue-input.ts';

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
const open = (session: SessionDefinition): Promise<OpenedSession> => openSession(database.pool, session);
const tell = async (...asked: [Parameters<typeof requestCommand>[1], string?]): Promise<string[]> =>
  (await requestCommand(database.pool, ...asked)).map(({ id }) => id);

describe('account', () => {
  it('adds capital and bookings up to the last decimal, each effect booked once however often it is replayed', async () => {
    const session = sessionOf('booked', { capital: 1_000.1 });
    await open(session);
    const fill = { kind: 'fill', timeMs: 0, sequence: 1, symbol: 1, slippage: 0, final: true } as const;
    const effects: Effect[] = [
      { ...fill, quantity: 3, price: 0.1, fee: 0.000_000_01 },
      { kind: 'action', timeMs: 1, symbol: 1, action: 'dividend', value: 0.2, quantity: 3, cash: 0.2 * 3 },
      { kind: 'charge', timeMs: 2, symbol: 0, charge: 'interest', base: 7, days: 1, rate: 0.1, cash: -0.3 },
      { ...fill, timeMs: 3, quantity: 1, price: 1e-7, fee: 0, executionId: 'x' },
      { ...fill, timeMs: 4, quantity: -1, price: 1e-7, fee: 0, executionId: 'bust/x' },
    ];
    for (let turn = 0; turn < 2; turn++) {
      const journal = await PostgresJournal.open(database, session);
      for (const effect of effects) journal.append(effect);
      await journal.commit();
    }
    const { value } = await accountOutput(database, 'booked');
    const exact = {
      trade: '-0.3000001',
      fee: '-0.00000001',
      dividend: '0.6000000000000001',
      interest: '-0.3',
      bust: '0.0000001',
    };
    expect(value).toMatchObject([{ session: 'booked', capital: 1_000.1, exactCash: '1000.0999999900000001' }]);
    const [{ bookings }] = value as [{ bookings: { kind: string; exact: string }[] }];
    expect(Object.fromEntries(bookings.map(({ kind, exact: amount }) => [kind, amount]))).toEqual(exact);
    await expect(accountOutput(database, 'nobody')).rejects.toThrow(/no session "nobody"/);
  });
});

describe('what a venue told a session', () => {
  it('is read as it was written, numbers that cannot be too: a restart refuses what was refused', async () => {
    await open(sessionOf('told'));
    const base = {
      kind: 'execution',
      sequence: 1,
      timeMs: 61_000,
      symbol: 0,
      quantity: 10,
      price: 100,
      fee: 0,
    } as const;
    const quote = {
      kind: 'quote',
      timeMs: 1,
      symbol: 0,
      bid: 0.1 + 0.2,
      ask: 1e300,
      bidSize: 5e-324,
      askSize: NaN,
    } as const;
    const events: VenueInput['event'][] = [
      ...[NaN, Infinity, -0, 0.1 + 0.2].map((fee) => ({ ...base, executionId: `${fee}`, fee })),
      quote,
      {
        kind: 'snapshot',
        beganMs: 1,
        timeMs: NaN,
        complete: true,
        orders: [],
        executions: [base].map((one) => ({ ...one, executionId: 'x', price: Infinity })),
        positions: [],
      },
      { kind: 'connectivity', timeMs: 2, connected: false },
    ];
    const inputs = events.map((event, position) => ({ position, step: position, commands: 0, event }));
    const store = new VenueInputStore(database.pool, 'told');
    await store.append(inputs.slice(0, 3));
    await store.append(inputs.slice(3));
    expect(await store.read()).toEqual(inputs);
    await expect(store.append(inputs.slice(0, 1))).rejects.toThrow(/duplicate key/);
    const effectsOf = (given: readonly VenueInput[]): Effect[] => {
      const { engine, close } = setUp({ closes: [[100]], words: [['BUY']] });
      close();
      return given.slice(0, 5).flatMap(({ event }) => engine.handle(event));
    };
    expect(effectsOf(await store.read())).toEqual(effectsOf(inputs));
  });
});

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
      expect(await tell('halt', id)).toEqual([id]);
    }
  });
});

describe('commands', () => {
  it('are taken up once, in the order in which they were given, and repeated at their step', async () => {
    await open(sessionOf('ordered'));
    for (const word of ['halt', 'reduce', 'resume'] as const) await requestCommand(database.pool, word, 'ordered');
    const commands = await SessionCommands.load(database.pool, 'ordered');
    expect(commands.replayed(7)).toEqual([]);
    const first = (['halt', 'reduce', 'resume'] as const).map((command) => ({ command, timeMs: 1_700_000_000_123 }));
    expect(await commands.take(7, 1_700_000_000_123)).toEqual(first);
    expect(await commands.take(8, null)).toEqual([]);
    await requestCommand(database.pool, 'flatten', 'ordered');
    expect(await commands.take(9, null)).toEqual([{ command: 'flatten', timeMs: null }]);
    const restarted = await SessionCommands.load(database.pool, 'ordered');
    expect(restarted.replayed(7)).toEqual(first);
    expect(restarted.replayed(8)).toEqual([]);
    expect(restarted.replayed(9)).toEqual([{ command: 'flatten', timeMs: null }]);
    expect(await restarted.take(10, null)).toEqual([]);
  });

  it('reach none where no process runs a session, and all that run; a named one is told when it goes on', async () => {
    await open(sessionOf('idle'));
    expect(await requestCommand(database.pool, 'halt')).toEqual([]);
    const lease = await SessionLease.take(database.pool, 'idle');
    expect(await requestCommand(database.pool, 'halt')).toEqual([{ id: 'idle', running: true }]);
    await lease.release();
    expect(await requestCommand(database.pool, 'resume')).toEqual([]);
    expect(await requestCommand(database.pool, 'resume', 'idle')).toEqual([{ id: 'idle', running: false }]);
    const commands = await SessionCommands.load(database.pool, 'idle');
    expect(await commands.take(1, null)).toMatchObject([{ command: 'halt' }, { command: 'resume' }]);
  });

  it('are refused by a backtest and by a session that has ended, whose record stays as it was', async () => {
    await open(sessionOf('over'));
    await closeSession(database.pool, 'over', 'first');
    await expect(tell('flatten', 'over')).rejects.toThrow(/session "over" ended at 2.*takes no commands/);
    await closeSession(database.pool, 'over', 'second');
    expect(await open(sessionOf('over'))).toEqual({ isNew: false, endedWith: 'first' });
    // One that was asked for while the session ended is not taken up either.
    await database.pool.query(`INSERT INTO session_commands (session_id, command) VALUES ('over', 'halt')`);
    expect(await (await SessionCommands.load(database.pool, 'over')).take(9, null)).toEqual([]);
    await open(sessionOf('tested', { kind: 'backtest' }));
    await expect(tell('halt', 'tested')).rejects.toThrow(/"tested" is a backtest/);
  });

  it('know how far the session had begun, so that new ones come after it', async () => {
    await open(sessionOf('far'));
    const first = await SessionCommands.load(database.pool, 'far');
    expect(first.begun).toBe(-1);
    const told = { killState: 'run', lastCloseMs: 0, equity: 1, positions: {} } as const;
    await noteStanding(database.pool, 'far', { ...told, step: 41 });
    await noteStanding(database.pool, 'far', { ...told, step: 40 });
    expect((await SessionCommands.load(database.pool, 'far')).begun).toBe(41);
  });

  it('reach one session only where one is named', async () => {
    await open(sessionOf('one'));
    await open(sessionOf('two'));
    await requestCommand(database.pool, 'halt', 'one');
    expect(await (await SessionCommands.load(database.pool, 'two')).take(1, null)).toEqual([]);
    expect(await (await SessionCommands.load(database.pool, 'one')).take(1, null)).toMatchObject([{ command: 'halt' }]);
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

describe('SessionLease', () => {
  it('keeps a second process out in words, whatever the id, and lets it in afterwards', async () => {
    const id = 'ein ß; DROP';
    const lease = await SessionLease.take(database.pool, id);
    await expect(SessionLease.take(database.pool, id)).rejects.toThrow(
      `Session "${id}" is running in another process.`,
    );
    await (await SessionLease.take(database.pool, 'another')).release();
    expect(lease.isLost).toBe(false);
    await lease.release();
    await (await SessionLease.take(database.pool, id)).release();
  });

  it('is lost with its connection, and taken again unless another process has it', async () => {
    const lease = await SessionLease.take(database.pool, 'cut off');
    await database.pool.query(
      // Of this suite's database: other suites hold locks on the same server.
      `SELECT pg_terminate_backend(pid) FROM pg_locks
       WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
    await expect.poll(() => lease.isLost).toBe(true);
    await lease.retake();
    expect(lease.isLost).toBe(false);
    await expect(SessionLease.take(database.pool, 'cut off')).rejects.toThrow(/is running in another process/);
    await lease.release();
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
