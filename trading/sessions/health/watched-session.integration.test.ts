import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebhookServer } from '../../../infra/testing/webhook-server.ts';
import { createTestDatabase, type TestDatabase } from '../../../infra/testing/test-database.ts';
import { failing, NO_FAULTS, statusFault } from '../../testing/venue/stand-in-faults.ts';
import type { StandInVenue } from '../../testing/venue/stand-in-venue.ts';
import { venueInHand } from '../../testing/venue/session-in-hand.ts';
import { watchedSession, type WatchedOptions } from '../../testing/venue/watched-session.ts';
import type { Word } from '../../testing/walked-engine.ts';
import { tellSessions } from '../operators/tell-sessions.ts';
import { sessionOutput } from '../operators/session-output.ts';

let database: TestDatabase;
let webhook: WebhookServer;
let venue: StandInVenue;
let session: ReturnType<typeof watchedSession>;
let count = 0;
let id = '';

beforeAll(async () => {
  database = await createTestDatabase();
  webhook = await WebhookServer.start();
});
afterEach(async () => {
  await session.stop();
  await venue.stop();
  webhook.reset();
});
afterAll(async () => {
  await webhook.stop();
  await database.drop();
});

async function start(options: Partial<WatchedOptions> = {}): Promise<void> {
  venue = await venueInHand();
  id = `watched-${(count += 1)}`;
  session = watchedSession({ database, webhookUrl: webhook.url, venueUrl: venue.url, id, ...options });
  await session.until('it trades', async () => (await inputs()).some(({ connected }) => connected === true));
}

interface Input {
  readonly connected?: boolean;
  readonly name?: string;
  readonly value?: number;
}

async function inputs(): Promise<Input[]> {
  const { rows } = await database.pool.query<{ event: Input }>(
    'SELECT event FROM venue_inputs WHERE session_id = $1 ORDER BY position',
    [id],
  );
  return rows.map(({ event }) => event);
}

const isTold = (type: string, state = 'raised'): boolean =>
  webhook.taken.some((one) => one.type === type && one.state === state && one.session === id);
const told = (type: string, state = 'raised') => session.until(`${type} is ${state}`, () => isTold(type, state));
const held = (): number => Number(venue.books.held('AAPL') / 1_000_000_000n);
/** A purchase, which is said again where it is refused: on a busy machine a breaker may be open as the bar closes. */
async function buy(): Promise<void> {
  let refused = await refusalsOf();
  session.close('BUY');
  await session.until('it is bought', async () => {
    const now = await refusalsOf();
    if (now.length > refused.length && held() === 0) session.close('BUY');
    refused = now;
    return held() === 10;
  });
}
/** A bar closes, and the session says that it is done with it. */
async function next(word: Word): Promise<void> {
  const had = await closes();
  session.close(word);
  await session.until('the close is there', async () => (await closes()) === had + 1);
  const text = `SELECT max(close_time) = (SELECT last_close FROM sessions WHERE id = $1) AS done
    FROM session_bars WHERE session_id = $1`;
  await session.until('the close is done', async () => {
    const { rows } = await database.pool.query<{ done: boolean | null }>(text, [id]);
    return rows[0]!.done === true;
  });
}
/** The position is there, and nothing rests but its stop. */
const isProtected = () =>
  session.until('it is protected', () => {
    const [stop, ...others] = venue.books.open();
    return held() === 10 && others.length === 0 && stop?.side === 'sell';
  });
const refusalsOf = async (): Promise<string[]> =>
  (
    await database.pool.query<{ code: string }>('SELECT code FROM refusals WHERE session_id = $1 ORDER BY record', [id])
  ).rows.map(({ code }) => code);
const tell = (word: Parameters<typeof tellSessions>[1], consent?: string) =>
  tellSessions(database, word, { sessionId: id, actor: { kind: 'operator', name: 'ann' }, reason: 'a test', consent });

describe('a session that is watched over', () => {
  it('opens its breaker when the venue is away, opens nothing, and goes on by itself', async () => {
    await start();
    venue.faults = { ...NO_FAULTS, request: () => statusFault(503) };
    await told('breaker-open');
    session.close('BUY');
    await session.until('it is refused', async () => (await refusalsOf()).includes('venue-breaker'));
    const shown = await sessionOutput(database, id);
    expect(shown.value).toMatchObject({ breakers: { states: { requests: expect.stringMatching(/open/) as string } } });
    expect(shown.text()).toMatch(/requests (half-)?open: /);
    venue.faults = NO_FAULTS;
    await told('breaker-open', 'resolved');
    await session.until('the engine knows', async () =>
      (await inputs()).some(({ name, value }) => name === 'venue-breaker' && value === 0),
    );
    await buy();
    const { rows } = await database.pool.query<{ state: string }>(
      "SELECT state FROM breaker_changes WHERE session_id = $1 AND breaker = 'requests' ORDER BY id",
      [id],
    );
    expect(rows[0]).toEqual({ state: 'open' });
    expect(rows.slice(-2)).toEqual([{ state: 'half-open' }, { state: 'closed' }]);
  });

  it('tells of an order in doubt and of a position without a stop, and when that is over', async () => {
    await start({ protection: { stopLoss: { percent: 0.1 }, takeProfit: null, trailing: null } });
    await buy();
    await isProtected();
    // The venue ends the stop by itself, and nobody knows what becomes of the one that takes its place.
    venue.faults = { ...NO_FAULTS, request: (method) => (method === 'POST' ? { kind: 'hang', when: 'before' } : null) };
    venue.books.cancel(venue.books.open()[0]!.id);
    await told('position-unprotected');
    await told('order-in-doubt');
    venue.faults = NO_FAULTS;
    await told('order-in-doubt', 'resolved');
    await told('position-unprotected', 'resolved');
    await isProtected();
    expect(webhook.taken.find(({ type }) => type === 'order-in-doubt')).toMatchObject({ severity: 'critical' });
  });

  it('tells of a position that the books do not explain, and opens nothing until somebody has looked', async () => {
    await start();
    venue.books.submit({
      ...{ symbol: 'AAPL', side: 'buy', type: 'market', qty: '500', time_in_force: 'day' },
      client_order_id: 'of-somebody-else',
    });
    await told('mismatch');
    await told('halt');
    expect(webhook.taken.find(({ type }) => type === 'mismatch')).toMatchObject({ severity: 'critical', session: id });
    await session.until('it is shown', async () => (await sessionOutput(database, id)).text().includes('reduce'));
    await tell('resume');
    await told('mismatch', 'resolved');
  });

  it('tells once of what a process before it recorded and was killed before it told', async () => {
    await start();
    venue.faults = failing({ method: 'POST', count: 1 }, statusFault(422, 'the order is malformed'));
    session.close('BUY');
    await told('orders-rejected');
    await session.stop();
    const records = async (): Promise<number> => {
      const { rows } = await database.pool.query<{ records: number }>(
        'SELECT records::float8 AS records FROM session_alert_marks WHERE session_id = $1',
        [id],
      );
      return rows[0]!.records;
    };
    expect(await records()).toBeGreaterThan(0);
    // As that one leaves it: the record is there, the alert is not.
    await database.pool.query('DELETE FROM alerts WHERE session_id = $1', [id]);
    await database.pool.query('UPDATE session_alert_marks SET records = 0 WHERE session_id = $1', [id]);
    webhook.reset();
    const again = async (): Promise<void> => {
      const { words } = session;
      session = watchedSession({ database, webhookUrl: webhook.url, venueUrl: venue.url, id, words });
      await next('HOLD');
      await session.stop();
    };
    await again();
    expect(isTold('orders-rejected')).toBe(true);
    const marked = await records();
    expect(marked).toBeGreaterThan(0);
    await again();
    const { rows } = await database.pool.query<{ times: number }>(
      "SELECT times FROM alerts WHERE session_id = $1 AND type = 'orders-rejected'",
      [id],
    );
    expect(rows).toEqual([{ times: 1 }]);
    expect(await records()).toBeGreaterThanOrEqual(marked);
  });

  it('tells of a feed that is silent, and opens nothing after it before a close has come on time', async () => {
    let overdue = 0;
    await start({ overdue: () => overdue });
    await next('HOLD');
    overdue = 2;
    await told('feed-silent');
    session.close('BUY');
    await session.until('it is refused', async () => (await refusalsOf()).includes('data-late'));
    overdue = 0;
    await told('feed-silent', 'resolved');
    await buy();
  });
});

/** The conditions that were recorded, in order. */
async function recorded(): Promise<(string | undefined)[]> {
  return (await inputs()).filter(({ name }) => name !== undefined).map(({ name }) => name);
}

async function closes(): Promise<number> {
  const { rows } = await database.pool.query<{ closes: number }>(
    'SELECT count(*)::int AS closes FROM session_bars WHERE session_id = $1',
    [id],
  );
  return rows[0]!.closes;
}

describe('an emergency stop', () => {
  const protection = { stopLoss: { percent: 0.1 }, takeProfit: null, trailing: null };

  it('by hand leaves nothing that rests, also where cancels are not answered, and is ended by consent', async () => {
    await start({ protection });
    await buy();
    await isProtected();
    let lost = 2;
    venue.faults = {
      ...NO_FAULTS,
      request: (method) => (method === 'DELETE' && (lost -= 1) >= 0 ? { kind: 'hang', when: 'before' } : null),
    };
    await tell('emergency-stop');
    await session.until('nothing rests', () => venue.books.open().length === 0);
    await told('emergency-stop');
    await told('position-unprotected');
    await next('SELL');
    expect(held()).toBe(10);
    await session.until('it is shown', async () => (await sessionOutput(database, id)).text().includes('stop'));
    await expect(tell('resume')).rejects.toMatchObject({
      exitCode: 2,
      message: `Session "${id}" was stopped in an emergency: it only observes.`,
    });
    await expect(tell('resume', 'resume another')).rejects.toThrow('emergency');
    await tell('resume', `resume ${id}`);
    await isProtected();
    await told('emergency-stop', 'resolved');
    const { rows } = await database.pool.query<{ action: string; actor: string; reason: string }>(
      "SELECT action, actor, reason FROM audit_entries WHERE session_id = $1 AND action NOT LIKE 'session-%' ORDER BY position",
      [id],
    );
    expect(rows).toEqual([
      { action: 'emergency-stop', actor: 'ann', reason: 'a test' },
      { action: 'resume', actor: 'ann', reason: 'a test' },
    ]);
  });

  it('with --flatten closes what is held and only observes then', async () => {
    await start({ protection });
    await buy();
    await isProtected();
    await tell('emergency-flatten');
    await session.until('all is closed', () => held() === 0 && venue.books.open().length === 0);
    await next('BUY');
    expect(held()).toBe(0);
  });

  it('lasts over a restart, which repeats what was recorded of it and of the conditions before', async () => {
    let overdue = 0;
    const options = { protection, overdue: () => overdue };
    await start(options);
    await buy();
    await isProtected();
    overdue = 2;
    await told('feed-silent');
    overdue = 0;
    await told('feed-silent', 'resolved');
    await tell('emergency-stop');
    await session.until('nothing rests', () => venue.books.open().length === 0);
    await next('SELL');
    await session.stop();
    const { words } = session;
    const before = await recorded();
    expect(before).toContain('data-late');
    session = watchedSession({ database, webhookUrl: webhook.url, venueUrl: venue.url, id, ...options, words });
    // Compared record by record with what is stored: a session that did anything else would end.
    await next('SELL');
    expect(held()).toBe(10);
    expect(venue.books.open()).toEqual([]);
    expect((await recorded()).slice(0, before.length)).toEqual(before);
    await tell('resume', `resume ${id}`);
    await isProtected();
  });

  it('comes by itself when the venue is away for too long, and stands in the audit', async () => {
    const degradation = {
      healthSeconds: 2,
      lateShare: 0.5,
      latencyMsMax: 1e6,
      latencyOrdersPerMinute: 6,
      ordersFailingMax: 3,
    };
    await start({ limits: { degradation } });
    venue.faults = { ...NO_FAULTS, request: () => statusFault(503) };
    await told('emergency-stop');
    const { rows } = await database.pool.query<{ actor: string; reason: string }>(
      "SELECT actor, reason FROM audit_entries WHERE session_id = $1 AND action = 'emergency-stop'",
      [id],
    );
    expect(rows).toEqual([{ actor: 'system', reason: 'venue-breaker' }]);
    venue.faults = NO_FAULTS;
    await told('breaker-open', 'resolved');
    await next('BUY');
    expect(held()).toBe(0);
  });
});
