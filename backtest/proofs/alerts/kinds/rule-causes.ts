import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BUILT_IN_RULES } from '../../../../infra/alerts/rules/built-in-rules.ts';
import type { ReadingSource } from '../../../../infra/alerts/rules/alert-metric.ts';
import { databaseReadings, diskReadings } from '../../../../infra/alerts/rules/machine-readings.ts';
import { readRuleStates } from '../../../../infra/alerts/rules/rule-store.ts';
import { setRuleCommand, type RuleOptions } from '../../../../infra/alerts/rules/rule-actions.ts';
import { SignalboxError } from '../../../../infra/errors.ts';
import { writePrivateFile } from '../../../../infra/files/private-file.ts';
import { findFreePort } from '../../../../infra/postgres/embedded/free-port.ts';
import { databaseContext } from '../../../../infra/testing/command-context.ts';
import { sessionReadings } from '../../../../trading/sessions/readings/session-readings.ts';
import { listSessions } from '../../../../trading/sessions/session-store.ts';
import { startSignalbox, type RunningProcess } from '../../../testing/run-process.ts';
import { LOOK_MS, OWN_RULE, type AlertCause, type AlertCauses, type CausePlace } from './alert-cause.ts';
import { fallingSession } from './falling-session.ts';
import { gappingSession } from './gapping-session.ts';

/** A command of its own process over the database of the place. */
export function started(place: CausePlace, words: readonly string[], env: NodeJS.ProcessEnv = {}): RunningProcess {
  const { database, folder, programPath } = place;
  const home = { DATABASE_URL: database.url, SIGNALBOX_HOME: join(folder, 'home'), MLFLOW_TRACKING_URI: '' };
  const one = startSignalbox(words, { PATH: programPath, ...place.env }, { ...home, REDIS_URL: '', ...env });
  place.endings.push(async () => {
    one.child.kill('SIGTERM');
    await one.ended;
  });
  return one;
}

const NOWHERE = (): Promise<never> => Promise.reject(new Error('only the name is asked for'));
const SESSIONS = sessionReadings(NOWHERE);

/** `signalbox serve`, which applies rules and delivers; its clock is the place's. */
async function service(place: CausePlace, env: NodeJS.ProcessEnv = {}): Promise<void> {
  const port = String(await findFreePort());
  const serving = started(place, ['serve', '--port', port], { ...place.clock.env, ...env });
  const failed = serving.ended.then(({ stderr }) => Promise.reject(new Error(`the service has ended:\n${stderr}`)));
  // It says where it listens.
  await Promise.race([once(serving.child.stdout!, 'data'), failed]);
  failed.catch(() => undefined);
}

/** Waits until a rule holds, as the service sees it; what comes back lets the time pass for which it has to hold. */
async function afterItsTime(
  { database, clock }: CausePlace,
  name: string,
  { name: source }: Pick<ReadingSource, 'name'> = SESSIONS,
): Promise<() => Promise<void>> {
  const { forSeconds } = BUILT_IN_RULES.find((rule) => rule.name === name)!;
  while (!(await readRuleStates(database.pool, source)).some(({ rule }) => rule === name)) await sleep(LOOK_MS);
  return () => clock.reach(clock.now() + 1_000 * forSeconds);
}

const setRule = ({ database }: CausePlace, name: string, options: RuleOptions): Promise<unknown> =>
  setRuleCommand(databaseContext(database, { env: { SIGNALBOX_OPERATOR: 'ann' } }), name, options);

/** A rule about money, which a session that loses a quarter comes under. */
function losing(name: string, what: string): AlertCause {
  return {
    what,
    prepare: async (place) => {
      await service(place);
      fallingSession(place);
      return afterItsTime(place, name);
    },
  };
}

async function killedSession(place: CausePlace): Promise<() => Promise<void>> {
  await service(place);
  const session = started(place, ['paper', 'spx-trend', '--speed', '1', '--session', 'killed']);
  const runs = async (): Promise<boolean> =>
    (await listSessions(place.database.pool)).some(({ lastClose, state }) => state === 'running' && lastClose !== null);
  while (!(await runs())) {
    if (session.child.exitCode !== null) throw new Error(`the session has ended:\n${(await session.ended).stderr}`);
    await sleep(LOOK_MS);
  }
  session.kill();
  return afterItsTime(place, 'session-not-running');
}

const DISK_MB = 32;

/** A disk of its own for the service's data folder. @throws SignalboxError where none can be mounted */
function smallDisk({ folder, endings }: CausePlace): string {
  const disk = mkdtempSync(join(folder, 'disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'none', disk], { encoding: 'utf8' });
  if (mounted.status !== 0)
    throw new SignalboxError(`A small disk cannot be mounted: ${mounted.stderr ?? mounted.error?.message}`, {
      remedy: 'Run this proof as root.',
    });
  endings.push(() => Promise.resolve(spawnSync('umount', [disk])));
  return disk;
}

/** What the service measures, and what brings it beyond its rule. */
export const RULE_CAUSES: AlertCauses = {
  drawdown: losing('drawdown', 'a position of 95 % loses a quarter'),
  'drawdown-deep': {
    what: 'a position of 95 % loses a quarter',
    prepare: async (place) => {
      await service(place);
      return () => fallingSession(place);
    },
  },
  'day-loss': losing('day-loss', 'a position of 95 % loses a quarter within the day'),
  'margin-used': losing('margin-used', 'a position takes 93 % of equity'),
  'limit-near': losing('limit-near', 'a position takes 93 % of what its limit allows'),
  'session-not-running': { what: 'the process of a session is killed', prepare: killedSession },
  'disk-nearly-full': {
    what: 'the disk of the data folder is filled',
    prepare: async (place) => {
      const disk = smallDisk(place);
      await service(place, { SIGNALBOX_HOME: disk });
      writePrivateFile(join(disk, 'filler'), 'x'.repeat(0.95 * DISK_MB * 1024 * 1024));
      return afterItsTime(place, 'disk-nearly-full', diskReadings({ dataDir: disk }));
    },
  },
  'database-large': {
    what: 'the database is larger than its rule, set to 1 MB, allows',
    prepare: async (place) => {
      await setRule(place, 'database-large', { above: '1000000' });
      await service(place);
      return afterItsTime(place, 'database-large', databaseReadings(NOWHERE));
    },
  },
  anomaly: {
    what: 'an order is filled a tenth away from the price that was decided on, after forty that were not',
    prepare: async (place) => {
      await service(place);
      return () => gappingSession(place);
    },
  },
  [OWN_RULE]: {
    what: 'a decision takes 60 ms, a rule of a user allows 50',
    prepare: async (place) => {
      await setRule(place, OWN_RULE, { metric: 'feed-to-decision-p99-ms', above: '50', for: '0s' });
      await service(place);
      return () => fallingSession(place);
    },
  },
};
