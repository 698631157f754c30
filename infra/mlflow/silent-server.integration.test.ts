import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sampleTraining } from '../testing/sample-training.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { drainOutbox } from './drain.ts';
import { MlflowClient } from './mlflow-client.ts';
import { enqueue, outboxStatus } from './outbox-store.ts';

const SECONDS_MAX = 60;
const sockets = new Set<Socket>();
let server: Server;
let database: TestDatabase;

/** Takes connections and answers nothing, as a server does that was stopped. */
beforeAll(async () => {
  server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined).resume());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  database = await createTestDatabase();
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  server.close();
  await database.drop();
});

it('a tracking server that takes connections and answers nothing is named within seconds, and nothing is lost or uncertain', async () => {
  await enqueue(database.pool, 'job-silent', sampleTraining('silent'));
  const { pending } = await outboxStatus(database.pool);
  const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const beganMs = performance.now();
  const report = await drainOutbox(database, new MlflowClient({ uri }));
  expect((performance.now() - beganMs) / 1000).toBeLessThan(SECONDS_MAX);
  expect(report).toMatchObject({ delivered: 0, pending, outage: { failure: 'timeout' } });
  expect(report.outage!.message).toContain(uri);
  const { rows } = await database.pool.query(
    'SELECT count(*) AS n FROM tracking_entries WHERE uncertain OR attempts > 0',
  );
  expect(rows).toEqual([{ n: 0 }]);
});
