import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { WebhookServer } from '../testing/webhook-server.ts';
import { raiseAlert, resolveAlert } from './alert-store.ts';
import { alertText } from './alert-text.ts';
import { deliverAlerts, deliverDueAlerts } from './deliver-alerts.ts';
import { WebhookChannel } from './channels/webhook-channel.ts';

let database: TestDatabase;
let webhook: WebhookServer;

beforeAll(async () => {
  database = await createTestDatabase();
  webhook = await WebhookServer.start();
});
afterEach(async () => {
  webhook.reset();
  await database.pool.query('TRUNCATE alerts CASCADE');
});
afterAll(async () => {
  await webhook.stop();
  await database.drop();
});

const GROUP_MS = 5_000;
const told = (atMs: number) => ({ atMs, channels: ['webhook'] });

async function raise(key: string, atMs: number, severity: 'warning' | 'critical' = 'warning'): Promise<void> {
  const alert = { key, type: key.split('/')[0]!, severity, sessionId: 's1', words: `about ${key}` };
  await raiseAlert(database.pool, alert, told(atMs));
}

/** Looks at every moment of `moments`, as a process does that delivers while its clock goes on. */
async function lookAt(...moments: number[]): Promise<void> {
  for (const nowMs of moments) {
    const ending = new AbortController();
    let looks = 0;
    await deliverAlerts({
      pool: database.pool,
      channels: [new WebhookChannel(webhook.url)],
      clock: () => nowMs,
      signal: ending.signal,
      note: () => undefined,
      groupMs: GROUP_MS,
      againMs: 1_000,
      sleep: () => Promise.resolve(void ((looks += 1) > 3 && ending.abort())),
    });
  }
}
const taken = (): string[] =>
  webhook.taken.map(({ key, state, together }) => `${key} ${state} ${together?.count ?? 1}`);

describe('alerts of a type that come close together', () => {
  it('go as one message: the first at once, the others together when the window is over', async () => {
    await raise('a/1', 1_000);
    await lookAt(1_000);
    for (const place of [2, 3, 4]) await raise(`a/${place}`, 2_000, place === 3 ? 'critical' : 'warning');
    await raise('b/1', 2_000);
    await lookAt(2_001, 5_999);
    expect(taken()).toEqual(['a/1 raised 1', 'b/1 raised 1']);
    await lookAt(6_001, 6_002);
    expect(taken()).toEqual(['a/1 raised 1', 'b/1 raised 1', 'a/2 raised 3']);
    const group = webhook.taken.at(-1)!;
    expect(group).toMatchObject({ severity: 'critical', session: 's1', words: '3 of them: about a/2' });
    expect(group.together!.alerts.map(({ key }) => key)).toEqual(['a/2', 'a/3', 'a/4']);
    expect(alertText(group, null).body).toContain('- critical (s1): about a/3\n- warning (s1): about a/4');
    for (const place of [1, 2, 3]) {
      await resolveAlert(database.pool, `a/${place}`, { ...told(7_000), why: 'it is over' });
    }
    await lookAt(7_001, 20_000);
    expect(taken().slice(3)).toEqual(['a/1 resolved 3']);
  });

  it('are sent again together, under the same number, where the channel did not take them', async () => {
    webhook.answer = () => 'refuse';
    await raise('a/1', 1_000);
    await raise('a/2', 1_000);
    await lookAt(1_000);
    await raise('a/3', 1_500);
    webhook.answer = () => 'alive';
    await lookAt(2_100, 10_000);
    expect(taken()).toEqual(['a/1 raised 2', 'a/3 raised 1']);
    expect(webhook.asked.map(({ id }) => id).slice(0, 2)).toEqual([webhook.taken[0]!.id, webhook.taken[0]!.id]);
  });

  it('are ten messages a minute at most, in which all of them stand', async () => {
    let count = 0;
    for (let second = 0; second < 60; second++) {
      await raise(`a/${(count += 1)}`, second * 1_000);
      await raise(`a/${(count += 1)}`, second * 1_000);
      await lookAt(second * 1_000 + 1);
    }
    expect(webhook.taken.length).toBeLessThanOrEqual(10);
    await lookAt(70_000, 130_000);
    const all = webhook.taken.flatMap(({ key, together }) => together?.alerts.map((one) => one.key) ?? [key]);
    expect(all.length).toBe(count);
    expect(new Set(all).size).toBe(count);
  });

  it('do not wait for each other where a process hands on what is left at its end', async () => {
    for (const place of [1, 2]) await raise(`a/${place}`, 1_000);
    const { pool } = database;
    const rest = { pool, channels: [new WebhookChannel(webhook.url)], clock: () => 2_000, note: () => undefined };
    await deliverDueAlerts({ ...rest, groupMs: GROUP_MS, signal: new AbortController().signal });
    await raise('a/3', 1_002);
    await deliverDueAlerts({ ...rest, groupMs: GROUP_MS, signal: new AbortController().signal });
    expect(taken()).toEqual(['a/1 raised 2', 'a/3 raised 1']);
  });
});
