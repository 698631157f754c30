import type { CommandContext } from '../../infra/command.ts';
import { commandContext } from '../../infra/testing/command-context.ts';

/** A context for commands that work on files, at the beginning of time. */
export function fileContext(): CommandContext {
  return commandContext({ clock: () => 0 });
}
