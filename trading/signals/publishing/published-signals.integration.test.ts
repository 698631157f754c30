import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CommandContext } from '../../../infra/command.ts';
import { silentProgress } from '../../../infra/terminal/progress.ts';
import { startRedisServer } from '../../../infra/testing/redis-server.ts';
import { describeWith } from '../../../infra/testing/requirements.ts';
import { databaseContext } from '../../../infra/testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../../../infra/testing/test-database.ts';
import { signalsAfter } from '../../journal/journal-store.ts';
import { runPaper } from '../../sessions/paper-command.ts';
import type { Replay } from '../../sessions/replay.ts';
import { childBars, childSession } from '../../testing/streaming-session-child.ts';
import { streamOf, type PublishedSignal } from './published-signal.ts';
import { publishSignals } from './publish-signals.ts';

let database: TestDatabase;
const notes: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

const context = (env: Record<string, string> = {}, stop = new AbortController()) =>
  databaseContext(database, {
    env,
    progress: { ...silentProgress(), note: (text) => void notes.push(text) },
    signal: stop.signal,
  });
const replay = (options: Partial<Replay['options']> = {}): Replay => ({
  options: { ...childSession, ...options },
  bars: childBars,
  session: { id: 'one', kind: 'paper', symbols: ['AAA', 'BBB'], capital: childSession.capital, definition: {} },
});
const paper = (id: string, of: CommandContext = context(), options: Partial<Replay['options']> = {}) =>
  runPaper(of, { speed: 'max', feed: 'replay', session: id }, () => Promise.resolve(replay(options)));
const recorded = (id: string): Promise<PublishedSignal[]> =>
  signalsAfter(database.pool, id, { after: -1, limit: 10_000 });

/** What is heard on the channel while `work` runs. */
async function heardWhile(work: () => Promise<unknown>): Promise<PublishedSignal[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const heard: string[] = [];
  client.on('notification', ({ payload }) => heard.push(payload!));
  await client.query('LISTEN signalbox_signals');
  await work();
  // Whatever was sent before this answer has arrived with it.
  await client.query('SELECT 1');
  await client.end();
  expect(Math.max(0, ...heard.map((text) => Buffer.byteLength(text)))).toBeLessThan(8_000);
  return heard.map((text) => JSON.parse(text) as PublishedSignal);
}

it('listeners are notified of the signals that were recorded, once, restarts included', async () => {
  // Stopped by an error in the middle, and begun again.
  let asked = 0;
  const failing = {
    ...childSession.strategy,
    forSymbol: (symbol: string) => {
      const own = childSession.strategy.forSymbol(symbol);
      const decide: typeof own.decide = (view) => {
        asked += 1;
        if (asked === 250) throw new Error('stopped');
        return own.decide(view);
      };
      return { decide };
    },
  };
  const first = await heardWhile(() =>
    expect(paper('heard', context(), { strategy: failing })).rejects.toThrow('stopped'),
  );
  const second = await heardWhile(() => paper('heard'));
  const rows = await recorded('heard');
  expect(first.length).toBeGreaterThan(10);
  expect([...first, ...second]).toEqual(rows);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  expect(rows[0]).toMatchObject({ session: 'heard', action: 'SELL', strength: 'strong', refused: null });
  expect(rows[0]!.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  // A session that has ended is only looked at.
  expect(await heardWhile(() => paper('heard'))).toEqual([]);
});

it('the consumer of the README reads what it missed, and then what comes', async () => {
  await paper('missed');
  const missed = await recorded('missed');
  const after = missed[missed.length - 3]!.sequence;
  const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
  const [, code] = /```js\n(.*?)```/s.exec(readme)!;
  const run = ['--input-type=module', '-', database.url, 'missed', String(after)];
  const consumer = spawn(process.execPath, run, { stdio: ['pipe', 'pipe', 'inherit'] });
  consumer.stdin.end(code);
  const seen: number[] = [];
  for await (const line of createInterface({ input: consumer.stdout })) {
    seen.push(Number((JSON.parse(line) as { record: string }).record));
    if (seen.length === 2) {
      await database.pool.query(
        `INSERT INTO signalbox.signals (session_id, record, time, symbol, action, confidence, reason)
         VALUES ('missed', 1000000, now(), 'AAA', 'BUY', 1, 'late')`,
      );
      await database.pool.query(`SELECT pg_notify('signalbox_signals', '{}')`);
    }
    if (seen.length === 3) consumer.kill();
  }
  expect(seen).toEqual([...missed.slice(-2).map(({ sequence }) => sequence), 1_000_000]);
});

describeWith('redis', 'signals in Redis', () => {
  const entriesOf = async (url: string, id: string): Promise<[string, PublishedSignal][]> => {
    const client = new Redis(url);
    const entries = await client.xrange(streamOf(id), '-', '+');
    client.disconnect();
    return entries.map(([entry, [, value]]) => [entry, JSON.parse(value!) as PublishedSignal]);
  };

  it('are those that were recorded, each once, with the sequence for an id', async () => {
    const redis = await startRedisServer();
    try {
      const settings = { REDIS_URL: redis.url };
      await paper('streamed', context(settings));
      const rows = await recorded('streamed');
      const entries = await entriesOf(redis.url, 'streamed');
      expect(entries).toEqual(rows.map((row) => [`${row.sequence}-1`, row]));
      const again = await publishSignals(context(settings), 'streamed');
      expect(again.value).toEqual([{ session: 'streamed', published: 0 }]);
      expect(await entriesOf(redis.url, 'streamed')).toEqual(entries);
    } finally {
      await redis.stop();
    }
  });

  it('wait for a Redis that is away, while the session goes on, and are all told', async () => {
    const redis = await startRedisServer();
    await redis.stop();
    const settings = { REDIS_URL: redis.url };
    const { value } = (await paper('away', context(settings))) as { value: { fills: number } };
    expect(value.fills).toBeGreaterThan(0);
    expect(notes.join('\n')).toMatch(/does not answer.*signals wait|Signals wait for it/);
    expect(notes.join('\n')).toContain('signalbox publish --session away');
    await expect(publishSignals(context(settings), 'away')).rejects.toThrow(/does not answer/);
    const back = await startRedisServer(redis.port);
    try {
      const rows = await recorded('away');
      const told = await publishSignals(context(settings), 'away');
      expect(told.value).toEqual([{ session: 'away', published: rows.length }]);
      expect((await entriesOf(back.url, 'away')).map(([, signal]) => signal)).toEqual(rows);
      const client = new Redis(back.url);
      await client.xtrim(streamOf('away'), 'MAXLEN', 1);
      client.disconnect();
      // What it let go of is not told again.
      expect((await publishSignals(context(settings), 'away')).value).toEqual([{ session: 'away', published: 0 }]);
    } finally {
      await back.stop();
    }
  });

  it('need REDIS_URL, and a session that there is', async () => {
    await expect(publishSignals(context(), 'away')).rejects.toThrow('REDIS_URL is not set');
    const settings = { REDIS_URL: 'redis://127.0.0.1:1' };
    await expect(publishSignals(context(settings), 'none')).rejects.toThrow('there is no session "none"');
  });
});
