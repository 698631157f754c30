import type { CommandContext } from '../command.ts';
import { systemClock } from '../clock.ts';
import { loadConfig } from '../config.ts';
import type { Database } from '../postgres/database.ts';
import { silentProgress } from '../terminal/progress.ts';

type Others = Partial<CommandContext> & {
  /** What the environment holds; nothing by default. */
  readonly env?: NodeJS.ProcessEnv;
};

/** A context for commands that need no database: to open one is a failure. */
export function commandContext({ env = {}, ...others }: Others = {}): CommandContext {
  return {
    config: loadConfig(env),
    clock: systemClock,
    progress: silentProgress(),
    json: true,
    signal: new AbortController().signal,
    database: () => Promise.reject(new Error('this needs no database')),
    print: () => undefined,
    announce: () => undefined,
    ...others,
  };
}

/** A context for commands over a database at hand. */
export function databaseContext(database: Database, others: Others = {}): CommandContext {
  return commandContext({ ...others, database: () => Promise.resolve(database) });
}
