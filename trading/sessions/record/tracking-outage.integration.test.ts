import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../infra/testing/test-database.ts';
import { recordedSession } from '../../testing/recorded/recorded-session.ts';
import { venueInHand } from '../../testing/venue/session-in-hand.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

// That nothing of it is loaded either is looked at in `tidy.test.ts`.
it('a session never connects to the tracking server: it may be stopped, hang, and be started', async () => {
  let connections = 0;
  const tracking = createServer(() => (connections += 1)).listen(0, '127.0.0.1');
  await once(tracking, 'listening');
  const { port } = tracking.address() as AddressInfo;
  const venue = await venueInHand();
  const held = (): number => Number(venue.books.held('AAPL') / 1_000_000_000n);
  const session = recordedSession(database, {
    id: 'untracked',
    venue,
    env: { MLFLOW_TRACKING_URI: `http://127.0.0.1:${port}` },
  });
  session.close('BUY');
  await session.until('its stop rests', () => held() === 10 && venue.books.open('AAPL').length === 1);
  session.close('SELL');
  await session.until('it sells', () => held() === 0);
  await session.end();
  await venue.stop();
  tracking.close();
  expect(connections).toBe(0);
});
