import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../infra/testing/test-database.ts';
import { serviceRoutes } from '../../../service.ts';
import { paperSession, ServiceUnderTest } from '../testing/service-under-test.ts';
import { of, SocketListener, type SocketMessage } from '../testing/socket-listener.ts';

const CHANNEL = 'orders:over';
/** Changes of every row: many times what the buffers of a connection hold. */
const ROUNDS = 40;

let database: TestDatabase;
let service: ServiceUnderTest;

beforeAll(async () => {
  database = await createTestDatabase();
  service = await ServiceUnderTest.over(database, serviceRoutes);
  await service.service.app.listen({ host: '127.0.0.1', port: 0 });
  await paperSession(database, 'over');
});
afterAll(async () => {
  await service.service.close();
  await database.drop();
});

/** Every order of the session gets another text of 3,000 letters. */
const changeAll = (round: number) =>
  database.pool.query("UPDATE orders SET strategy = $1 || ' ' || repeat(md5($1), 94) WHERE session_id = 'over'", [
    `round ${round}`,
  ]);
/** Heartbeats come between. */
const newest = ({ messages }: SocketListener): SocketMessage | undefined => messages.findLast(of('update', CHANNEL));
const updates = ({ messages }: SocketListener): number => messages.filter(of('update', CHANNEL)).length;
const hasRound = (listener: SocketListener, round: number): boolean =>
  JSON.stringify(newest(listener)?.data ?? null).includes(`"round ${round} `);

it('a client that takes nothing is told less, never kept a queue for, and then all that has changed by then', async () => {
  const { port } = service.service.app.server.address() as AddressInfo;
  const token = await service.token('listener', 'viewer');
  const [slow, quick] = [100, 100].map((interval) =>
    SocketListener.to(`ws://127.0.0.1:${port}`, token, CHANNEL, interval),
  ) as [SocketListener, SocketListener];
  for (const one of [slow, quick]) await one.first(of('snapshot', CHANNEL));
  slow.socket.pause();
  const waiting: number[] = [];
  let longest = 0;
  for (let round = 1; round <= ROUNDS; round++) {
    await changeAll(round);
    await expect.poll(() => hasRound(quick, round), { interval: 20 }).toBe(true);
    longest = Math.max(longest, JSON.stringify(newest(quick)).length);
    waiting.push(...[...service.service.app.websocketServer.clients].map(({ bufferedAmount }) => bufferedAmount));
  }
  // More was to be told than any connection holds, and what waits is no more than one message beyond the bound.
  expect(longest * ROUNDS).toBeGreaterThan(16 * 2 ** 20);
  expect(Math.max(...waiting)).toBeGreaterThan(0);
  expect(Math.max(...waiting)).toBeLessThan(262_144 + 2 * longest);
  slow.socket.resume();
  await expect.poll(() => hasRound(slow, ROUNDS)).toBe(true);
  const rowsOf = (listener: SocketListener): unknown[] => (newest(listener)!.data as { rows: unknown[] }).rows;
  expect(rowsOf(slow)).toEqual(rowsOf(quick));
  expect(updates(slow)).toBeLessThan(updates(quick));
  for (const { socket } of [slow, quick]) socket.terminate();
});
