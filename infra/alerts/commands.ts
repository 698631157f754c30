import type { Command } from 'commander';
import { addCommand, bindAction } from '../command.ts';
import type { AlertListOptions, SilenceOptions } from './alert-actions.ts';

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
  const test = addCommand(alerts, 'test <channel>', 'send a test to log, webhook, slack, email, telegram, or all');
  bindAction<object>(test, async (context, _options, name) => (await actions()).testCommand(context, name!));
  const acknowledge = addCommand(alerts, 'acknowledge <number>', 'say that you have seen an alert');
  bindAction<object>(acknowledge, async (context, _options, id) => (await actions()).acknowledgeCommand(context, id!));
  const silence = addCommand(alerts, 'silence', 'record alerts of a type or session without telling them; or list that')
    .option('--type <NAME>', 'of this type')
    .option('--session <ID>', 'of this session')
    .option('--for <SPAN>', 'for so long: 30m, 2h, 1d', '1h')
    .option('--reason <TEXT>', 'why: recorded in the audit', '')
    .option('--end <NUMBER>', 'end this silence');
  bindAction<SilenceOptions>(silence, async (context, options) => (await actions()).silenceCommand(context, options));
  const deliver = addCommand(
    alerts,
    'deliver',
    'hand what is due to its channels now, as a session does while it runs',
  );
  bindAction<object>(deliver, async (context) => (await actions()).deliverCommand(context));
  const keys = addCommand(alerts, 'push-keys <FILE>', 'make the keys that browsers are told with, by web push');
  bindAction<object>(keys, async (_context, _options, file) =>
    (await import('./push/push-keys-command.ts')).pushKeysCommand(file!),
  );
}
