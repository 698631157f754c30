import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createToken } from '../../infra/auth/accounts.ts';
import { SYSTEM } from '../../infra/audit/operator.ts';
import { systemClock } from '../../infra/clock.ts';
import { systemSleep } from '../../infra/sleep.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import { createRuleStrategy } from '../strategies/rule-strategies.ts';
import type { LiveEvent } from './live/live-events.ts';
import { ServedProcess } from './testing/served-process.ts';
import { WaitingSession } from './testing/service-under-test.ts';
import { of, SocketListener, type SocketMessage } from './testing/socket-listener.ts';

const SESSION = 'goes-on';
const ORDERS = 40;

let database: TestDatabase;
let running: WaitingSession;
let token: string;
const services: ServedProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  const strategy = createRuleStrategy('sma-cross', { fast: 2, slow: 240 });
  running = await WaitingSession.start(database, SESSION, {
    strategy,
    protection: undefined,
    limits: NAMED_LIMITS.unbounded,
  });
  const doing = { database, clock: systemClock, actor: SYSTEM };
  token = (await createToken(doing, { name: 'program', role: 'trader', sessions: null, days: 1 })).value;
  for (let n = 0; n < 2; n++) services.push(await ServedProcess.start(database.url));
});
afterAll(async () => {
  for (const service of services) await service.stop();
  await running.stop();
  await database.drop();
});

/** Asks for an order, again and again by one key, until there is an answer. */
async function placeUntilAnswered(at: number, number: number): Promise<{ order: number; tries: number }> {
  const body = JSON.stringify({
    ...{ session: SESSION, symbol: 'AAA', side: 'buy', orderType: 'limit' },
    ...{ quantity: number, limitPrice: 0.5 },
  });
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'idempotency-key': `order-${number}`,
  };
  for (let tries = 1; ; tries++) {
    try {
      const answer = await fetch(`${services[at]!.address}/api/v1/orders`, { method: 'POST', headers, body });
      if (answer.status === 201) return { order: ((await answer.json()) as { order: number }).order, tries };
      if (answer.status < 500) throw new RangeError(`${answer.status} ${await answer.text()}`);
    } catch (error) {
      if (error instanceof RangeError) throw error;
    }
    await systemSleep(20);
  }
}

/** The rows of a channel as a client has them: a snapshot, and what was told since. */
function rowsOf(messages: readonly SocketMessage[], channel: string): Map<number, unknown> {
  const rows = new Map<number, unknown>();
  for (const { type, channel: name, data } of messages) {
    if (name !== channel || type === 'event') continue;
    const told = (type === 'snapshot' ? data : (data as { rows: unknown }).rows) as { sequence: number }[];
    for (const row of told) rows.set(row.sequence, row);
  }
  return rows;
}

/** A client that listens again whenever its socket is closed. */
class LastingListener {
  readonly all: SocketListener[] = [];
  #isOver = false;

  constructor(at: number, channels: string) {
    void this.#listen(at, channels);
  }

  async #listen(at: number, channels: string): Promise<void> {
    while (!this.#isOver) {
      const one = SocketListener.to(services[at]!.socket, token, channels);
      this.all.push(one);
      await one.closed;
      await systemSleep(20);
    }
  }

  get last(): SocketListener {
    return this.all.at(-1)!;
  }

  end(): void {
    this.#isOver = true;
    this.last.socket.terminate();
  }
}

describe('a service that is killed under load and started again', () => {
  it('places each order once, and its clients go on where they were', async () => {
    const channels = `orders:${SESSION},events:${SESSION}`;
    const clients = [new LastingListener(0, channels), new LastingListener(1, channels)];
    let answered = 0;
    const killing = (async () => {
      for (const after of [8, 24]) {
        while (answered < after) await systemSleep(1);
        const { port } = services[0]!;
        await services[0]!.kill();
        services[0] = await ServedProcess.start(database.url, port);
      }
    })();
    const orders: number[] = [];
    let tries = 0;
    const ask = async (first: number): Promise<void> => {
      for (let number = first; number <= ORDERS; number += 4) {
        const placed = await placeUntilAnswered(0, number);
        orders.push(placed.order);
        tries += placed.tries;
        answered += 1;
      }
    };
    await Promise.all([killing, ...[1, 2, 3, 4].map(ask)]);
    expect(tries).toBeGreaterThan(ORDERS);
    expect(orders.toSorted((a, b) => a - b)).toEqual(Array.from({ length: ORDERS }, (_, at) => at + 1));
    const { rows } = await database.pool.query<{ quantity: number }>(
      'SELECT quantity::float8 AS quantity FROM orders WHERE session_id = $1 ORDER BY quantity',
      [SESSION],
    );
    expect(rows.map(({ quantity }) => quantity)).toEqual(Array.from({ length: ORDERS }, (_, at) => at + 1));
    // The client of the process that was killed twice knows the same orders as that of the other.
    const channel = `orders:${SESSION}`;
    for (const client of clients) {
      await expect.poll(() => rowsOf(client.last.messages, channel).size).toBe(ORDERS);
    }
    expect(clients.map(({ all }) => all.length > 1)).toEqual([true, false]);
    // What happens from there on both tell alike.
    for (const { last } of clients) await last.first(of('snapshot', `events:${SESSION}`));
    const refused = {
      session: SESSION,
      symbol: 'AAA',
      side: 'sell',
      quantity: 1,
      orderType: 'market',
      reduceOnly: true,
    };
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const asked = { method: 'POST', headers, body: JSON.stringify(refused) };
    expect((await fetch(`${services[1]!.address}/api/v1/orders`, asked)).status).toBe(422);
    const heard = await Promise.all(
      clients.map(async ({ last }) => (await last.first(of('event', `events:${SESSION}`))).data as LiveEvent[]),
    );
    expect(heard[0]!.map(({ id }) => id)).toEqual([expect.stringMatching(/^refusal:goes-on:\d+$/)]);
    expect(heard[1]).toEqual(heard[0]);
    for (const client of clients) client.end();
  });
});
