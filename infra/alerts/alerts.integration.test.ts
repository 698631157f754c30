import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { PATIENCE_MS } from '../testing/patience.ts';
import { databaseContext } from '../testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { WebhookServer } from '../testing/webhook-server.ts';
import type { Alert } from './alert.ts';
import { listCommand } from './alert-actions.ts';
import { raiseAlert, resolveAlert } from './alert-store.ts';
import { deliverAlerts } from './deliver-alerts.ts';
import { claimDeliveries, noteDelivered } from './alert-store.ts';
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

const alert = (key: string, more: Partial<Alert> = {}): Alert => ({
  key,
  type: key.split('/')[0]!,
  severity: 'warning',
  sessionId: 's1',
  words: `something about ${key}`,
  ...more,
});
const at = (atMs = systemClock()) => ({ atMs, channels: ['webhook'] });
const raise = (key: string, more: Partial<Alert> = {}) => raiseAlert(database.pool, alert(key, more), at());
const resolve = (key: string) => resolveAlert(database.pool, key, { ...at(), why: 'it is over' });

/** Delivers while `work` is under way. */
async function delivering(work: () => Promise<void>, more: { deadlineMs?: number; processes?: number } = {}) {
  const stop = new AbortController();
  const notes: string[] = [];
  const { processes = 1, ...options } = more;
  const channels = [new WebhookChannel(webhook.url)];
  const running = Array.from({ length: processes }, () =>
    deliverAlerts({
      pool: database.pool,
      channels,
      clock: systemClock,
      signal: stop.signal,
      note: (text) => void notes.push(text),
      againMs: 20,
      everyMs: 10,
      ...options,
    }),
  );
  try {
    await work();
  } finally {
    stop.abort();
    await Promise.all(running);
  }
  return notes;
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const untilMs = systemClock() + PATIENCE_MS;
  while (!holds()) {
    if (systemClock() > untilMs) throw new Error(`it never came to this: ${what}`);
    await sleep(10);
  }
}

const taken = (): string[] => webhook.taken.map(({ key, state }) => `${key} ${state}`);

describe('alerts on their way to a webhook', () => {
  it('are delivered once each, and in the order of their key, by a server that is dead, then slow, then alive', async () => {
    webhook.answer = () => 'dead';
    await raise('a/1');
    await resolve('a/1');
    await raise('a/1');
    await raise('b/1');
    await delivering(
      async () => {
        await until('it was tried', () => webhook.asked.length >= 4);
        expect(webhook.taken).toEqual([]);
        webhook.answer = () => 'slow';
        await until('the slow ones', () => webhook.taken.length >= 2);
        webhook.answer = () => 'alive';
        await raise('c/1');
        await until('all', () => webhook.taken.length === 5);
        await sleep(100);
      },
      { processes: 2 },
    );
    expect(taken().filter((one) => one.startsWith('a/1'))).toEqual(['a/1 raised', 'a/1 resolved', 'a/1 raised']);
    expect(taken().sort()).toEqual(['a/1 raised', 'a/1 raised', 'a/1 resolved', 'b/1 raised', 'c/1 raised']);
    expect(new Set(webhook.taken.map(({ id }) => id)).size).toBe(5);
    expect(webhook.taken[0]).toMatchObject({ session: 's1', severity: 'warning', details: {}, resolvedAt: null });
  });

  it('that the server refuses, or never answers, keep none of another key', async () => {
    webhook.answer = ({ key }) => (key === 'a/1' ? 'hang' : key === 'a/2' ? 'refuse' : 'alive');
    await raise('a/1');
    await raise('a/2');
    await raise('b/1');
    const refused = async () => {
      const { value } = await listCommand(databaseContext(database), { limit: '10' });
      return (value as { alerts: { key: string; answer: string }[] }).alerts.find(({ key }) => key === 'a/2');
    };
    await delivering(
      async () => {
        await until('the other one', () => taken().includes('b/1 raised'));
        await expect.poll(refused).toMatchObject({ answer: 'HTTP 400', waiting: { webhook: 1 } });
      },
      { deadlineMs: 1_000 },
    );
    expect(taken()).toEqual(['b/1 raised']);
    webhook.answer = () => 'alive';
    await delivering(() => until('all', () => webhook.taken.length === 3));
  });

  it('are no more than ten a minute and type: the others wait', async () => {
    for (let place = 0; place < 13; place++) await raiseAlert(database.pool, alert(`many/${place}`), at(1_000));
    await raiseAlert(database.pool, alert('other/1'), at(1_000));
    const claim = (nowMs: number) =>
      claimDeliveries(database.pool, { channel: 'webhook', nowMs, untilMs: nowMs + 30_000, most: 8 });
    const first = await claim(1_000);
    // What is under way counts.
    const second = await claim(1_001);
    expect([first, second].map((some) => some.length)).toEqual([8, 3]);
    expect(second.map(({ message }) => message.key)).toEqual(['many/8', 'many/9', 'other/1']);
    for (const { id } of [...first, ...second]) await noteDelivered(database.pool, id, 1_002);
    expect(await claim(61_001)).toEqual([]);
    expect((await claim(61_003)).map(({ message }) => message.key)).toEqual(['many/10', 'many/11', 'many/12']);
  });

  it('of a process that died with them are sent again by another, under their id', async () => {
    await raiseAlert(database.pool, alert('a/1'), at(1_000));
    const claim = (nowMs: number) =>
      claimDeliveries(database.pool, { channel: 'webhook', nowMs, untilMs: nowMs + 30_000, most: 8 });
    const [died] = await claim(1_000);
    expect(await claim(30_999)).toEqual([]);
    const [again] = await claim(31_000);
    expect(again).toMatchObject({ id: died!.id, attempts: 2, message: { id: died!.message.id } });
  });
});

describe('an alert', () => {
  it('is open once a key, counts what repeats it, and is told again only where it becomes more severe', async () => {
    await raise('a/1');
    await raise('a/1', { words: 'again' });
    await raise('a/1', { severity: 'critical' });
    await raise('a/1', { severity: 'info' });
    await delivering(() => until('two', () => webhook.taken.length === 2));
    expect(webhook.taken.map(({ severity }) => severity)).toEqual(['warning', 'critical']);
    await resolve('a/1');
    await resolve('a/1');
    await delivering(() => until('three', () => webhook.taken.length === 3));
    const { value, text } = await listCommand(databaseContext(database), { limit: '10' });
    expect(value).toMatchObject({
      alerts: [{ key: 'a/1', times: 4, severity: 'critical', resolution: 'it is over', waiting: {} }],
      next: null,
    });
    expect(text()).toContain('something about a/1');
    expect((await listCommand(databaseContext(database), { limit: '10', open: true })).text()).toBe('No alert.');
    await expect(listCommand(databaseContext(database), { limit: '0' })).rejects.toThrow('--limit 0');
  });

  it('stands or falls with the transaction that it tells of', async () => {
    const failed = database.transaction(async (client) => {
      await raiseAlert(client, alert('a/1'), at());
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect((await listCommand(databaseContext(database), { limit: '10' })).value).toMatchObject({ alerts: [] });
  });

  it('shows nothing of the address that it goes to', async () => {
    const { loadConfig, maskSecrets } = await import('../config.ts');
    const url = 'https://hooks.example.test/services/T000/B000/not-to-be-seen';
    expect(loadConfig({ SIGNALBOX_ALERT_WEBHOOK: url }).alertWebhook).toBe(url);
    expect(maskSecrets(`posted to ${url}, or /services/T000/B000/not-to-be-seen`)).toBe('posted to ***, or ***');
    expect(() => loadConfig({ SIGNALBOX_ALERT_WEBHOOK: 'ftp://x' })).toThrow(
      'SIGNALBOX_ALERT_WEBHOOK: must be a URL that starts with http:// or https://',
    );
  });
});
