import { afterAll, beforeAll, expect, it } from 'vitest';
import { createUser } from '../../infra/auth/accounts.ts';
import { SYSTEM } from '../../infra/audit/operator.ts';
import { systemClock } from '../../infra/clock.ts';
import { HealthParts } from '../../infra/metrics/health-parts.ts';
import { Metrics } from '../../infra/metrics/metrics.ts';
import { MetricsServer } from '../../infra/metrics/metrics-server.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { ServiceUnderTest } from './testing/service-under-test.ts';

let database: TestDatabase;
let service: ServiceUnderTest;
let health: HealthParts;
let beside: MetricsServer;

beforeAll(async () => {
  database = await createTestDatabase();
  health = new HealthParts();
  service = await ServiceUnderTest.over(database, () => [], { health });
  beside = await MetricsServer.start({ host: '127.0.0.1', port: 0, metrics: new Metrics('service'), health });
});
afterAll(async () => {
  await beside.end();
  await service.service.close();
  await database.drop();
});

const asked = async (question: string): Promise<unknown> =>
  (await service.ask('GET', `/health/${question}`)).json<unknown>();

it('is told in one shape, whoever is asked', async () => {
  health.add('queue', () => ({ ok: false, detail: 'it is away' }));
  expect(await asked('ready')).toEqual({
    status: 'failing',
    parts: {
      startup: { ok: true, detail: 'it has begun' },
      database: { ok: true, detail: 'it answers' },
      queue: { ok: false, detail: 'it is away' },
    },
  });
  for (const question of ['live', 'ready', 'startup']) {
    expect(await (await fetch(`${beside.url}/health/${question}`)).json(), question).toEqual(await asked(question));
  }
});

it('has begun once somebody may sign in and the database is of this version', async () => {
  expect(await asked('startup')).toMatchObject({ parts: { users: { ok: false, detail: 'there is none' } } });
  await createUser({ database, clock: systemClock, actor: SYSTEM }, { name: 'me', role: 'viewer', sessions: null });
  expect(await asked('startup')).toMatchObject({ status: 'ok', parts: { migrations: { ok: true } } });
  await database.pool.query("INSERT INTO signalbox.migrations (name, run_on) VALUES ('9999_later', now())");
  expect(await asked('startup')).toMatchObject({
    status: 'failing',
    parts: { migrations: { ok: false, detail: '0 pending, 1 unknown to this version' } },
  });
});
