import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../features/timeframe.ts';
import { systemClock } from '../../../infra/clock.ts';
import { loadConfig } from '../../../infra/config.ts';
import { databaseContext } from '../../../infra/testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../../../infra/testing/test-database.ts';
import { WebhookServer } from '../../../infra/testing/webhook-server.ts';
import { tapedBroker, type VenueExchange } from '../../brokers/venue/request-tape.ts';
import { clientOrderIds } from '../../orders/client-order-id.ts';
import { binanceInHand, bought, untilTold } from '../../testing/venue/binance/binance-in-hand.ts';
import { BINANCE_KEYS } from '../../testing/venue/binance/exchange-stand-in.ts';
import { futuresInHand } from '../../testing/venue/binance/futures/futures-in-hand.ts';
import { venueInHand } from '../../testing/venue/session-in-hand.ts';
import { NO_FAULTS, statusFault } from '../../testing/venue/stand-in-faults.ts';
import { STAND_IN_KEYS, type StandInVenue } from '../../testing/venue/stand-in-venue.ts';
import { watchedSession } from '../../testing/venue/watched-session.ts';
import { orderTrail } from '../operators/order-trail.ts';
import { openSession } from '../session-store.ts';
import { retainCommand } from './retain-command.ts';
import { readRequests, writeRequests, type StoredRequest } from './request-store.ts';

let database: TestDatabase;
let webhook: WebhookServer;
let stop: () => Promise<void> = () => Promise.resolve();

beforeAll(async () => {
  database = await createTestDatabase();
  webhook = await WebhookServer.start();
});
afterEach(async () => {
  await stop();
});
afterAll(async () => {
  await webhook.stop();
  await database.drop();
});

const requestsOf = async (id: string, order: string): Promise<readonly StoredRequest[]> =>
  ((await orderTrail(database, order, id)).value as { requests: StoredRequest[] }).requests;

/** A session at a venue that has bought, under faults that the test has set. */
async function boughtAt(id: string, faults: (venue: StandInVenue) => StandInVenue['faults']): Promise<StandInVenue> {
  const venue = await venueInHand();
  const session = watchedSession({ database, webhookUrl: webhook.url, venueUrl: venue.url, id });
  stop = async () => {
    await session.stop();
    await venue.stop();
  };
  await session.until('it trades', async () => {
    const { rows } = await database.pool.query<{ event: { connected?: boolean } }>(
      'SELECT event FROM venue_inputs WHERE session_id = $1',
      [id],
    );
    return rows.some(({ event }) => event.connected === true);
  });
  venue.faults = faults(venue);
  session.close('BUY');
  await session.until('it is bought', () => venue.books.held('AAPL') > 0n);
  await session.until('its requests are stored', async () => (await readRequests(database.pool, id, all)).length > 0);
  await session.stop();
  return venue;
}

const all = { limit: 1000 };

describe('what was sent about an order', () => {
  it('is found from the order on, with each answer, and holds no secret', async () => {
    let isRefused = false;
    await boughtAt('asked', () => ({
      ...NO_FAULTS,
      request: (method) => {
        if (method !== 'POST' || isRefused) return null;
        isRefused = true;
        return statusFault(503);
      },
    }));
    const requests = await requestsOf('asked', '1');
    const name = clientOrderIds('asked')(1);
    const posts = requests.filter(({ method }) => method === 'POST');
    expect(posts.map(({ status }) => status)).toEqual([503, 200]);
    expect(JSON.parse(posts[1]!.body!)).toMatchObject({
      client_order_id: name,
      symbol: 'AAPL',
      side: 'buy',
      qty: '10',
    });
    expect(JSON.parse(posts[1]!.answer)).toMatchObject({ client_order_id: name, symbol: 'AAPL' });
    // Whether the first one arrived was asked before it was sent again.
    const [asked] = requests.filter(({ method }) => method === 'GET');
    expect(asked).toMatchObject({ path: `/v2/orders:by_client_order_id?client_order_id=${name}`, status: 404 });
    for (const { tookMs, sentAt } of requests) {
      expect(tookMs).toBeGreaterThanOrEqual(0);
      expect(Math.abs(sentAt.getTime() - systemClock())).toBeLessThan(DAY_MS);
    }
    expect((await orderTrail(database, '1', 'asked')).text()).toMatch(/^requests +sentAt .*method POST/m);
    const { rows } = await database.pool.query<{ row: string }>('SELECT r::text AS row FROM venue_requests r');
    expect(rows.length).toBeGreaterThan(2);
    for (const { row } of rows) {
      expect(row).not.toContain(STAND_IN_KEYS.keyId);
      expect(row).not.toContain(STAND_IN_KEYS.secretKey);
    }
  });

  it('says how a connection failed that brought no answer', async () => {
    let isLost = false;
    await boughtAt('lost', () => ({
      ...NO_FAULTS,
      request: (method) => {
        if (method !== 'POST' || isLost) return null;
        isLost = true;
        return { kind: 'reset', when: 'after' };
      },
    }));
    const [first] = await requestsOf('lost', '1');
    expect(first).toMatchObject({ method: 'POST', status: null });
    expect(first!.answer).toMatch(/fetch failed: .*(ECONNRESET|socket|closed)/);
  });
});

describe("Binance's", () => {
  it.each([
    ['spot', binanceInHand, '/api/v3/order'],
    ['futures', futuresInHand, '/fapi/v1/order'],
  ])('%s orders are seen without what signs them', async (_name, inHand, path) => {
    const { venue, broker } = await inHand();
    stop = () => venue.stop();
    const seen: VenueExchange[] = [];
    const taped = tapedBroker(broker, (exchange) => void seen.push(exchange));
    await untilTold(() => taped.positions());
    expect(seen).toEqual([]);
    const accepted = await taped.submit(bought('sb-one'));
    expect(accepted).toMatchObject({ result: 'accepted' });
    const refused = await taped.cancel('sb-none');
    expect(refused.result).toBe('refused');
    const [post, ...others] = seen;
    expect(post).toMatchObject({ clientOrderId: 'sb-one', method: 'POST', path, status: 200 });
    expect(JSON.parse(post!.body!)).toMatchObject({ newClientOrderId: 'sb-one', symbol: 'BTCUSDT' });
    expect(JSON.parse(post!.answer)).toMatchObject({ clientOrderId: 'sb-one' });
    const last = others.at(-1)!;
    expect(last).toMatchObject({ clientOrderId: 'sb-none', status: 400 });
    expect(last.answer).toMatch(/"code":-\d+/);
    expect(JSON.stringify(seen)).not.toMatch(/signature|X-MBX/i);
    for (const secret of Object.values(BINANCE_KEYS)) expect(JSON.stringify(seen)).not.toContain(secret);
  });
});

describe('sessions retain', () => {
  it('removes requests that are older than the settings say, and nothing else', async () => {
    const id = 'kept';
    await openSession(database.pool, { id, kind: 'paper', symbols: ['AAPL'], capital: 1, definition: {} });
    const nowMs = systemClock();
    const one = { clientOrderId: clientOrderIds(id)(9), method: 'GET', path: '/old', body: null, status: 200 };
    await writeRequests(database.pool, id, [
      { ...one, answer: 'a', sentMs: nowMs - 31 * DAY_MS, tookMs: 1 },
      { ...one, path: '/young', answer: 'a\u0000b', sentMs: nowMs - 29 * DAY_MS, tookMs: 1 },
    ]);
    const paths = async () => (await readRequests(database.pool, id, { ...all, sequence: 9 })).map(({ path }) => path);
    const context = databaseContext(database);
    expect((await retainCommand(context, { dryRun: true })).value).toMatchObject({ requests: 1, dryRun: true });
    expect(await paths()).toEqual(['/old', '/young']);
    const { value, text } = await retainCommand(context, {});
    expect(value).toMatchObject({ requests: 1, operationalDays: 30, dryRun: false });
    expect(text()).toContain('Removed 1 request');
    expect(await paths()).toEqual(['/young']);
    const config = loadConfig({ SIGNALBOX_OPERATIONAL_DAYS: '28' });
    expect((await retainCommand({ ...context, config }, {})).value).toMatchObject({ requests: 1, operationalDays: 28 });
    expect(await paths()).toEqual([]);
  });
});
