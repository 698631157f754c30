import type { Alert, AlertSeverity } from '../../../infra/alerts/alert.ts';
import type { EventTypeName } from '../../../infra/alerts/event-types.ts';
import type { Effect, StateEffect } from '../../effect.ts';
import type { JournalEntry } from '../../journal/journal-record.ts';
import { refusalReason, type RefusalCode } from '../../refusal.ts';
import type { ConditionName } from '../../risk/degradation/condition-name.ts';
import { DEGRADATION_TABLE } from '../../risk/degradation/degradation-table.ts';

interface RaisedWord extends Omit<Alert, 'key' | 'sessionId'> {
  readonly type: EventTypeName;
  readonly subject: string;
}

/** What people are told of what an engine did: an alert is raised, or those of a subject are over. */
export type AlertWord = { readonly raise: RaisedWord } | { readonly resolve: string; readonly why: string };

/** Refusals that say that the books and the venue differ. */
const MISMATCHES: ReadonlySet<RefusalCode> = new Set([
  'position-difference',
  'late-fill',
  'overfill',
  'foreign-fill',
  'busted',
  'bust-ahead',
  'opposite-side',
  'other-symbol',
  'beyond-cumulative',
  'order-contradicted',
  'execution-numbers',
  'seen-working',
  'small-difference',
  'position-adopted',
]);

/** Books and venue differed. */
export const isMismatch = (code: RefusalCode): boolean => MISMATCHES.has(code);

/** Of these the books were brought in line, and the session goes on. */
const SETTLED: ReadonlySet<RefusalCode> = new Set(['small-difference', 'position-adopted']);

const TYPES: Readonly<Record<ConditionName, EventTypeName>> = {
  'data-late': 'feed-silent',
  'orders-failing': 'orders-failing',
  latency: 'latency',
  'venue-breaker': 'venue-unreachable',
};

const HALTS: Readonly<Partial<Record<StateEffect['cause'], string>>> = {
  drawdown: 'the drawdown has reached its limit',
  'daily-loss': 'the loss of the day has reached its limit',
  rejections: 'the venue has rejected too many orders',
  'unexplained-fill': 'the venue and the books differ',
  'margin-call': 'margin is called',
  'code-silent': 'code of its own does not answer and is not asked any more',
};

/** It only observes from there on. */
export const isStop = ({ state }: Pick<StateEffect, 'state'>): boolean => state === 'stop' || state === 'stop-flatten';

/** What an effect of a session is to people. `symbols`: by place. `wasStopped`: it only observed before. */
export function alertWords(
  effect: Effect | JournalEntry,
  symbols: readonly string[],
  wasStopped = false,
): readonly AlertWord[] {
  if (effect.kind === 'state') return isStop(effect) && !wasStopped ? stopWords(effect) : stateWords(effect);
  if (effect.kind === 'order-update' && effect.state === 'REJECTED') {
    const words = `order ${effect.sequence} was rejected`;
    return [raised('orders-rejected', 'warning', words, { sequence: effect.sequence })];
  }
  if (effect.kind !== 'refusal' || !isMismatch(effect.code)) return [];
  const { code, value, limit } = effect;
  const symbol = symbols[effect.symbol]!;
  const severity = SETTLED.has(code) ? 'warning' : 'critical';
  const words = `${symbol}: ${refusalReason(code, value, limit)}`;
  const { raise } = raised('mismatch', severity, words, { code, symbol, value, limit });
  if (severity === 'critical') return [{ raise }];
  // What was brought in line is over as soon as it is told.
  const subject = `mismatch-adjusted/${symbol}`;
  return [{ raise: { ...raise, subject } }, { resolve: subject, why: 'the books were adjusted' }];
}

function raised(
  type: EventTypeName,
  severity: AlertSeverity,
  words: string,
  details: Readonly<Record<string, unknown>>,
): { readonly raise: RaisedWord } {
  return { raise: { subject: type, type, severity, words, details } };
}

const isCondition = (cause: StateEffect['cause']): cause is ConditionName => cause in TYPES;

function stateWords(effect: StateEffect): readonly AlertWord[] {
  const { cause, state, value, limit } = effect;
  const details = { cause, state, value, limit };
  if (isCondition(cause)) return conditionWords(effect);
  if (cause === 'away')
    return [raised('venue-away', 'warning', 'the stream of the venue is lost: nothing opens', details)];
  if (cause === 'back') return [{ resolve: 'venue-away', why: 'the venue agrees with the books again' }];
  if (cause === 'command') {
    if (state !== 'run') return [raised('halt', 'warning', `an operator said ${state}`, details)];
    const over = ['halt', 'emergency-stop', 'orders-rejected', 'mismatch'];
    return over.map((resolve) => ({ resolve, why: 'an operator resumed it' }));
  }
  const why = HALTS[cause];
  return why === undefined
    ? []
    : [raised('halt', 'critical', `${why}: ${state === 'run' ? 'nothing opens' : state}`, details)];
}

function stopWords({ cause, state, value, limit }: StateEffect): readonly AlertWord[] {
  const by = cause === 'command' ? 'an operator said so' : (HALTS[cause] ?? `${cause} has lasted too long`);
  const does =
    state === 'stop-flatten' ? 'every order is cancelled and everything is closed' : 'every order is cancelled';
  return [raised('emergency-stop', 'critical', `emergency stop: ${by}; ${does}`, { cause, state, value, limit })];
}

function conditionWords({ cause, value, limit }: StateEffect): readonly AlertWord[] {
  if (!isCondition(cause)) return [];
  const type = TYPES[cause];
  const { when, does, steps } = DEGRADATION_TABLE[cause];
  if (limit === 0) return [{ resolve: type, why: 'it is over' }];
  const severity = steps.length > 1 && value < 2 ? steps[0]!.severity : steps.at(-1)!.severity;
  return [raised(type, severity, `${when}: ${value}; ${does}`, { condition: cause, value, limit })];
}
