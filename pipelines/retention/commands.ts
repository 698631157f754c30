import type { Command } from 'commander';
import { addCommand, bindAction } from '../../infra/command.ts';
import type { RevisionsCommandOptions } from './command-actions.ts';

const actions = () => import('./command-actions.ts');

/** Adds `db partitions` and `db revisions` to the database's commands. */
export function registerRetentionCommands(program: Command): void {
  const db = program.commands.find((command) => command.name() === 'db') ?? program;
  bindAction(
    addCommand(db, 'partitions', 'partitions of bars and feature rows: years, rows and sizes'),
    async (context) => (await actions()).partitionsCommand(context),
  );

  const revising = addCommand(db, 'revisions', 'corrections that sources have offered for stored bars')
    .option('--series <ID>', 'write the bars of this series as they were stored at a moment')
    .option('--at <TIME>', 'that moment, ISO 8601 in UTC')
    .option('--out <FILE>', 'CSV file for them');
  bindAction<RevisionsCommandOptions>(revising, async (context, options) =>
    (await actions()).revisionsCommand(context, options),
  );
}
