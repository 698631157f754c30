import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect, type Database } from '../../../infra/postgres/database.ts';
import { temporaryPostgres } from '../../../infra/testing/breakable-postgres.ts';
import { recordedBooks } from '../../testing/venue/recorded-books.ts';
import { recordedSession, type RecordedSession } from '../../testing/venue/recorded-session.ts';
import { venueInHand } from '../../testing/venue/session-in-hand.ts';
import type { StandInVenue } from '../../testing/venue/stand-in-venue.ts';

let postgres: Awaited<ReturnType<typeof temporaryPostgres>>;
let database: Database;
let venue: StandInVenue;

beforeAll(async () => {
  postgres = await temporaryPostgres();
  database = await connect(postgres.url, {}, null);
});
afterAll(async () => {
  await database.close();
  await postgres.remove();
});

// Each session has an account of its own: what another did there is foreign to it.
beforeEach(async () => {
  venue = await venueInHand();
});
afterEach(() => venue.stop());

const held = (): number => Number(venue.books.held('AAPL') / 1_000_000_000n);
const resting = (): number => venue.books.open('AAPL').length;
const said = ({ notes }: RecordedSession, words: RegExp): boolean => notes.some((note) => words.test(note));

/** A session that holds ten shares, with its stop at the venue. */
async function holding(id: string): Promise<ReturnType<typeof recordedSession>> {
  const session = recordedSession(database, { id, venue });
  session.close('BUY');
  await session.until('it holds shares', () => held() === 10);
  await session.until('its stop rests', () => resting() === 1);
  return session;
}

const OUTAGES = [
  {
    name: 'is stopped and started',
    leave: () => postgres.end('order'),
    back: () => postgres.start(),
  },
  { name: 'is killed and started', leave: () => postgres.end('kill'), back: () => postgres.start() },
  {
    name: 'hangs and goes on',
    leave: () => Promise.resolve(postgres.hang()),
    back: () => Promise.resolve(postgres.wake()),
  },
] as const;

describe.each(OUTAGES)('a database that $name under a session with a position', ({ name, leave, back }) => {
  it('keeps the session: exits leave, openings wait, and all of it is merged', async () => {
    const id = `outage ${name}`;
    const session = await holding(id);
    await leave();
    // An exit protects: it leaves while the database is away.
    session.close('SELL');
    await session.until('the exit was filled', () => held() === 0);
    await session.until('it says so', () => said(session, /the database is away/));
    const orders = venue.books.orders.length;
    session.close('BUY');
    session.close('HOLD');
    await session.until('bars are taken', () => said(session, /local log/));
    await back();
    await session.until('it says that it is back', () => said(session, /the database is back/));
    expect(venue.books.orders.length).toBe(orders);
    expect(held()).toBe(0);
    session.close('BUY');
    await session.until('it opens again', () => held() === 10);
    session.close('SELL');
    await session.until('and closes', () => held() === 0);
    const theirs = venue.books.executions.map(({ id: execution }) => execution);
    const booked = async (): Promise<number> => (await recordedBooks(database, id)).executions.length;
    await session.until('all is on record', async () => (await booked()) === theirs.length);
    await session.end();
    const books = await recordedBooks(database, id);
    expect(books.executions).toEqual([...theirs].sort());
    expect(books.positions).toEqual({});
  });
});

describe('a session that is stopped while its database is away', () => {
  it('leaves the rest in its local log, which the next start merges', async () => {
    const id = 'stopped meanwhile';
    const session = await holding(id);
    await postgres.end('kill');
    session.close('SELL');
    await session.until('the exit was filled', () => held() === 0);
    await session.until('bars are taken', () => said(session, /local log/));
    await session.stop();
    expect(said(session, /commits are in the local log .*: the next start merges them/)).toBe(true);
    await postgres.start();
    const again = recordedSession(database, { id, venue, words: session.words });
    await again.until('it merges', () => said(again, /commits of before were in .*: they are merged/));
    const theirs = venue.books.executions.map(({ id: execution }) => execution).sort();
    await again.until('all is on record', async () => {
      return (await recordedBooks(database, id)).executions.length === theirs.length;
    });
    again.close('BUY');
    await again.until('it opens again', () => held() === 10);
    await again.end();
    expect((await recordedBooks(database, id)).executions).toEqual(expect.arrayContaining(theirs));
  });
});

describe('a session at no venue', () => {
  it('waits for its database and goes on', async () => {
    const session = recordedSession(database, { id: 'simulated' });
    session.close('BUY');
    session.close('HOLD');
    await session.until('it holds shares', async () => {
      return (await recordedBooks(database, 'simulated')).positions['AAPL'] === '10';
    });
    await postgres.end('order');
    session.close('SELL');
    session.close('HOLD');
    await session.until('it says so', () => said(session, /the database is away/));
    expect(said(session, /local log/)).toBe(false);
    await postgres.start();
    await session.until('it sells', async () => {
      const books = await recordedBooks(database, 'simulated').catch(() => null);
      return books !== null && books.positions['AAPL'] === undefined;
    });
    await session.end();
  });
});
