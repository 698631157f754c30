import { afterAll, beforeAll, expect, it } from 'vitest';
import { databaseContext } from '../../infra/testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { isPortFree } from '../../infra/postgres/embedded/free-port.ts';
import * as parts from '../../service.ts';
import { showInConsole } from './run-command.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const LINK = /(http:\/\/127\.0\.0\.1:\d+)\/welcome\?to=\/backtests\/spx-daily-1a2b#(\S+)/;

it('ends a run with its page in the console: by way of a password first, and without later', async () => {
  const context = databaseContext(database, { env: { SIGNALBOX_LOG: 'silent' } });
  const shown = await showInConsole(context, 'spx-daily-1a2b', { port: null, parts });
  const [, address, link] = LINK.exec(shown.words)!;
  expect((await fetch(`${address}/health/live`)).status).toBe(200);
  // Who sits elsewhere is not answered, whatever the name.
  expect((await fetch(`${address}/api/v1/runs`)).status).toBe(401);
  const chosen = await fetch(`${address}/api/v1/auth/link`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ link, password: 'a sentence of ours' }),
  });
  expect(chosen.status).toBe(200);
  await shown.close();
  const port = Number(new URL(address!).port);
  expect(await isPortFree(port)).toBe(true);
  const later = await showInConsole(context, 'spx-daily-1a2b', { port, parts });
  expect(later.words).toBe(`The console shows this run until Ctrl-C: ${address}/backtests/spx-daily-1a2b`);
  await later.close();
});
