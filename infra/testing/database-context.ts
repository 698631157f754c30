import type { CommandContext } from '../command.ts';
import { systemClock } from '../clock.ts';
import { loadConfig } from '../config.ts';
import type { Database } from '../postgres/database.ts';
import { silentProgress } from '../terminal/progress.ts';

/** A context for commands over a database at hand, with the settings of an environment that holds `env` alone. */
export function databaseContext(
  database: Database,
  { env = {}, ...others }: Partial<CommandContext> & { readonly env?: NodeJS.ProcessEnv } = {},
): CommandContext {
  return {
    config: loadConfig(env),
    clock: systemClock,
    progress: silentProgress(),
    json: true,
    signal: new AbortController().signal,
    database: () => Promise.resolve(database),
    print: () => undefined,
    ...others,
  };
}
