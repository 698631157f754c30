import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { raiseAlert } from '../../infra/alerts/alert-store.ts';
import { alertRoutes } from '../../infra/alerts/routes.ts';
import { newestEntries } from '../../infra/audit/audit-store.ts';
import { systemClock } from '../../infra/clock.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { ServiceUnderTest } from './testing/service-under-test.ts';

let database: TestDatabase;
let service: ServiceUnderTest;
let [operator, bound, viewer]: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  service = await ServiceUnderTest.over(database, () => alertRoutes());
  operator = await service.token('all', 'operator');
  bound = await service.token('own', 'trader', ['mine']);
  viewer = await service.token('looks', 'viewer');
  for (const session of ['mine', 'theirs', null]) {
    const alert = {
      key: `${session}/halt`,
      type: 'halt',
      severity: 'critical',
      sessionId: session,
      words: 'halted',
    } as const;
    await raiseAlert(database.pool, alert, { atMs: systemClock(), channels: [] });
  }
});
afterAll(async () => {
  await service.service.close();
  await database.drop();
});

const ask = async (token: string, method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => {
  const answer = await service.ask(method, `/api/v1/alerts${path}`, { token, body });
  return { status: answer.statusCode, value: answer.json<Record<string, unknown>>() };
};

describe('alerts', () => {
  it('are acknowledged once, by name and on record, and by nobody who may not', async () => {
    const { value } = await ask(operator!, 'GET', '');
    const ids = new Map(
      (value['alerts'] as { id: number; session: string | null }[]).map(({ id, session }) => [session, id]),
    );
    const acknowledge = (token: string, session: string | null) =>
      ask(token, 'POST', `/${ids.get(session)}/acknowledge`);
    expect((await acknowledge(viewer!, 'mine')).status).toBe(403);
    for (const session of ['theirs', null]) expect((await acknowledge(bound!, session)).status).toBe(403);
    expect(await acknowledge(bound!, 'mine')).toMatchObject({ status: 200, value: { key: 'mine/halt' } });
    expect((await acknowledge(operator!, null)).status).toBe(200);
    expect((await ask(operator!, 'POST', '/999/acknowledge')).status).toBe(422);
    const seen = (await ask(operator!, 'GET', '')).value['alerts'] as { session: string; acknowledgedBy: unknown }[];
    expect(seen.map(({ session, acknowledgedBy }) => [session, acknowledgedBy])).toEqual([
      [null, 'token all'],
      ['theirs', null],
      ['mine', 'token own'],
    ]);
    const [entry] = await newestEntries(database.pool, { action: 'alert-acknowledged', limit: 1 });
    expect(entry).toMatchObject({ actor: 'token all' });
  });

  it('are silenced for a while with a reason, each for sessions of one’s own', async () => {
    const silence = { type: 'halt', for: '2h', reason: 'maintenance' };
    expect((await ask(viewer!, 'POST', '/silences', silence)).status).toBe(403);
    expect((await ask(bound!, 'POST', '/silences', silence)).status).toBe(403);
    expect((await ask(bound!, 'POST', '/silences', { ...silence, session: 'theirs' })).status).toBe(403);
    expect((await ask(operator!, 'POST', '/silences', { for: '2h', reason: 'all of it' })).status).toBe(400);
    expect((await ask(operator!, 'POST', '/silences', { ...silence, for: '2 hours' })).status).toBe(422);
    const own = await ask(bound!, 'POST', '/silences', { ...silence, session: 'mine' });
    expect(own).toMatchObject({ status: 200, value: { silences: [{ session: 'mine', madeBy: 'token own' }] } });
    await ask(operator!, 'POST', '/silences', { ...silence, session: 'theirs' });
    const all = (await ask(operator!, 'GET', '/silences')).value['silences'] as { id: number; session: string }[];
    expect(all.map(({ session }) => session)).toEqual(['mine', 'theirs']);
    expect((await ask(bound!, 'GET', '/silences')).value).toMatchObject({ silences: [{ session: 'mine' }] });
    expect((await ask(bound!, 'DELETE', `/silences/${all[1]!.id}`)).status).toBe(403);
    expect((await ask(bound!, 'DELETE', `/silences/${all[0]!.id}`)).status).toBe(200);
    expect((await ask(operator!, 'GET', '/silences')).value).toMatchObject({ silences: [{ session: 'theirs' }] });
  });
});
