import type { Command } from 'commander';
import { addCommand, bindAction } from '../command.ts';
import type { AlertListOptions } from './alert-actions.ts';

const actions = () => import('./alert-actions.ts');

/** The `alerts` command: `alerts list` and `alerts deliver`. */
export function registerAlertCommands(program: Command): void {
  const alerts = program.command('alerts').description('what people are to know at once').exitOverride();
  const list = addCommand(alerts, 'list', 'alerts, open and past, the newest first', { isDefault: true })
    .option('--open', 'only those that are not over')
    .option('--session <ID>', 'only of this session')
    .option('--type <NAME>', 'only of this type, such as breaker-open')
    .option('--limit <N>', 'no more than N', '50')
    .option('--before <N>', 'only those before this number: the next page');
  bindAction<AlertListOptions>(list, async (context, options) => (await actions()).listCommand(context, options));
  const deliver = addCommand(
    alerts,
    'deliver',
    'hand what is due to its channels now, as a session does while it runs',
  );
  bindAction<object>(deliver, async (context) => (await actions()).deliverCommand(context));
}
