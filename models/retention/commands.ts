import type { Command } from 'commander';
import { addCommand, bindAction } from '../../infra/command.ts';
import type { RetainCommandOptions } from './command-actions.ts';

/**
 * Adds `db retain` to the database's commands. It stands here because it keeps what stored trainings were made from.
 */
export function registerRetainCommand(program: Command): void {
  const db = program.commands.find((command) => command.name() === 'db') ?? program;
  const retaining = addCommand(db, 'retain', 'remove old bars and feature rows: whole years, all of it or nothing')
    .option('--bars-before <DATE>', 'years of bars that end by this date')
    .option('--features-older-than <DATE>', 'years of feature rows that end by this date')
    .option('--superseded', 'feature rows whose bars, actions or set have a newer version')
    .option('--dry-run', 'say what would be removed')
    .option('--force', 'also what stored trainings were made from');
  bindAction<RetainCommandOptions>(retaining, async (context, options) =>
    (await import('./command-actions.ts')).retainCommand(context, options),
  );
}
