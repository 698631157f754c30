import type { CommandContext, CommandOutput } from '../../../infra/command.ts';
import { InputError } from '../../../infra/errors.ts';
import { systemSleep, type Sleep } from '../../../infra/sleep.ts';
import { clearScreen } from '../../../infra/terminal/clear-screen.ts';

const SECONDS = 2;

/** What one look found. */
export interface Look extends CommandOutput {
  /** Nothing more will come: what is watched has ended. */
  readonly isOver?: boolean;
}

/**
 * One look, or (`--watch [SECONDS]`) look after look in place of each other, until Ctrl-C or until there is nothing
 * more to come. Without a terminal the looks follow each other.
 * @throws InputError for seconds that are none, and for `--json`, which is one document
 */
export async function watched(
  { json, print, signal }: Pick<CommandContext, 'json' | 'print' | 'signal'>,
  asked: string | true | undefined,
  look: () => Promise<Look>,
  sleep: Sleep = systemSleep,
): Promise<CommandOutput | undefined> {
  if (asked === undefined) return look();
  if (json) throw new InputError('--watch and --json: one document cannot change.', 'Leave one of the two out.');
  const seconds = asked === true ? SECONDS : Number(asked);
  if (!(seconds >= 0.1 && seconds <= 86_400)) {
    throw new InputError(`--watch ${String(asked)} is no number of seconds from 0.1 to 86400.`, 'Give one, or none.');
  }
  for (;;) {
    const found = await look();
    clearScreen(process.stdout);
    if (found.isOver === true) return found;
    print(`${found.text()}\n(again every ${seconds} s; Ctrl-C ends it, the session goes on)`);
    try {
      await sleep(seconds * 1_000, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      return undefined;
    }
  }
}
