import type { Effect, ParentEffect } from '../effect.ts';
import { clientOrderIds } from '../orders/client-order-id.ts';
import { NO_CONDITIONS, type OrderTerms } from '../orders/order-terms.ts';
import { refusalReason } from '../refusal.ts';
import { PLAIN_MARKS, signalId, type SignalMarks } from '../signals/signal-marks.ts';
import { strengthOf } from '../signals/signal-strength.ts';
import { ledgerRows } from './ledger-rows.ts';

/** Rows of one commit in PostgreSQL's COPY text format, by table, and the order states that it changes. */
export interface JournalRows {
  readonly signals: string[];
  readonly orders: string[];
  readonly fills: string[];
  readonly refusals: string[];
  readonly amendments: string[];
  readonly ledger: string[];
  readonly parents: string[];
  readonly parentEnds: string[];
  /** New states of orders that an earlier commit wrote. */
  readonly states: ReadonlyMap<number, string>;
}

/** Columns in the order of the rows. */
export const JOURNAL_COLUMNS = {
  signals:
    'session_id, record, time, symbol, action, probability, confidence, reason, model, novelty, strategy, signal_id, strength, decided_at, expires_at, disagreement, refused',
  orders:
    'session_id, record, sequence, client_order_id, time, symbol, side, quantity, fraction, decision_price, clipped_by, reduces, state, order_type, role, trigger_price, trail, trail_share, time_in_force, expires_at, limit_price, post_only, reduce_only, strategy, parent',
  fills:
    'session_id, record, sequence, time, symbol, quantity, price, fee, slippage, execution_id, account, takes_back, strategy, origin',
  refusals: 'session_id, record, time, symbol, stage, code, reason',
  amendments: 'session_id, record, sequence, time, quantity, trigger_price, limit_price',
  ledger: 'session_id, record, kind, time, symbol, amount, payment_id',
  parents:
    'session_id, parent, record, time, symbol, side, quantity, clipped_by, reduces, algorithm, rule, arrival_price, bound_price, label, strategy',
  parentEnds: 'session_id, parent, record, time, filled, given_up, code',
} as const;

export type JournalTable = keyof typeof JOURNAL_COLUMNS;

/** The session whose rows they are. */
export interface RowsOf {
  readonly id: string;
  readonly symbols: readonly string[];
  /** Position of the first effect in the session's journal. */
  readonly first: number;
  readonly marks?: SignalMarks | undefined;
  /** What signals are named after, in place of the session. */
  readonly source?: string | undefined;
  /** The effect that comes after these, where there is one already. */
  readonly next?: Effect | undefined;
}

/** Rows of effects that follow each other. */
export function journalRows(effects: readonly Effect[], session: RowsOf): JournalRows {
  const { id, symbols, first } = session;
  const rows = {
    signals: [] as string[],
    orders: [] as string[],
    fills: [] as string[],
    refusals: [] as string[],
    amendments: [] as string[],
    ledger: [] as string[],
    parents: [] as string[],
    parentEnds: [] as string[],
  };
  const states = statesAfter(effects);
  const timeText = timeTexts();
  const own = escaped(id);
  const clientOrderId = clientOrderIds(id);
  const marked = markedColumns(session, timeText);
  for (let index = 0; index < effects.length; index++) {
    const effect = effects[index]!;
    const record = first + index;
    if (!hasRow(effect)) continue;
    const time = timeText(effect.timeMs);
    const symbol = symbols[effect.symbol]!;
    for (const { kind, amount, ofAccount, paymentId = null } of ledgerRows(effect)) {
      rows.ledger.push(line([id, record, kind, time, ofAccount === true ? null : symbol, amount, paymentId]));
    }
    if (effect.kind === 'action' || effect.kind === 'charge') continue;
    if (effect.kind === 'signal') {
      // A panel's journal is mostly signals: their line is written out, numbers as they are.
      const { action, probability, confidence, reason, model = null, novelty = null } = effect.signal;
      const said = `${probability ?? NULL}\t${confidence}\t${escaped(reason)}`;
      const of = `${model === null ? NULL : escaped(model)}\t${novelty ?? NULL}\t${effect.owner === undefined ? NULL : escaped(effect.owner.name)}`;
      const more = marked(effect, effects[index + 1] ?? session.next);
      rows.signals.push(`${own}\t${record}\t${time}\t${escaped(symbol)}\t${action}\t${said}\t${of}\t${more}\n`);
    } else if (effect.kind === 'order') {
      const { sequence, quantity, fraction, price, clippedBy, reduces, terms } = effect;
      const side = effect.direction > 0 ? 'buy' : 'sell';
      const order = [id, record, sequence, clientOrderId(sequence), time, symbol, side];
      const state = states.get(sequence) ?? 'SUBMITTED';
      states.delete(sequence);
      const own = [quantity, fraction, price, clippedBy, reduces, state];
      rows.orders.push(
        line([...order, ...own, ...termsColumns(terms), terms?.owner?.name ?? null, terms?.parent ?? null]),
      );
    } else if (effect.kind === 'fill') {
      const { sequence, quantity, price, fee, slippage } = effect;
      const { executionId = null, account = '', takesBack = false, origin = null } = effect;
      const named = [executionId, account, takesBack, effect.owner?.name ?? null, origin];
      rows.fills.push(line([id, record, sequence, time, symbol, quantity, price, fee, slippage, ...named]));
    } else if (effect.kind === 'amend') {
      const { quantity, terms } = effect.order;
      const limit = terms?.conditions?.limit ?? 0;
      const changed = [quantity, terms?.price ?? null, limit === 0 ? null : limit];
      rows.amendments.push(line([id, record, effect.sequence, time, ...changed]));
    } else if (effect.kind === 'parent')
      rows.parents.push(parentLine(effect, [id, effect.parent, record, time, symbol]));
    else if (effect.kind === 'parent-end') {
      const { parent, filled, left, code } = effect;
      rows.parentEnds.push(line([id, parent, record, time, filled, left, code]));
    } else {
      const { stage, code, value, limit } = effect;
      rows.refusals.push(line([id, record, time, symbol, stage, code, refusalReason(code, value, limit)]));
    }
  }
  return { ...rows, states };
}

type WithoutRow = Extract<Effect, { kind: 'order-update' | 'state' | 'terms' | 'conditions' | 'cancel' | 'child' }>;

/** Terms and parent of an order are in its own row, and states too. */
function hasRow(effect: Effect): effect is Exclude<Effect, WithoutRow> {
  const { kind } = effect;
  if (kind === 'order-update' || kind === 'state' || kind === 'terms') return false;
  return kind !== 'conditions' && kind !== 'cancel' && kind !== 'child';
}

/** An order that is executed by others, as it begins. */
function parentLine(effect: ParentEffect, at: readonly (string | number)[]): string {
  const { direction, units, clippedBy, reduces, rule, arrival, bound, label, owner } = effect;
  const how = [clippedBy, reduces, rule.kind, JSON.stringify(rule), arrival, bound, label, owner?.name ?? null];
  return line([...at, direction > 0 ? 'buy' : 'sell', units, ...how]);
}

type SignalEffect = Extract<Effect, { kind: 'signal' }>;

/** What is said of a signal besides; `after` is the effect that follows it, its refusal where it was refused. */
function markedColumns(
  { id, symbols, marks = PLAIN_MARKS, source = id }: RowsOf,
  timeText: (timeMs: number) => string,
): (effect: SignalEffect, after: Effect | undefined) => string {
  return ({ signal, timeMs, symbol, owner }, after) => {
    const { confidence, decidedAtMs = timeMs, disagreement = null } = signal;
    const strategy = owner?.name ?? null;
    const signalName = signalId({ source, strategy, symbol: symbols[symbol]!, timeMs }, signal);
    const expiresMs = marks.expiresMs(decidedAtMs, strategy);
    const expires = expiresMs === null ? NULL : new Date(expiresMs).toISOString();
    const isRefused = after?.kind === 'refusal' && after.stage === 'signal' && after.symbol === symbol;
    const decided = decidedAtMs === timeMs ? timeText(timeMs) : new Date(decidedAtMs).toISOString();
    const strength = strengthOf(confidence, marks.strength);
    return `${signalName}\t${strength}\t${decided}\t${expires}\t${disagreement ?? NULL}\t${isRefused ? after.code : NULL}`;
  };
}

/** Type, role, prices and conditions of an order; one without terms takes the next price. */
function termsColumns(terms: OrderTerms | null): readonly (string | number | boolean | null)[] {
  const given = (value: number): number | null => (value === 0 ? null : value);
  if (terms === null) return ['market', null, null, null, null, 'gtc', null, null, false, false];
  const { type, role, price, trail, trailShare } = terms;
  const { tif, expiresMs, limit, postOnly, reduceOnly } = terms.conditions ?? NO_CONDITIONS;
  const expires = expiresMs === 0 ? null : new Date(expiresMs).toISOString();
  const rest = [tif, expires, given(limit), postOnly, reduceOnly];
  return [type, role, given(price), given(trail), given(trailShare), ...rest];
}

/** Times as text; a panel's symbols share theirs. */
function timeTexts(): (timeMs: number) => string {
  let [newestMs, newest] = [NaN, ''];
  return (timeMs) => {
    if (timeMs !== newestMs) [newestMs, newest] = [timeMs, new Date(timeMs).toISOString()];
    return newest;
  };
}

/** The last state that these effects give each order they speak of. */
function statesAfter(effects: readonly Effect[]): Map<number, string> {
  const states = new Map<number, string>();
  for (const effect of effects) {
    if (effect.kind === 'fill') states.set(effect.sequence, effect.final ? 'FILLED' : 'PARTIALLY_FILLED');
    if (effect.kind === 'order-update') states.set(effect.sequence, effect.state);
  }
  return states;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

const NULL = '\\N';
const SPECIAL = /[\\\t\n\r]/;

function escaped(text: string): string {
  return SPECIAL.test(text) ? text.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character]!) : text;
}

/** A number's shortest decimal text reads back as the same double, so NUMERIC columns hold exactly what was booked. */
function line(values: readonly (string | number | boolean | null)[]): string {
  return `${values.map((value) => (value === null ? NULL : escaped(String(value)))).join('\t')}\n`;
}
