import type { Database } from '../../postgres/database.ts';
import { ChangeFeed } from '../../postgres/change-feed.ts';
import { createLogger, setLogLevels, type LogConfig } from '../log.ts';
import type { LogLevel, LogLevels } from '../log-levels.ts';
import { readLevels, type SetLevel } from './level-store.ts';

/** What a process is, and the session that it runs. */
export interface FollowingProcess {
  readonly role: 'service' | 'session' | 'worker';
  readonly session?: string;
}

/**
 * Follows the levels that are set for this process while it runs: at once, by the notice of the database, and whenever
 * that is back after an outage.
 */
export function followLevels(
  { url, pool }: Pick<Database, 'url' | 'pool'>,
  config: LogConfig,
  process: FollowingProcess,
): { close(): Promise<void> } {
  const log = createLogger(config);
  const names = namesOf(process);
  let reading: Promise<void> = Promise.resolve();
  const feed = new ChangeFeed(url, (change) => {
    if (change !== 'all' && change.channel !== 'log-levels') return;
    reading = reading
      .then(async () => setLogLevels(levelsFor(await readLevels(pool), names)))
      // The feed says when the database is back: they are read again then.
      .catch((error: unknown) => log.warn({ err: error }, 'levels of the log could not be read'));
  });
  return {
    close: async () => {
      await feed.close();
      await reading;
      setLogLevels({});
    },
  };
}

/** By which names a process is meant, the widest first. */
function namesOf({ role, session }: FollowingProcess): readonly string[] {
  return ['*', role, ...(session === undefined ? [] : [`session:${session}`])];
}

/** Levels of a process: what is set for it alone wins over what is set for all. */
export function levelsFor(set: readonly Omit<SetLevel, 'actor' | 'setAt'>[], names: readonly string[]): LogLevels {
  const levels: Record<string, LogLevel> = {};
  for (const name of names) for (const { module, process, level } of set) if (process === name) levels[module] = level;
  return levels;
}
