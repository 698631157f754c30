import type { Command } from 'commander';
import { addCommand, bindAction } from '../command.ts';
import type { AlertListOptions, SilenceOptions } from './alert-actions.ts';
import type { RuleOptions } from './rules/rule-actions.ts';

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
  registerRuleCommands(alerts);
}

/** `alerts rules`: what is measured, and when that is an alert. */
function registerRuleCommands(alerts: Command): void {
  const rule = () => import('./rules/rule-actions.ts');
  const rules = alerts.command('rules').description('when something that is measured is an alert').exitOverride();
  const list = addCommand(rules, 'list', 'every rule as it holds', { isDefault: true });
  bindAction<object>(list, async (context) => (await rule()).rulesCommand(context));
  const set = addCommand(rules, 'set <name>', 'make a rule, or change one; the service applies it')
    .option('--metric <NAME>', 'what it watches, such as drawdown-ratio, equity or feed-to-decision-p99-ms')
    .option('--above <VALUE>', 'it is an alert at or above this')
    .option('--below <VALUE>', 'or at or below this')
    .option('--for <SPAN>', 'once that has held for so long: 0s, 30s, 5m (default: 60s)')
    .option('--over <SPAN>', 'of the last so long, where it is a latency or a count: 10s to 1d (default: 15m)')
    .option('--severity <NAME>', 'info, warning or critical (default: warning)')
    .option('--session <ID>', 'of this session alone')
    .option('--channel <NAME...>', 'told there alone: log, webhook, slack, email, telegram, push')
    .option('--off', 'switch it off');
  bindAction<RuleOptions>(set, async (context, options, name) =>
    (await rule()).setRuleCommand(context, name!, options),
  );
  const remove = addCommand(
    rules,
    'remove <name>',
    'remove a rule; one that comes with the program is as it comes again',
  );
  bindAction<object>(remove, async (context, _options, name) => (await rule()).removeRuleCommand(context, name!));
  const test = addCommand(rules, 'test <name>', 'send a test to the channels that a rule is told to');
  bindAction<object>(test, async (context, _options, name) => (await rule()).testRuleCommand(context, name!));
}
