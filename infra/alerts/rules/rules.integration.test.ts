import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { databaseContext } from '../../testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/test-database.ts';
import { WebhookServer } from '../../testing/webhook-server.ts';
import { deliverDueAlerts } from '../deliver-alerts.ts';
import { WebhookChannel } from '../channels/webhook-channel.ts';
import type { Reading } from './alert-metric.ts';
import { databaseReadings, diskReadings } from './machine-readings.ts';
import { removeRuleCommand, rulesCommand, setRuleCommand } from './rule-actions.ts';
import { applyRules, watchRules } from './watch-rules.ts';

let database: TestDatabase;
let webhook: WebhookServer;
let nowMs = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  webhook = await WebhookServer.start();
});
afterEach(async () => {
  nowMs = 0;
  webhook.reset();
  await database.pool.query('TRUNCATE alerts, alert_rules, alert_rule_states CASCADE');
});
afterAll(async () => {
  await webhook.stop();
  await database.drop();
});

const context = () =>
  databaseContext(database, {
    clock: () => nowMs,
    env: { SIGNALBOX_ALERT_WEBHOOK: webhook.url, SIGNALBOX_OPERATOR: 'ann', SIGNALBOX_LOG: 'silent' },
  });
const drawdown = (value: number, session = 's1'): Reading => {
  return { metric: 'drawdown-ratio', subject: session, session, value };
};
/** What is measured at a second, and what the webhook is told by it. */
async function at(second: number, ...readings: Reading[]): Promise<string[]> {
  nowMs = second * 1_000;
  const before = webhook.taken.length;
  await applyRules(context(), 'sessions', readings);
  const channels = [new WebhookChannel(webhook.url)];
  const signal = new AbortController().signal;
  await deliverDueAlerts({ pool: database.pool, channels, clock: () => nowMs, signal, note: () => undefined });
  return webhook.taken.slice(before).map(({ key, state, severity }) => `${key} ${state} ${severity}`);
}
const own = { metric: 'equity', for: '30s', severity: 'warning', channel: [] } as const;

describe('rules of alerts', () => {
  it('raise what has held for as long as they say, once, and say once that it is over', async () => {
    expect(await at(0, drawdown(0.12), drawdown(0.05, 's2'))).toEqual([]);
    expect(await at(59, drawdown(0.12))).toEqual([]);
    expect(await at(60, drawdown(0.12))).toEqual(['rule/drawdown/s1 raised warning']);
    expect(await at(70, drawdown(0.13))).toEqual([]);
    expect(webhook.taken[0]).toMatchObject({
      ...{ type: 'drawdown', session: 's1' },
      words: 's1: how far equity is below its peak, as a share of the peak: 12.0 %, at or above 10.0 %',
    });
    expect(await at(80, drawdown(0.05))).toEqual(['rule/drawdown/s1 resolved warning']);
    expect(await at(81, drawdown(0.05))).toEqual([]);
    // It begins anew.
    expect(await at(90, drawdown(0.12))).toEqual([]);
    expect(await at(95, drawdown(0.05))).toEqual([]);
    expect(await at(151, drawdown(0.12))).toEqual([]);
  });

  it('are over where nothing measures it any more, and stay where what measures it fails', async () => {
    await at(0, drawdown(0.3));
    expect(webhook.taken.map(({ key }) => key)).toEqual(['rule/drawdown-deep/s1']);
    const ending = new AbortController();
    const notes: string[] = [];
    const progress = { ...context().progress, note: (text: string) => void notes.push(text) };
    let looks = 0;
    await watchRules({
      context: { ...context(), progress },
      sources: [{ name: 'sessions', read: () => Promise.reject(new Error('no sight')) }],
      signal: ending.signal,
      sleep: () => Promise.resolve(void ((looks += 1) > 2 && ending.abort())),
    });
    expect(notes).toEqual(['rules about sessions cannot be applied: no sight']);
    expect(await at(1, drawdown(0.3))).toEqual([]);
    expect(await at(2)).toEqual(['rule/drawdown-deep/s1 resolved critical']);
  });

  it('are evaluated by several processes at a time as by one', async () => {
    await Promise.all([at(0, drawdown(0.3)), at(0, drawdown(0.3)), at(0, drawdown(0.3))]);
    expect(webhook.taken).toHaveLength(1);
    const { rows } = await database.pool.query('SELECT times FROM alerts');
    expect(rows).toEqual([{ times: 1 }]);
  });

  it('of a user watch what he names, are told to the channels that he names, and are on record', async () => {
    const equity = (value: number, session = 's1'): Reading => ({ metric: 'equity', subject: session, session, value });
    await setRuleCommand(context(), 'low-equity', { ...own, below: '900', session: 's1', channel: ['webhook'] });
    await setRuleCommand(context(), 'elsewhere', { ...own, below: '900', session: 's1', channel: ['push'] });
    await at(0, equity(800), equity(800, 's2'));
    expect(await at(30, equity(800), equity(800, 's2'))).toEqual(['rule/low-equity/s1 raised warning']);
    const listed = (await rulesCommand(context())).value as { rules: { name: string; madeBy: string | null }[] };
    expect(listed.rules.find(({ name }) => name === 'low-equity')).toMatchObject({ madeBy: 'ann', builtIn: false });
    await removeRuleCommand(context(), 'low-equity');
    expect(await at(31, equity(800))).toEqual(['rule/low-equity/s1 resolved warning']);
    const { rows } = await database.pool.query("SELECT action FROM audit_entries WHERE action LIKE 'alert-rule%'");
    expect(rows.map(({ action }: { action: string }) => action)).toEqual([
      ...['alert-rule', 'alert-rule', 'alert-rule-removed'],
    ]);
  });

  it('that come with the program can be changed, switched off and brought back', async () => {
    await setRuleCommand(context(), 'drawdown', { above: '0.4', for: '0s' });
    expect(await at(0, drawdown(0.12))).toEqual([]);
    await setRuleCommand(context(), 'drawdown-deep', { off: true });
    expect(await at(1, drawdown(0.3))).toEqual([]);
    await removeRuleCommand(context(), 'drawdown-deep');
    expect(await at(2, drawdown(0.3))).toEqual(['rule/drawdown-deep/s1 raised critical']);
  });

  it.each([
    ['a-rule', { ...own, metric: 'equty', above: '1' }, 'equty is no metric'],
    ['a-rule', { ...own, above: '1', below: '2' }, 'one of --above and --below'],
    ['a-rule', { ...own }, 'one of --above and --below'],
    ['a-rule', { ...own, above: 'much' }, '--above much is no number'],
    ['a-rule', { ...own, above: '1', for: '5 minutes' }, '--for 5 minutes is no span'],
    ['a-rule', { ...own, above: '1', severity: 'grave' }, '--severity grave is none of'],
    ['a-rule', { ...own, above: '1', channel: ['pigeon'] }, 'pigeon is no channel'],
    ['A Rule', { ...own, above: '1' }, 'is no name of a rule'],
    ['breaker-open', { ...own, above: '1' }, 'is the name of an event'],
    ['drawdown', { ...own, above: '1' }, 'drawdown watches drawdown-ratio'],
  ])('refuse %s %o in words', async (name, options, words) => {
    await expect(setRuleCommand(context(), name, options)).rejects.toThrow(words);
  });

  it('see the disk of the machine and the size of the database as they are', async () => {
    const { config } = context();
    const [ratio, bytes] = await diskReadings(config).read();
    expect(ratio).toMatchObject({ metric: 'disk-free-ratio' });
    expect(ratio!.value).toBeGreaterThan(0);
    expect(ratio!.value).toBeLessThan(1);
    expect(bytes!.value).toBeGreaterThan(1e6);
    const [size] = await databaseReadings(() => Promise.resolve(database)).read();
    expect(size!.value).toBeGreaterThan(1e6);
  });
});
