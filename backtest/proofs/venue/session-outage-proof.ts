import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { InputError } from '../../../infra/errors.ts';
import { findRedisServer } from '../../../infra/installed.ts';
import { openDatabase, type Database } from '../../../infra/postgres/database.ts';
import type { Random } from '../../../infra/random.ts';
import { startRedisServer } from '../../../infra/testing/redis-server.ts';
import { startBreakablePostgres } from '../../../infra/testing/servers/breakable-postgres.ts';
import { signalTree } from '../../../infra/testing/stopped-process.ts';
import { signalsAfter } from '../../../trading/journal/journal-store.ts';
import { streamOf } from '../../../trading/signals/publishing/published-signal.ts';
import { recordedSession, type RecordedSession } from '../../../trading/testing/recorded/recorded-session.ts';
import { recordedBooks } from '../../../trading/testing/venue/recorded-books.ts';
import { venueInHand } from '../../../trading/testing/venue/session-in-hand.ts';
import { amountOf } from '../../../trading/testing/venue/stand-in-order.ts';
import type { StandInVenue } from '../../../trading/testing/venue/stand-in-venue.ts';
import { share, type CaseContext, type CaseFigures, type Proof } from '../proof.ts';

/** How far apart the bars of a session close. */
const BAR_MS = { min: 20, max: 200 };
/** Outages of a session, one after the other, and how long each lasts. */
const OUTAGES = 4;
const DOWN_MS = { min: 100, max: 2_500 };
const SYMBOL = 'AAPL';
/** How often Redis is looked at until it has been told of everything, in all, and every so often. */
const TOLD_LOOKS = 300;
const TOLD_EVERY_MS = 200;

const HOW = ['stopped', 'killed', 'hung'] as const;
type How = (typeof HOW)[number];

/** A server under a session. `back` is called once for each `leave`. */
interface Breakable {
  readonly name: 'postgres' | 'redis' | 'mlflow';
  leave(how: How): Promise<void>;
  back(how: How): Promise<void>;
}

/** Something that listens where MLflow would: a session is to leave it alone, whatever becomes of it. */
async function startTracking(): Promise<
  Breakable & { readonly url: string; readonly asked: () => number; stop(): void }
> {
  let asked = 0;
  const sockets = new Set<Socket>();
  const listener = (socket: Socket): void => {
    asked += 1;
    sockets.add(socket);
  };
  const listen = async (port: number): Promise<Server> => {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return server;
  };
  let server = await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    name: 'mlflow',
    url: `http://127.0.0.1:${port}`,
    asked: () => asked,
    // It never answers: what hangs and what does not differ for nobody who asks.
    leave: (how) => (how === 'hung' ? Promise.resolve() : new Promise((resolve) => server.close(() => resolve()))),
    back: async (how) => void (how === 'hung' || (server = await listen(port))),
    stop: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

async function startRedis(folder: string): Promise<Breakable & { readonly url: string; stop(): Promise<void> }> {
  let redis = await startRedisServer(undefined, folder);
  const { url, port } = redis;
  return {
    name: 'redis',
    url,
    leave: (how) => (how === 'hung' ? Promise.resolve(signalTree(redis.pid, 'SIGSTOP')) : redis.stop()),
    back: async (how) => {
      if (how === 'hung') signalTree(redis.pid, 'SIGCONT');
      else redis = await startRedisServer(port, folder);
    },
    stop: () => redis.stop(),
  };
}

async function startPostgres(home: string): Promise<Breakable & { readonly url: string; stop(): Promise<void> }> {
  const postgres = await startBreakablePostgres(home);
  return {
    name: 'postgres',
    url: postgres.url,
    leave: (how) => {
      if (how === 'hung') return Promise.resolve(postgres.hang());
      return postgres.end(how === 'killed' ? 'kill' : 'order');
    },
    back: (how) => (how === 'hung' ? Promise.resolve(postgres.wake()) : postgres.start()),
    stop: () => postgres.end('order'),
  };
}

interface Ground {
  readonly session: RecordedSession;
  readonly venue: StandInVenue;
  readonly database: Database;
}

/** Trades at random while the market moves, until `isOver`. */
async function trade({ session, venue }: Ground, random: Random, isOver: () => boolean): Promise<void> {
  let price = 100;
  while (!isOver()) {
    price = Math.max(50, price * (1 + 0.01 * random.normal()));
    venue.books.trade(SYMBOL, price.toFixed(2));
    session.close((['BUY', 'SELL', 'HOLD'] as const)[random.integer(3)]!);
    await sleep(BAR_MS.min + random.integer(BAR_MS.max - BAR_MS.min));
  }
}

/** Takes servers away and brings them back. Says in words what was done. */
async function disturb(servers: readonly Breakable[], random: Random): Promise<string[]> {
  const done: string[] = [];
  for (let outage = 0; outage < OUTAGES; outage++) {
    const server = servers[random.integer(servers.length)]!;
    const how = HOW[random.integer(HOW.length)]!;
    await sleep(random.integer(1_000));
    await server.leave(how);
    await sleep(DOWN_MS.min + random.integer(DOWN_MS.max - DOWN_MS.min));
    await server.back(how);
    done.push(`${server.name} ${how}`);
  }
  return done;
}

const units = (venue: StandInVenue): string => amountOf(venue.books.held(SYMBOL));

/** Units that are held and that no resting stop covers. */
function bareUnits({ books }: StandInVenue): bigint {
  const stops = books.open(SYMBOL).filter(({ type, side }) => type === 'stop' && side === 'sell');
  return books.held(SYMBOL) - stops.reduce((sum, { qty, filled }) => sum + qty - filled, 0n);
}

/** It goes on once all are back: it buys, which is protected, and everything is on record. */
async function recovers({ session, venue, database }: Ground): Promise<void> {
  await session.until('it holds shares, and a stop rests', async () => {
    session.close('BUY');
    await sleep(200);
    return venue.books.held(SYMBOL) > 0n && bareUnits(venue) === 0n;
  });
  await session.until('all is on record', async () => {
    const found = await recordedBooks(database, session.id).catch(() => null);
    return found !== null && found.executions.length === venue.books.executions.length;
  });
}

/** Redis comes to have every signal that is on record, once and in order; bars that were on their way may add some. */
async function isTold({ session, database }: Ground, url: string): Promise<boolean> {
  const redis = new Redis(url);
  const agrees = async (): Promise<boolean> => {
    const told = (await redis.xrange(streamOf(session.id), '-', '+')).map(
      ([, [, value]]) => JSON.parse(value!) as unknown,
    );
    const recorded = await signalsAfter(database.pool, session.id, { after: -1, limit: 100_000 });
    return JSON.stringify(told) === JSON.stringify(JSON.parse(JSON.stringify(recorded)));
  };
  try {
    for (let look = 0; look < TOLD_LOOKS; look++) {
      if (await agrees()) return true;
      await sleep(TOLD_EVERY_MS);
    }
    return false;
  } finally {
    redis.disconnect();
  }
}

async function figuresOf(ground: Ground, redisUrl: string): Promise<CaseFigures> {
  const { session, venue, database } = ground;
  const ours = await recordedBooks(database, session.id);
  const theirs = venue.books.executions.map(({ id }) => id).sort();
  const orders = venue.books.orders.map(({ clientOrderId }) => clientOrderId);
  const said = (words: RegExp): number => session.notes.filter((note) => words.test(note)).length;
  return {
    orders: orders.length,
    executions: theirs.length,
    sameExecutions: JSON.stringify(ours.executions) === JSON.stringify(theirs),
    samePosition: (ours.positions[SYMBOL] ?? '0') === units(venue),
    sameCash: Number(ours.cash) === Number(amountOf(venue.books.cash)),
    told: await isTold(ground, redisUrl),
    twice: orders.length - new Set(orders).size,
    bare: Number(bareUnits(venue)) / 1e9,
    saidAway: said(/the database is away/),
    saidBack: said(/the database is back/),
  };
}

async function runIn(folder: string, { random }: CaseContext): Promise<CaseFigures> {
  const [postgres, redis, tracking, venue] = await Promise.all([
    startPostgres(join(folder, 'home')),
    startRedis(mkdtempSync(join(folder, 'redis-'))),
    startTracking(),
    venueInHand({ partsMax: 2 }),
  ]);
  try {
    const database = await openDatabase({ databaseUrl: postgres.url, dataDir: '', redisUrl: redis.url });
    const env = { REDIS_URL: redis.url, MLFLOW_TRACKING_URI: tracking.url, SIGNALBOX_HOME: join(folder, 'session') };
    const session = recordedSession(database, { id: 'outages', venue, env });
    const ground = { session, venue, database };
    session.close('BUY');
    await session.until(
      'it holds shares, and a stop rests',
      () => venue.books.held(SYMBOL) > 0n && bareUnits(venue) === 0n,
    );
    let isOver = false;
    const disturbed = disturb([postgres, redis, tracking], random.fork('outages')).finally(() => (isOver = true));
    const [outages] = await Promise.all([disturbed, trade(ground, random.fork('market'), () => isOver)]);
    await recovers(ground);
    const figures = await figuresOf(ground, redis.url);
    await session.end();
    await database.close();
    return { outages: outages.join(', '), ...figures, askedMlflow: tracking.asked() };
  } finally {
    await venue.stop();
    tracking.stop();
    await Promise.all([postgres.stop(), redis.stop()]);
  }
}

async function runCase(context: CaseContext): Promise<CaseFigures> {
  if (findRedisServer(context.config.programPath) === null) {
    throw new InputError('There is no redis-server on PATH.', 'Install Redis 7; this proof restarts one of its own.');
  }
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-session-outages-'));
  // Open to the server's user, so that root's data lies inside and goes with the folder.
  chmodSync(folder, 0o711);
  try {
    return await runIn(folder, context);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const SAME = ['sameExecutions', 'samePosition', 'sameCash', 'told'] as const;
const NONE = ['twice', 'bare', 'askedMlflow'] as const;
const sum = (cases: readonly CaseFigures[], name: string): number =>
  cases.reduce((total, figures) => total + Number(figures[name]), 0);

/** Servers that go away and come back under a session that holds shares. */
export const SESSION_OUTAGE_PROOF: Proof = {
  name: 'session-outages',
  shows:
    'PostgreSQL, Redis or MLflow stopped, killed or hung at random moments under a session at Alpaca: it goes on by ' +
    'itself, the books are those of the venue, each position has its stop, Redis is told of every signal once',
  count: 40,
  run: runCase,
  conclude: (cases) => ({
    holds: SAME.every((name) => share(cases, name) === 1) && NONE.every((name) => sum(cases, name) === 0),
    figures: {
      sessions: cases.length,
      outages: cases.length * OUTAGES,
      ...Object.fromEntries(SAME.map((name) => [name, share(cases, name)])),
      ...Object.fromEntries(
        ['orders', 'executions', 'saidAway', 'saidBack', ...NONE].map((name) => [name, sum(cases, name)]),
      ),
    },
  }),
};
