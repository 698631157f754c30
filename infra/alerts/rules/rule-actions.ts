import { appendAudit } from '../../audit/audit-store.ts';
import { operatorOf } from '../../audit/operator.ts';
import type { CommandContext, CommandOutput } from '../../command.ts';
import { InputError } from '../../errors.ts';
import { plainTable } from '../../terminal/plain-table.ts';
import { tryChannel } from '../alert-actions.ts';
import { CHANNEL_NAMES, LEVELS } from '../alert-settings.ts';
import { configuredChannels } from '../configured-channels.ts';
import { EVENT_TYPES } from '../event-types.ts';
import {
  ALERT_METRICS,
  ALERT_METRIC_NAMES,
  valueText,
  windowOf,
  type AlertMetricName,
  type AlertRule,
} from './alert-metric.ts';
import { BUILT_IN_RULES } from './built-in-rules.ts';
import { audienceOf, holdingRules, type HoldingRule } from './evaluate-rules.ts';
import { putRule, removeRule } from './rule-store.ts';
import { spanText } from './span-text.ts';

/** What a rule may be told to, beside channels of the house. */
export const RULE_CHANNELS = [...CHANNEL_NAMES, 'push'] as const;

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const NAME_MAX = 60;
const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;
const FOR_SECONDS_MAX = 7 * SECONDS.d;
/** The least and the most over which a metric is measured. */
const WINDOW_SECONDS: [number, number] = [10, SECONDS.d];

/** `alerts rules list`: every rule as it holds, and what rules may watch. */
export async function rulesCommand(context: CommandContext): Promise<CommandOutput> {
  const rules = await holdingRules((await context.database()).pool);
  const metrics = ALERT_METRIC_NAMES.map((name) => ({ name, ...ALERT_METRICS[name] }));
  return { value: { rules, metrics }, text: () => rulesText(rules) };
}

function rulesText(rules: readonly HoldingRule[]): string {
  return plainTable(
    ['rule', 'severity', 'metric', 'over', 'is one', 'for', 'session', 'channels', { words: 'made by' }],
    rules.map(
      ({ name, severity, metric, above, threshold, forSeconds, session, channels, enabled, madeBy, ...rule }) => [
        name,
        enabled ? severity : 'off',
        metric,
        overText(metric, rule.windowSeconds),
        `${above ? 'from' : 'down to'} ${valueText(metric, threshold)}`,
        `${forSeconds} s`,
        session ?? 'any',
        channels?.join(', ') ?? 'as usual',
        madeBy ?? 'as it comes',
      ],
    ),
  );
}

/** Over how much of the last while a rule has its metric measured. */
function overText(metric: AlertMetricName, windowSeconds: number | null): string {
  const seconds = windowSeconds ?? windowOf(metric);
  return seconds === null ? '' : spanText(seconds);
}

/** What `alerts rules set` is told; what is left out of a rule that there is stays. */
export interface RuleOptions {
  readonly metric?: string;
  readonly above?: string;
  readonly below?: string;
  readonly for?: string;
  readonly over?: string;
  readonly severity?: string;
  /** Null: of whatever is measured. */
  readonly session?: string | null;
  /** Null: as every alert. */
  readonly channel?: readonly string[] | null;
  readonly off?: boolean;
}

/** `alerts rules set NAME`: makes a rule, or changes it. It holds from the next look on. @throws InputError */
export async function setRuleCommand(
  context: CommandContext,
  name: string,
  options: RuleOptions,
): Promise<CommandOutput> {
  const database = await context.database();
  const [actor, atMs] = [operatorOf(context.config), context.clock()];
  const rule = await database.transaction(async (client) => {
    const before = (await holdingRules(client)).find((one) => one.name === name);
    const made = ruleOf(name, options, before);
    await putRule(client, made, { atMs, by: actor.name });
    const details = { ...made };
    await appendAudit(client, [{ actor, action: 'alert-rule', sessionId: made.session, reason: '', details }]);
    return made;
  });
  const bound = `${rule.above ? 'at or above' : 'at or below'} ${valueText(rule.metric, rule.threshold)}`;
  return { value: rule, text: () => `${name}: ${rule.metric} ${bound} for ${rule.forSeconds} s, ${rule.severity}.` };
}

/** A rule as it is asked for. @throws InputError which names the option that does not fit */
function ruleOf(name: string, options: RuleOptions, before: HoldingRule | undefined): AlertRule {
  if (!NAME.test(name) || name.length > NAME_MAX)
    throw new InputError(
      `"${name}" is no name of a rule.`,
      'Give small letters, digits and hyphens, such as low-equity.',
    );
  if (EVENT_TYPES.some(({ type }) => type === name))
    throw new InputError(`"${name}" is the name of an event.`, 'Take another name.');
  const metric = metricOf(options.metric ?? before?.metric);
  if (before?.builtIn === true && BUILT_IN_RULES.find((rule) => rule.name === name)!.metric !== metric)
    throw new InputError(`${name} watches ${before.metric} and nothing else.`, 'Make a rule of another name.');
  const { above, below, session, off } = options;
  const isNew = before === undefined;
  if ((above === undefined) === (below === undefined) && (isNew || above !== undefined))
    throw new InputError('A rule has one of --above and --below.', 'Give one: --above 0.1.');
  return {
    name,
    metric,
    above: above !== undefined || (below === undefined && before!.above),
    threshold: above === undefined && below === undefined ? before!.threshold : thresholdOf(above, below),
    forSeconds: options.for === undefined ? (before?.forSeconds ?? 60) : secondsOf('--for', options.for),
    windowSeconds: windowFor(metric, options.over, before),
    severity: severityOf(options.severity ?? before?.severity ?? 'warning'),
    session: session === undefined ? (before?.session ?? null) : session,
    channels: options.channel === null ? null : (channelsOf(options.channel) ?? before?.channels ?? null),
    enabled: off !== true,
  };
}

function metricOf(text: string | undefined): AlertMetricName {
  const found = ALERT_METRIC_NAMES.find((name) => name === text);
  if (found !== undefined) return found;
  const words = text === undefined ? 'A rule needs a metric.' : `${text} is no metric.`;
  throw new InputError(words, `Name one of ${ALERT_METRIC_NAMES.join(', ')}.`);
}

function thresholdOf(above: string | undefined, below: string | undefined): number {
  const text = (above ?? below)!.trim();
  const value = text === '' ? NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw new InputError(`--${above === undefined ? 'below' : 'above'} ${text} is no number.`, 'Correct it.');
}

function secondsOf(option: string, text: string, [least, most] = [0, FOR_SECONDS_MAX]): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * SECONDS[unit as keyof typeof SECONDS];
  if (seconds >= least && seconds <= most) return seconds;
  const span = `from ${spanText(least)} to ${spanText(most)}`;
  throw new InputError(`${option} ${text} is no span ${span}.`, 'Give a number and s, m, h or d, such as 5m.');
}

/** Over how much of the last while a rule has a metric measured; null: over that of the metric. @throws InputError */
function windowFor(metric: AlertMetricName, over: string | undefined, before: HoldingRule | undefined): number | null {
  const own = windowOf(metric);
  if (over === undefined) return own === null || before?.metric !== metric ? null : before.windowSeconds;
  if (own === null)
    throw new InputError(`--over ${over} says nothing: ${metric} is measured at a moment.`, 'Leave it out.');
  const seconds = secondsOf('--over', over, WINDOW_SECONDS);
  return seconds === own ? null : seconds;
}

function severityOf(text: string): AlertRule['severity'] {
  const found = LEVELS.find((level) => level === text);
  if (found !== undefined) return found;
  throw new InputError(`--severity ${text} is none of ${LEVELS.join(', ')}.`, 'Correct it.');
}

function channelsOf(names: readonly string[] | undefined): readonly string[] | null {
  if (names === undefined || names.length === 0) return null;
  const stranger = names.find((name) => RULE_CHANNELS.every((known) => known !== name));
  if (stranger === undefined) return [...new Set(names)];
  throw new InputError(`${stranger} is no channel.`, `Name some of ${RULE_CHANNELS.join(', ')}.`);
}

/** `alerts rules remove NAME`: an own rule is gone, one that comes with the program is again as it comes. */
export async function removeRuleCommand(context: CommandContext, name: string): Promise<CommandOutput> {
  const database = await context.database();
  const actor = operatorOf(context.config);
  await database.transaction(async (client) => {
    if (!(await removeRule(client, name)))
      throw new InputError(`No rule "${name}" is stored.`, '`alerts rules` lists them; --off switches one off.');
    const note = { actor, action: 'alert-rule-removed', sessionId: null, reason: '', details: { name } };
    await appendAudit(client, [note]);
  });
  return { value: { name }, text: () => `${name} is removed.` };
}

/** `alerts rules test NAME`: sends a test to each channel that the rule is told to. Exit code 1 where one fails. */
export async function testRuleCommand(context: CommandContext, name: string): Promise<CommandOutput> {
  const rule = (await holdingRules((await context.database()).pool)).find((one) => one.name === name);
  if (rule === undefined) throw new InputError(`There is no rule "${name}".`, '`alerts rules` lists them.');
  const channels = configuredChannels(context.config);
  const settings = context.config.alerts;
  const told = audienceOf(rule, { channels: channels.map((channel) => channel.name), settings }).channels;
  const chosen = channels.filter((channel) => told.includes(channel.name));
  const about = { type: rule.name, severity: rule.severity, words: `This is a test of the rule ${rule.name}.` };
  const results = await Promise.all(chosen.map((channel) => tryChannel(channel, context, about)));
  return {
    value: { channels: results },
    text: () => results.map(({ channel, answer }) => `${channel}: ${answer ?? 'it took the message'}`).join('\n'),
    exitCode: results.every(({ answer }) => answer === null) ? 0 : 1,
  };
}
