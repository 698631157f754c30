import type { Command } from 'commander';
import { addCommand, bindAction } from '../command.ts';
import type { ListOptions } from './command-actions.ts';

const actions = () => import('./command-actions.ts');

/** The `audit` command: `audit verify`, `audit list` and `audit retain`; others add what they know of. */
export function registerAuditCommands(program: Command): void {
  const audit = program.command('audit').description('who did what, why and when').exitOverride();
  const verify = addCommand(audit, 'verify', 'walk the chain of entries: each as it was written, none missing');
  verify.option('--holds <HASH>', 'the hash of an entry, kept elsewhere, that must be there too');
  bindAction<{ holds?: string }>(verify, async (context, options) => (await actions()).verifyCommand(context, options));
  const list = addCommand(audit, 'list', 'entries, the newest first')
    .option('--session <ID>', 'only of this session')
    .option('--action <NAME>', 'only of this kind, such as halt or promotion')
    .option('--limit <N>', 'no more than N', '50')
    .option('--before <N>', 'only those before this position: the next page');
  bindAction<ListOptions>(list, async (context, options) => (await actions()).listCommand(context, options));
  const retain = addCommand(audit, 'retain', 'remove entries that are older than the settings say; the chain holds');
  retain.option('--dry-run', 'say what would be removed');
  bindAction<{ dryRun?: boolean }>(retain, async (context, options) =>
    (await actions()).retainCommand(context, options),
  );
}
