import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { databaseContext } from '../../../infra/testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../../../infra/testing/test-database.ts';
import { stopCommand } from './stop-command.ts';
import { noteSupervisor, takeSupervision } from './supervisor-store.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  vi.restoreAllMocks();
  await database.drop();
});

it('gives up after the time that was named, though our clock is put back meanwhile', async () => {
  const lock = await takeSupervision(database.pool, 'busy');
  try {
    await noteSupervisor(database.pool, { sessionId: 'busy', host: 'here', pid: 1, log: null });
    const started = performance.now();
    const now = Date.now;
    vi.spyOn(Date, 'now').mockImplementation(() => now() - (performance.now() - started > 200 ? 3_600_000 : 0));
    const { exitCode, value } = await stopCommand(databaseContext(database), { wait: '1' }, 'busy');
    expect([exitCode, value]).toEqual([1, { session: 'busy', stopped: false, positions: null, workingOrders: 0 }]);
    expect(Date.now()).toBeLessThan(now() - 3_000_000);
  } finally {
    await lock.release();
  }
});
