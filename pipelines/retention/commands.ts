import type { Command } from 'commander';
import { addCommand, bindAction } from '../../infra/command.ts';
import type { RetainCommandOptions, RevisionsCommandOptions } from './command-actions.ts';

const actions = () => import('./command-actions.ts');

/** Adds `db partitions`, `db retain` and `db revisions` to the database's commands. */
export function registerRetentionCommands(program: Command): void {
  const db = program.commands.find((command) => command.name() === 'db') ?? program;
  bindAction(
    addCommand(db, 'partitions', 'partitions of bars and feature rows: years, rows and sizes'),
    async (context) => (await actions()).partitionsCommand(context),
  );

  const retaining = addCommand(db, 'retain', 'remove old bars and feature rows: whole years, all of it or nothing')
    .option('--bars-before <DATE>', 'years of bars that end by this date')
    .option('--features-older-than <DATE>', 'years of feature rows that end by this date')
    .option('--superseded', 'feature rows whose bars, actions or set have a newer version')
    .option('--dry-run', 'say what would be removed')
    .option('--force', 'also what stored trainings were made from');
  bindAction<RetainCommandOptions>(retaining, async (context, options) =>
    (await actions()).retainCommand(context, options),
  );

  const revising = addCommand(db, 'revisions', 'corrections that sources have offered for stored bars')
    .option('--series <ID>', 'write the bars of this series as they were stored at a moment')
    .option('--at <TIME>', 'that moment, ISO 8601 in UTC')
    .option('--out <FILE>', 'CSV file for them');
  bindAction<RevisionsCommandOptions>(revising, async (context, options) =>
    (await actions()).revisionsCommand(context, options),
  );
}
