import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { openDatabase, type Database } from '../../../infra/postgres/database.ts';
import { isRunning } from '../../../infra/postgres/embedded/running-process.ts';
import { startRedisServer, type RedisServer } from '../../../infra/testing/redis-server.ts';
import { describeWith } from '../../../infra/testing/requirements.ts';
import { signalTree } from '../../../infra/testing/stopped-process.ts';
import { createTestDatabase, type TestDatabase } from '../../../infra/testing/test-database.ts';
import { signalsAfter } from '../../journal/journal-store.ts';
import { streamOf, type PublishedSignal } from '../../signals/publishing/published-signal.ts';
import { recordedBooks } from '../../testing/venue/recorded-books.ts';
import { recordedSession, type RecordedSession } from '../../testing/recorded/recorded-session.ts';
import type { Word } from '../../testing/walked-engine.ts';
import { venueInHand } from '../../testing/venue/session-in-hand.ts';
import type { StandInVenue } from '../../testing/venue/stand-in-venue.ts';

let test: TestDatabase;
let database: Database;
let redis: RedisServer;
let venue: StandInVenue;
const told: string[] = [];

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());
beforeEach(async () => {
  venue = await venueInHand();
  redis = await startRedisServer();
  // As the command opens it: what it caches lies in Redis, too.
  const config = { databaseUrl: test.url, dataDir: '', redisUrl: redis.url };
  database = await openDatabase(config, { onStage: (text) => void told.push(text) });
});
afterEach(async () => {
  // One that was left hanging hears of nothing.
  if (isRunning(redis.pid)) signalTree(redis.pid, 'SIGCONT');
  await database.close();
  await redis.stop();
  await venue.stop();
});

const held = (): number => Number(venue.books.held('AAPL') / 1_000_000_000n);
const resting = (): number => venue.books.open('AAPL').length;
const said = ({ notes }: RecordedSession, words: RegExp): boolean => notes.some((note) => words.test(note));
const started = (id: string, words: readonly Word[] = []): ReturnType<typeof recordedSession> =>
  recordedSession(database, { id, venue, words, env: { REDIS_URL: redis.url } });

async function published(id: string): Promise<PublishedSignal[]> {
  const client = new Redis(redis.url);
  const entries = await client.xrange(streamOf(id), '-', '+');
  client.disconnect();
  return entries.map(([, [, value]]) => JSON.parse(value!) as PublishedSignal);
}

/** Redis has every signal that is on record, each once. */
async function hasAll(session: RecordedSession): Promise<void> {
  const recorded = (): Promise<PublishedSignal[]> =>
    signalsAfter(database.pool, session.id, { after: -1, limit: 10_000 });
  await session.until('Redis has all', async () => (await published(session.id)).length >= (await recorded()).length);
  expect(await published(session.id)).toEqual(await recorded());
}

async function isBooked({ id, until }: RecordedSession): Promise<void> {
  const theirs = venue.books.executions.map(({ id: execution }) => execution).sort();
  await until('all is on record', async () => (await recordedBooks(database, id)).executions.length === theirs.length);
  expect((await recordedBooks(database, id)).executions).toEqual(theirs);
}

const again = async (): Promise<void> => {
  redis = await startRedisServer(redis.port);
};
const OUTAGES = [
  { name: 'is stopped and started', leave: () => redis.stop(), back: again },
  {
    name: 'hangs and goes on',
    leave: () => Promise.resolve(signalTree(redis.pid, 'SIGSTOP')),
    back: () => Promise.resolve(signalTree(redis.pid, 'SIGCONT')),
  },
];

describeWith('redis', 'a Redis that goes away under a session with a position', () => {
  it.each(OUTAGES)(
    'and $name: the session trades on, its stops rest, and all is told',
    async ({ name, leave, back }) => {
      const session = started(`redis ${name}`);
      session.close('BUY');
      await session.until('its stop rests', () => held() === 10 && resting() === 1);
      await hasAll(session);
      await leave();
      // A signal that changes nothing: Redis is missed where there is something to tell.
      session.close('BUY');
      await session.until('it says so', () => said(session, /Redis at .* does not answer.*Signals wait for it/));
      expect(resting()).toBe(1);
      session.close('SELL');
      await session.until('it sells', () => held() === 0 && resting() === 0);
      session.close('BUY');
      await session.until('it buys, with a stop', () => held() === 10 && resting() === 1);
      await back();
      await session.until('it says that it is back', () => said(session, /Redis at .* answers again/));
      await hasAll(session);
      session.close('SELL');
      await session.until('it sells', () => held() === 0);
      await isBooked(session);
      await hasAll(session);
      await session.end();
    },
  );

  it('and stays away over a restart of the session: the next one tells what the first did not', async () => {
    const first = started('over a restart');
    first.close('BUY');
    await first.until('its stop rests', () => held() === 10 && resting() === 1);
    signalTree(redis.pid, 'SIGSTOP');
    first.close('BUY');
    await first.until('it says so', () => said(first, /Signals wait for it/));
    await first.stop();
    expect(said(first, /Redis was not told of all signals.*publish --session over a restart/)).toBe(true);
    expect(resting()).toBe(1);
    const second = started('over a restart', first.words);
    await second.until('it says so', () => said(second, /Signals wait for it/));
    second.close('SELL');
    await second.until('it sells', () => held() === 0 && resting() === 0);
    signalTree(redis.pid, 'SIGCONT');
    await second.until('it says that it is back', () => said(second, /answers again/));
    await isBooked(second);
    await hasAll(second);
    await second.end();
  });
});
