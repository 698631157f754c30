import type { Command } from 'commander';
import { addCommand, bindAction } from '../../../infra/command.ts';
import { addSessionOptions } from '../asked/session-options.ts';
import type { StartOptions } from './started-session.ts';

/** Registers `sessions start`, `sessions stop` and `sessions attach`. */
export function registerSupervisorCommands(sessions: Command): void {
  const start = addCommand(
    sessions,
    'start <experiment>',
    'a session under a supervisor, which starts it again when it dies, and opens and closes it with its market',
  );
  addSessionOptions(start);
  start
    .option('--account <NAME>', 'the live account to trade: the session is a live one, as by `live`')
    .option(
      '--hours <WHEN>',
      'market: from half an hour before it opens to half an hour after it closes; or always',
      'market',
    )
    .option('--restarts <N>', 'restarts within an hour after which it gives up', '10')
    .option('--foreground', 'supervise in this process, as a service manager wants it')
    .addOption(start.createOption('--log <FILE>').hideHelp());
  bindAction<StartOptions>(start, async (context, options, experiment) =>
    (await import('./start-command.ts')).startCommand(context, options, experiment!),
  );
  const stop = addCommand(
    sessions,
    'stop [session]',
    'stop a session between two bars, and its supervisor; positions and orders are kept, and it can go on',
  );
  stop.option('--wait <SECONDS>', 'how long its end is waited for', '60');
  stop.option('--reason <TEXT>', 'why: recorded in the audit');
  bindAction<{ wait: string; reason?: string }>(stop, async (context, options, id) =>
    (await import('./stop-command.ts')).stopCommand(context, options, id === '' ? undefined : id),
  );
  const attach = addCommand(
    sessions,
    'attach [session]',
    'follow what a supervised session says; Ctrl-C leaves it running',
  );
  bindAction<object>(attach, async (context, _options, id) =>
    (await import('./attach-command.ts')).attachCommand(context, id === '' ? undefined : id),
  );
}
