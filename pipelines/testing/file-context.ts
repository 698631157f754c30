import type { CommandContext } from '../../infra/command.ts';
import { loadConfig } from '../../infra/config.ts';
import { silentProgress } from '../../infra/terminal/progress.ts';

/** A context for commands that work on files: opening a database is a failure. */
export function fileContext(): CommandContext {
  return {
    config: loadConfig({}),
    clock: () => 0,
    progress: silentProgress(),
    json: true,
    signal: new AbortController().signal,
    database: () => Promise.reject(new Error('a file needs no database')),
    print: () => undefined,
  };
}
