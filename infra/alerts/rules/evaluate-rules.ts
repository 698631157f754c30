import type pg from 'pg';
import type { Config } from '../../config.ts';
import type { AlertSeverity } from '../alert.ts';
import { raiseAlert, resolveAlert, type ToldTo } from '../alert-store.ts';
import { channelsFor } from '../configured-channels.ts';
import { ALERT_METRICS, valueText, windowOf, type AlertRule, type Reading } from './alert-metric.ts';
import { BUILT_IN_RULES } from './built-in-rules.ts';
import { listStoredRules, putRuleState, readRuleStates, removeRuleState, type StoredRule } from './rule-store.ts';
import { spanText } from './span-text.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** A rule as it holds: one that comes with the program, or one that is stored. */
export interface HoldingRule extends AlertRule {
  /** One of its name comes with the program: removed, it is that again. */
  readonly builtIn: boolean;
  /** When it was stored and by whom; null for one as it comes. */
  readonly madeAt: Date | null;
  readonly madeBy: string | null;
}

/** Every rule as it holds, by name. */
export async function holdingRules(client: Queryable): Promise<HoldingRule[]> {
  const stored = new Map((await listStoredRules(client)).map((rule): [string, StoredRule] => [rule.name, rule]));
  const own = [...stored.values()].filter(({ name }) => BUILT_IN_RULES.every((rule) => rule.name !== name));
  const all = [
    ...BUILT_IN_RULES.map((rule) => ({
      madeAt: null,
      madeBy: null,
      ...(stored.get(rule.name) ?? rule),
      builtIn: true,
    })),
    ...own.map((rule) => ({ ...rule, builtIn: false })),
  ];
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}

export interface EvaluateOptions {
  readonly rules: readonly AlertRule[];
  /** Who measured; the readings are all that it measures. */
  readonly source: string;
  readonly readings: readonly Reading[];
  readonly atMs: number;
  /** Names of the channels that are configured. */
  readonly channels: readonly string[];
  readonly settings: Pick<Config['alerts'], 'least'>;
}

/** The key of the alert of a rule about something. */
const keyOf = (rule: string, subject: string): string => `rule/${rule}/${subject}`;

/**
 * Raises what has held for as long as its rule says, once, and ends what holds no more; in the transaction of the
 * caller, who keeps others from evaluating meanwhile.
 */
export async function evaluateRules(client: Queryable, options: EvaluateOptions): Promise<void> {
  const { rules, source, readings, atMs, channels } = options;
  const over = new Map(
    (await readRuleStates(client, source)).map((state) => [keyOf(state.rule, state.subject), state]),
  );
  for (const rule of rules) {
    for (const reading of readings) {
      if (!holds(rule, reading)) continue;
      const key = keyOf(rule.name, reading.subject);
      const known = over.get(key);
      over.delete(key);
      const since = known?.since ?? new Date(atMs);
      const raised = known?.raised === true || atMs - since.getTime() >= 1_000 * rule.forSeconds;
      if (known !== undefined && raised === known.raised) continue;
      await putRuleState(client, source, { rule: rule.name, subject: reading.subject, since, raised });
      if (raised) await raise(client, { rule, reading, since }, options);
    }
  }
  for (const [key, state] of over) {
    await removeRuleState(client, state);
    if (state.raised) await resolveAlert(client, key, { atMs, channels, why: 'it is over' });
  }
}

/** Over what rules that are applied measure what has a window, in seconds; each once. */
export function windowsOf(rules: readonly AlertRule[]): number[] {
  const wanted = rules.filter(({ enabled }) => enabled).map((rule) => rule.windowSeconds ?? windowOf(rule.metric));
  return [...new Set(wanted)].filter((seconds) => seconds !== null);
}

function holds(rule: AlertRule, reading: Reading): boolean {
  const { metric, above, threshold, session, enabled } = rule;
  const { value } = reading;
  if (!enabled || reading.metric !== metric || !Number.isFinite(value)) return false;
  const own = windowOf(metric);
  if ((reading.windowSeconds ?? own) !== (rule.windowSeconds ?? own)) return false;
  return (session === null || session === reading.session) && (above ? value >= threshold : value <= threshold);
}

async function raise(
  client: Queryable,
  { rule, reading, since }: { readonly rule: AlertRule; readonly reading: Reading; readonly since: Date },
  { atMs, ...options }: EvaluateOptions,
): Promise<void> {
  const { name, metric, threshold, severity } = rule;
  const { subject, session, value, note } = reading;
  const alert = {
    ...{ key: keyOf(name, subject), type: name, severity, sessionId: session, words: ruleWords(rule, reading) },
    details: { metric, subject, value, threshold, since: since.toISOString(), ...(note === undefined ? {} : { note }) },
  };
  await raiseAlert(client, alert, { atMs, ...audienceOf(rule, options) });
}

/** The channels that a rule is told to. */
export function audienceOf(
  { channels: own, severity }: { readonly channels: AlertRule['channels']; readonly severity: AlertSeverity },
  { channels, settings }: Pick<EvaluateOptions, 'channels' | 'settings'>,
): Pick<ToldTo, 'channels' | 'byPush'> {
  if (own === null) return { channels: channelsFor(channels, severity, settings) };
  return { channels: channels.filter((channel) => own.includes(channel)), byPush: own.includes('push') };
}

/** What a rule says of what was measured. */
function ruleWords(rule: AlertRule, { subject, value, note }: Reading): string {
  const { metric, above, threshold, windowSeconds } = rule;
  const bound = `${above ? 'at or above' : 'at or below'} ${valueText(metric, threshold)}`;
  const over = windowSeconds === null ? '' : ` over ${spanText(windowSeconds)}`;
  const what = `${subject}: ${ALERT_METRICS[metric].words}${over}${note === undefined ? '' : ` (${note})`}`;
  return `${what}: ${valueText(metric, value)}, ${bound}`;
}
