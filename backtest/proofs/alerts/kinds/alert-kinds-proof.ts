import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../../../infra/clock.ts';
import { connect, type Database } from '../../../../infra/postgres/database.ts';
import { acquireEmbeddedServer } from '../../../../infra/postgres/embedded/embedded-server.ts';
import type { AlertReceiver } from '../../../../infra/testing/servers/alert-receivers.ts';
import { SteeredClock } from '../../../testing/steered-clock.ts';
import type { CaseContext, CaseFigures, Proof } from '../../proof.ts';
import { ALERT_KINDS, LOOK_MS, type AlertCauses, type CausePlace } from './alert-cause.ts';
import { JOB_CAUSES } from './job-causes.ts';
import { RULE_CAUSES } from './rule-causes.ts';
import { SESSION_CAUSES } from './session-causes.ts';

/** What brings each type of alert about. */
export const ALERT_CAUSES: AlertCauses = { ...SESSION_CAUSES, ...JOB_CAUSES, ...RULE_CAUSES };

/** So long a receiver is waited for. */
const WAIT_MS = 60_000;
/** From the cause until every receiver has it. */
const LATE_MS = 10_000;
const TEMPLATE = '#{{type}} {{state}}# {{words}}';

/** How often receivers were told that a type was raised. */
function timesTold(all: readonly AlertReceiver[], kind: string): number[] {
  return all.map(({ taken }) => taken.join('\n').split(`#${kind} raised#`).length - 1);
}

/** Where an alert is brought about, and how long it is waited for, in ms. */
type BroughtAt = Pick<CausePlace, 'database' | 'folder' | 'programPath'> & { readonly waitMs?: number };

/**
 * Brings an alert about over `database`, and sees it at mail, Slack and a webhook. Returns what did it, after how many
 * ms the last of them had it (null: it did not within `waitMs`, a minute), and how often each was told in the end.
 */
export async function bringAbout(
  kind: string,
  { waitMs = WAIT_MS, database, folder, programPath }: BroughtAt,
): Promise<{ what: string; tookMs: number | null; times: readonly number[] }> {
  const cause = ALERT_CAUSES[kind];
  if (cause === undefined) throw new Error(`Nothing brings an alert of the type ${kind} about: add its cause.`);
  // Receivers of tests: no part of what is installed for use.
  const { alertReceivers } = await import('../../../../infra/testing/servers/alert-receivers.ts');
  const { all, env } = await alertReceivers();
  const endings: CausePlace['endings'] = [];
  const clock = new SteeredClock(folder, systemClock());
  const place = { database, folder, programPath, clock, endings, env: { ...env, SIGNALBOX_ALERT_TEMPLATE: TEMPLATE } };
  let tookMs: number | null = null;
  try {
    for (const one of all) await one.start();
    const act = await cause.prepare(place);
    const beganMs = performance.now();
    await act();
    const isTold = (): boolean => timesTold(all, kind).every((times) => times > 0);
    while (!isTold() && performance.now() - beganMs < waitMs) await sleep(LOOK_MS);
    tookMs = isTold() ? Math.round(performance.now() - beganMs) : null;
  } finally {
    for (const end of endings.reverse()) await end();
    for (const one of all) await one.stop();
  }
  return { what: cause.what, tookMs, times: timesTold(all, kind) };
}

/** Gives `work` a database and a folder of its own. */
async function inPlace<T>(work: (at: { database: Database; folder: string }) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-prove-'));
  chmodSync(folder, 0o711);
  const server = await acquireEmbeddedServer({ dataDir: join(folder, 'server') });
  try {
    const database = await connect(server.url, {}, null);
    try {
      return await work({ database, folder: mkdtempSync(join(folder, 'place-')) });
    } finally {
      await database.close();
    }
  } finally {
    await server.release();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runCase({ config, index }: CaseContext): Promise<CaseFigures> {
  const kind = ALERT_KINDS[index % ALERT_KINDS.length]!;
  const { programPath } = config;
  const { what, tookMs, times } = await inPlace((at) => bringAbout(kind, { ...at, programPath }));
  return { kind, what, tookMs: tookMs ?? -1, times: times.join(' ') };
}

/** Each type of alert is brought about for real. */
export const ALERT_KINDS_PROOF: Proof = {
  name: 'alert-kinds',
  shows: 'every type of alert, brought about by sessions, workers and services, at three channels within 10 s, once',
  count: ALERT_KINDS.length,
  run: runCase,
  conclude: (cases) => {
    const untold = cases.filter(({ tookMs }) => Number(tookMs) < 0 || Number(tookMs) > LATE_MS);
    const notOnce = cases.filter(({ times }) => times !== '1 1 1');
    const kinds = new Set(cases.map(({ kind }) => kind)).size;
    const slowestMs = Math.max(0, ...cases.map(({ tookMs }) => Number(tookMs)));
    const named = (found: readonly CaseFigures[]): string => found.map(({ kind }) => kind).join(' ');
    return {
      holds: untold.length === 0 && notOnce.length === 0 && kinds >= Math.min(cases.length, ALERT_KINDS.length),
      figures: { kinds, slowestMs, late: named(untold), notOnce: named(notOnce) },
    };
  },
};
