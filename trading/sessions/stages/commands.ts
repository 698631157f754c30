import type { Command } from 'commander';
import { addCommand, bindAction } from '../../../infra/command.ts';
import type { PromoteOptions } from './promote-command.ts';

/** Registers `sessions promote`. */
export function registerPromote(sessions: Command): void {
  const promote = addCommand(
    sessions,
    'promote <experiment>',
    'move an experiment between backtest, paper and live: forwards by evidence or a recorded consent, backwards always',
  );
  promote
    .requiredOption('--to <STAGE>', 'backtest, paper or live')
    .option('--limits-seen <HASH>', 'the limits in force were looked at: the letters that identify them')
    .option(
      '--override <REASON>',
      'move it though something is missing: recorded with what was missing and who did it',
    );
  bindAction<PromoteOptions>(promote, async (context, options, experiment) =>
    (await import('./promote-command.ts')).promoteCommand(context, options, experiment!),
  );
}
