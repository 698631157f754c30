import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createToken } from '../../infra/auth/accounts.ts';
import { SYSTEM } from '../../infra/audit/operator.ts';
import { systemClock } from '../../infra/clock.ts';
import { packageRoot } from '../../infra/package-root.ts';
import { findFreePort } from '../../infra/postgres/embedded/free-port.ts';
import { systemSleep } from '../../infra/sleep.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { readSupervisors } from '../sessions/supervisor/supervisor-store.ts';
import type { ShownStrategy } from './kept-output.ts';
import { stopStrategies } from './testing/stop-strategies.ts';

// The service in a process of its own, killed with a strategy running, and so is the strategy's session.
const home = mkdtempSync(join(tmpdir(), 'killed-service-'));
const NAME = 'kept-up';
const SESSION = 'kept-up-v1-1';
const YAML = `name: made-up-trend
universe: simulated-2
data: { source: simulated, simulated: { symbols: 2, bars: 4000, seed: 3 } }
strategies: [{ name: trend, kind: sma-cross, parameters: { fast: 2, slow: 5 } }]
limits: unbounded
`;
let database: TestDatabase;
let token: string;
let port: number;
const started: ChildProcess[] = [];

function serve(): ChildProcess {
  const child = spawn(process.execPath, [join(packageRoot(), 'signalbox.mjs'), 'serve', '--port', String(port)], {
    env: { ...process.env, DATABASE_URL: database.url, SIGNALBOX_HOME: home, SIGNALBOX_LOG: 'silent' },
    stdio: 'ignore',
  });
  started.push(child);
  return child;
}

beforeAll(async () => {
  database = await createTestDatabase();
  port = await findFreePort();
  const doing = { database, clock: systemClock, actor: SYSTEM };
  token = (await createToken(doing, { name: 'trader', role: 'trader', sessions: null, days: 1 })).value;
});
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  await stopStrategies(database);
  await database.drop();
  rmSync(home, { recursive: true, force: true });
});

/** Asks the service, again and again until it listens. */
async function ask<Answer>(method: string, path: string, body?: object): Promise<Answer> {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  for (;;) {
    try {
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers, ...sent });
      expect(answer.ok, await answer.clone().text()).toBe(true);
      return (await answer.json()) as Answer;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      await systemSleep(100);
    }
  }
}

async function until(is: (seen: ShownStrategy) => boolean | Promise<boolean>): Promise<ShownStrategy> {
  for (;;) {
    const seen = await ask<ShownStrategy>('GET', `/api/v1/strategies/${NAME}`);
    if (await is(seen)) return seen;
    if (seen.state === 'failed') throw new Error(`it failed: ${seen.words}`);
    await systemSleep(100);
  }
}

const act = (action: string) => ask<ShownStrategy>('POST', `/api/v1/strategies/${NAME}/${action}`, {});
const ordersOf = async (): Promise<number> =>
  (await database.pool.query('SELECT 1 FROM orders WHERE session_id = $1', [SESSION])).rowCount ?? 0;
const processOf = ({ words }: ShownStrategy): number => Number(/runs as process (\d+)/.exec(words ?? '')?.[1] ?? NaN);
const supervisor = async () => (await readSupervisors(database.pool, [SESSION])).get(SESSION);

it('goes on when the service, its session and its supervisor are killed, and does nothing twice', async () => {
  const first = serve();
  await ask('POST', '/api/v1/strategies', { name: NAME, yaml: YAML, speed: 4 * 86_400 });
  await act('start');
  const before = await until((seen) => seen.state === 'running' && !Number.isNaN(processOf(seen)));
  await expect.poll(ordersOf).toBeGreaterThan(2);

  first.kill('SIGKILL');
  const orders = await ordersOf();
  await expect.poll(ordersOf).toBeGreaterThan(orders + 1);
  serve();
  // The one that runs is left alone.
  const after = await until(({ state }) => state === 'running');
  expect(processOf(after)).toBe(processOf(before));

  process.kill(processOf(after), 'SIGKILL');
  const again = await until((seen) => !Number.isNaN(processOf(seen)) && processOf(seen) !== processOf(after));
  expect((await supervisor())!.restarts).toBe(1);
  await until(({ state }) => state === 'running');

  // Without a supervisor the session runs on, and once that dies too both are started anew.
  process.kill((await supervisor())!.pid, 'SIGKILL');
  await expect.poll(async () => (await supervisor())!.alive).toBe(false);
  process.kill(processOf(again), 'SIGKILL');
  const anew = await until((seen) => seen.state === 'running' && ![NaN, processOf(again)].includes(processOf(seen)));
  expect(anew).toMatchObject({ session: SESSION, sessionVersion: 1 });
  const late = await ordersOf();
  await expect.poll(ordersOf).toBeGreaterThan(late + 1);

  await act('stop');
  await until(({ state }) => state === 'stopped');
  const { rows } = await database.pool.query<{ orders: number; ids: number; fills: number; executions: number }>(
    `SELECT (SELECT count(*)::int FROM orders WHERE session_id = $1) AS orders,
            (SELECT count(DISTINCT client_order_id)::int FROM orders WHERE session_id = $1) AS ids,
            (SELECT count(*)::int FROM fills WHERE session_id = $1) AS fills,
            (SELECT count(DISTINCT (sequence, time))::int FROM fills WHERE session_id = $1) AS executions`,
    [SESSION],
  );
  const [{ orders: all, ids, fills, executions }] = rows as [(typeof rows)[number]];
  expect([ids, executions]).toEqual([all, fills]);
  expect((await database.pool.query(`SELECT 1 FROM sessions`)).rowCount).toBe(1);
});
