import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { addUser, changeUser } from '../../auth/user-store.ts';
import { systemClock } from '../../clock.ts';
import { loadConfig, maskSecrets } from '../../config.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/test-database.ts';
import { PushService } from '../../testing/servers/push-service.ts';
import type { Alert } from '../alert.ts';
import { raiseAlert, resolveAlert } from '../alert-store.ts';
import { deliverDueAlerts } from '../deliver-alerts.ts';
import { putChoice } from '../inbox/choice-store.ts';
import { passingChannels } from './passing-channels.ts';
import { pushKeysCommand } from './push-keys-command.ts';
import { addPush, listPushes } from './push-store.ts';

let database: TestDatabase;
let service: PushService;
let env: NodeJS.ProcessEnv;
let user: number;
const folder = mkdtempSync(join(tmpdir(), 'push-keys-'));

beforeAll(async () => {
  database = await createTestDatabase();
  service = await PushService.start();
  const file = join(folder, 'push.env');
  await pushKeysCommand(file);
  const lines = readFileSync(file, 'utf8').split('\n');
  const set = Object.fromEntries(lines.filter((line) => /^\w+=\S/.test(line)).map((line) => line.split(/=(.*)/)));
  env = { ...(set as NodeJS.ProcessEnv), SIGNALBOX_ALERT_PUSH_SUBJECT: 'mailto:ops@example.test' };
  service.subscribedWith = env['SIGNALBOX_ALERT_PUSH_PUBLIC']!;
  user = (await addUser(database.pool, { name: 'ann', role: 'trader', sessions: ['mine'] }))!.id;
});
afterEach(async () => {
  service.refuses = null;
  service.taken.length = 0;
  await database.pool.query('TRUNCATE alerts, push_subscriptions, alert_choices CASCADE');
  await changeUser(database.pool, user, { disabledAt: null });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await service.stop();
  await database.drop();
});

const subscribe = () =>
  addPush(database.pool, user, { ...service.subscription(), browser: 'Chrome, Linux', atMs: systemClock() });
const alert = (more: Partial<Alert> = {}): Alert => ({
  ...{ key: 'mine/halt', type: 'halt', severity: 'critical', sessionId: 'mine', words: 'halted: drawdown' },
  ...more,
});
const told = () => ({ atMs: systemClock(), channels: [] });
const raise = (more: Partial<Alert> = {}) => raiseAlert(database.pool, alert(more), told());
async function deliver(laterMs = 0): Promise<void> {
  const { pool } = database;
  const passing = passingChannels(loadConfig(env), pool)!;
  const clock = (): number => systemClock() + laterMs;
  await deliverDueAlerts({
    ...{ pool, clock, passing, channels: [], note: () => undefined },
    signal: new AbortController().signal,
  });
}

describe('web push', () => {
  it('reaches the browser of a user sealed and signed, once, and again when it is over', async () => {
    await subscribe();
    await raise({ words: `halted: ${'ü'.repeat(3_000)}` });
    await deliver();
    await deliver();
    await resolveAlert(database.pool, 'mine/halt', { ...told(), why: 'an operator resumed it' });
    await deliver();
    expect(service.taken.map(({ shown }) => shown['state'])).toEqual(['raised', 'resolved']);
    const [first, second] = service.taken;
    expect(first).toMatchObject({
      ...{ path: '/push/of-a-browser', urgency: 'high', ttl: 86_400 },
      claims: { aud: service.origin, sub: 'mailto:ops@example.test' },
      shown: { key: 'mine/halt', severity: 'critical', title: expect.stringMatching(/^\[critical\] halt/) as string },
    });
    expect(second).toMatchObject({ urgency: 'normal', topic: first!.topic });
  });

  it('tells those who may see it and chose to hear of it, and nobody who is let in no more', async () => {
    await subscribe();
    await raise({ key: 'theirs/halt', sessionId: 'theirs' });
    await raise({ key: 'halt', sessionId: null });
    await putChoice(database.pool, user, { channel: 'push', type: null, least: 'none' });
    await putChoice(database.pool, user, { channel: 'push', type: 'latency', least: 'warning' });
    await raise();
    await raise({ key: 'mine/latency', type: 'latency', severity: 'info' });
    await raise({ key: 'mine/latency-2', type: 'latency', severity: 'warning' });
    await changeUser(database.pool, user, { disabledAt: new Date() });
    await raise({ key: 'mine/latency-3', type: 'latency', severity: 'warning' });
    await deliver();
    expect(service.taken.map(({ shown }) => shown['key'])).toEqual(['mine/latency-2']);
  });

  it('waits while the push service is away, and ends where it says that the browser is no more', async () => {
    await subscribe();
    service.refuses = 503;
    await raise();
    await deliver();
    expect(service.taken).toEqual([]);
    service.refuses = null;
    await deliver(60_000);
    expect(service.taken).toHaveLength(1);
    service.refuses = 410;
    await raise({ key: 'mine/other' });
    await deliver();
    expect(await listPushes(database.pool, user)).toEqual([]);
    await raise({ key: 'mine/third' });
    const { rows } = await database.pool.query('SELECT 1 FROM alert_deliveries WHERE delivered_at IS NULL');
    expect(rows).toEqual([]);
  });

  it('has keys that its owner alone reads, that are masked, and that are set all or not at all', () => {
    expect(statSync(join(folder, 'push.env')).mode & 0o077).toBe(0);
    const secret = env['SIGNALBOX_ALERT_PUSH_PRIVATE']!;
    expect(loadConfig(env).alerts.push?.privateKey).toBe(secret);
    expect(maskSecrets(`signed with ${secret}`)).toBe('signed with ***');
    expect(() => loadConfig({ ...env, SIGNALBOX_ALERT_PUSH_SUBJECT: '' })).toThrow('are set in part');
    expect(() => loadConfig({ ...env, SIGNALBOX_ALERT_PUSH_SUBJECT: 'ops' })).toThrow('mailto:ADDRESS');
  });
});
