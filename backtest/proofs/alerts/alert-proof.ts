import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { raiseAlert, resolveAlert } from '../../../infra/alerts/alert-store.ts';
import { configuredDelivery } from '../../../infra/alerts/configured-delivery.ts';
import { deliverAlerts } from '../../../infra/alerts/deliver-alerts.ts';
import { eventTypes } from '../../../infra/alerts/inbox/event-list.ts';
import { systemClock } from '../../../infra/clock.ts';
import { loadConfig } from '../../../infra/config.ts';
import { openDatabase, type Database } from '../../../infra/postgres/database.ts';
import { silentProgress } from '../../../infra/terminal/progress.ts';
import type { AlertReceiver } from '../../../infra/testing/servers/alert-receivers.ts';
import type { CaseContext, CaseFigures, Proof } from '../proof.ts';

/** Alerts of a type; each is over again. */
const EACH = 3;
const WAIT_MS = 60_000;
const LOOK_MS = 50;
/** Nothing is to take longer while every receiver is there. */
const LATE_MS = 10_000;

/** A run of two processes that deliver, one of which ends and begins anew again and again. */
function deliverers(database: Database, env: NodeJS.ProcessEnv) {
  const ending = new AbortController();
  const context = { config: loadConfig(env), clock: systemClock, progress: silentProgress() };
  const run = (signal: AbortSignal): Promise<void> =>
    deliverAlerts({ ...configuredDelivery(context, database.pool), againMs: 100, everyMs: 20, signal });
  const restarted = async (): Promise<void> => {
    while (!ending.signal.aborted) await run(AbortSignal.any([ending.signal, AbortSignal.timeout(300)]));
  };
  const running = Promise.all([run(ending.signal), restarted()]);
  return async (): Promise<void> => {
    ending.abort();
    await running;
  };
}

/** Tokens that stand in what a receiver has taken; each names an alert, and whether it is raised or over. */
function tokensOf({ taken }: AlertReceiver): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [token] of taken.join('\n').matchAll(/#[\w-]+#/g)) counts.set(token, (counts.get(token) ?? 0) + 1);
  return counts;
}

async function untilAll(all: readonly AlertReceiver[], tokens: readonly string[]): Promise<number> {
  const beganMs = performance.now();
  const isThere = (): boolean => all.every((one) => tokens.every((token) => tokensOf(one).has(token)));
  while (!isThere() && performance.now() - beganMs < WAIT_MS) await sleep(LOOK_MS);
  return performance.now() - beganMs;
}

/** Every type there is, once, while all receivers are there. Returns how long the last took to arrive, in ms. */
async function quietly(database: Database, all: readonly AlertReceiver[]): Promise<{ types: number; lastMs: number }> {
  const types = await eventTypes(database.pool);
  const tokens = types.map(({ type }) => `#quiet-${type}#`);
  for (const { type, severity } of types) {
    const alert = { key: `quiet/${type}`, type, severity, sessionId: null, words: `#quiet-${type}#` };
    await raiseAlert(database.pool, alert, told());
  }
  return { types: types.length, lastMs: await untilAll(all, tokens) };
}

const told = () => ({ atMs: systemClock(), channels: ['email', 'slack', 'webhook'] });

/** Many alerts while receivers go away and come back. */
async function stormily(
  database: Database,
  all: readonly AlertReceiver[],
  random: CaseContext['random'],
): Promise<{ tokens: string[]; restarts: number }> {
  const types = await eventTypes(database.pool);
  const tokens: string[] = [];
  const away = new Set<AlertReceiver>();
  let restarts = 0;
  for (let place = 0; place < EACH; place++) {
    for (const { type, severity } of types) {
      const name = `storm-${type}-${place}`;
      const alert = { key: `storm/${name}`, type, severity, sessionId: null, words: `#${name}#` };
      await raiseAlert(database.pool, alert, told());
      await resolveAlert(database.pool, alert.key, { ...told(), why: `#${name}-over#` });
      tokens.push(`#${name}#`, `#${name}-over#`);
      if (random.integer(4) > 0) continue;
      const one = all[random.integer(all.length)]!;
      if (away.delete(one)) {
        await one.start();
        restarts += 1;
      } else {
        away.add(one);
        await one.stop();
      }
    }
  }
  for (const one of away) await one.start();
  return { tokens, restarts: restarts + away.size };
}

async function runCase({ random }: CaseContext): Promise<CaseFigures> {
  // Receivers of tests: no part of what is installed for use.
  const { alertReceivers } = await import('../../../infra/testing/servers/alert-receivers.ts');
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-prove-'));
  chmodSync(folder, 0o711);
  const { all, env } = await alertReceivers();
  const database = await openDatabase({ databaseUrl: null, dataDir: join(folder, 'home') });
  try {
    for (const one of all) await one.start();
    const end = deliverers(database, { ...env, SIGNALBOX_ALERT_GROUP_SECONDS: '1' });
    const { types, lastMs } = await quietly(database, all);
    const { tokens, restarts } = await stormily(database, all, random);
    await untilAll(all, tokens);
    await end();
    const counts = all.map(tokensOf);
    const lost = counts.reduce((sum, one) => sum + tokens.filter((token) => !one.has(token)).length, 0);
    const doubled = counts.reduce((sum, one) => sum + [...one.values()].filter((count) => count > 1).length, 0);
    const messages = all.reduce((sum, { taken }) => sum + taken.length, 0);
    return { types, alerts: tokens.length, messages, restarts, lost, doubled, lastMs: Math.round(lastMs) };
  } finally {
    for (const one of all) await one.stop();
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Alerts of every type by three channels that go away and come back. */
export const ALERT_PROOF: Proof = {
  name: 'alerts',
  shows: 'alerts of every type to mail, Slack and a webhook that are restarted: none lost, none twice, in 10 s',
  count: 50,
  run: runCase,
  conclude: (cases) => {
    const sum = (name: string): number => cases.reduce((total, figures) => total + Number(figures[name]), 0);
    const slowestMs = Math.max(0, ...cases.map(({ lastMs }) => Number(lastMs)));
    const figures = { alerts: sum('alerts'), messages: sum('messages'), restarts: sum('restarts'), slowestMs };
    const [lost, doubled] = [sum('lost'), sum('doubled')];
    return { holds: lost === 0 && doubled === 0 && slowestMs <= LATE_MS, figures: { ...figures, lost, doubled } };
  },
};
