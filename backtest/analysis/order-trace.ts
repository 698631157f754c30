import { MemoryJournal, type Journal } from '../../trading/journal/memory-journal.ts';
import type { CorporateActionEffect, Effect, Fill } from '../../trading/effect.ts';
import type { OrderFields } from '../../trading/orders/approved-order.ts';
import type { OrderOwner } from '../../trading/orders/order-owner.ts';
import type { OrderState } from '../../trading/orders/order-state.ts';
import { runHistoricalSession, type HistoricalSessionOptions } from '../../trading/sessions/historical-session.ts';
import { FifoLots } from '../../trading/portfolio/fifo-lots.ts';
import type { LedgerEntry } from '../../trading/session-result.ts';
import type { Signal } from '../../trading/strategies/strategy.ts';

/** An order with everything that led to it and came of it. */
export interface OrderTrace {
  readonly order: OrderFields;
  readonly symbol: string;
  /** The signal at the close at which it was approved; null for protective orders and what risk itself ordered. */
  readonly signal: Signal | null;
  readonly updates: readonly { readonly timeMs: number; readonly state: OrderState; readonly code: string | null }[];
  readonly fills: readonly Fill[];
}

/** What a session did, order by order. */
export interface SessionTrace {
  /** The newest orders in their sequence, at most `TRACED_ORDERS`. */
  readonly orders: readonly OrderTrace[];
  /** Positions as lots, the oldest closed first; null where there is no trace. */
  readonly lots: FifoLots | null;
  /** Words of the signal behind the entry of a trade. */
  entryOf(trade: LedgerEntry): string | null;
  /** When the prediction behind that signal was made; null for a rule. */
  decidedOf(trade: LedgerEntry): number | null;
}

/** Of a session that is not run again. */
export const NO_TRACE: SessionTrace = { orders: [], lots: null, entryOf: () => null, decidedOf: () => null };

/** Orders that are kept whole. */
const TRACED_ORDERS = 400;
/** Width of the bands of probability that a model's signals are told apart by. */
const BAND = 0.05;

/** What is kept of the signal that an order followed from. */
interface EntrySignal {
  readonly words: string;
  readonly decidedAtMs: number | null;
}

/** A journal that keeps the newest orders with what belongs to them, and what each entry was based on. */
class TracingJournal implements Journal {
  readonly orders = new Map<number, { -readonly [Key in keyof OrderTrace]: OrderTrace[Key] }>();
  readonly entries: Map<number, EntrySignal>[];
  readonly lots: FifoLots;
  readonly #hashed: MemoryJournal;
  readonly #symbols: readonly string[];
  readonly #signals: (Extract<Effect, { kind: 'signal' }> | undefined)[] = [];
  /** Orders that may still be filled, with the words of their signals. */
  readonly #words = new Map<number, EntrySignal>();

  constructor(symbols: readonly string[]) {
    this.#symbols = symbols;
    this.#hashed = new MemoryJournal(symbols, { keep: false });
    this.entries = symbols.map(() => new Map());
    this.lots = new FifoLots(symbols.length);
  }

  append(effect: Effect): void {
    this.#hashed.append(effect);
    if (effect.kind === 'signal') this.#signals[effect.symbol] = effect;
    else if (effect.kind === 'order') this.#ordered(effect);
    else if (effect.kind === 'fill') this.#filled(effect);
    else if (effect.kind === 'order-update') this.#updated(effect);
    else if (effect.kind === 'action') this.#acted(effect);
  }

  hash(): string {
    return this.#hashed.hash();
  }

  #ordered(order: OrderFields): void {
    const newest = this.#signals[order.symbol];
    const signal = newest?.timeMs === order.timeMs && ordersOf(newest, order) ? newest.signal : null;
    if (signal !== null) {
      this.#words.set(order.sequence, { words: wordsOf(signal), decidedAtMs: signal.decidedAtMs ?? null });
    }
    this.orders.set(order.sequence, { order, symbol: this.#symbols[order.symbol]!, signal, updates: [], fills: [] });
    if (this.orders.size > TRACED_ORDERS) this.orders.delete(this.orders.keys().next().value!);
  }

  #acted(effect: CorporateActionEffect): void {
    if (effect.action === 'dividend') this.lots.dividend(effect.symbol, effect.value);
    else this.lots.takeSplit(effect);
  }

  #filled(fill: Fill): void {
    this.lots.book(fill);
    const words = this.#words.get(fill.sequence);
    if (words !== undefined) this.entries[fill.symbol]!.set(fill.timeMs, words);
    if (fill.final) this.#words.delete(fill.sequence);
    const traced = this.orders.get(fill.sequence);
    if (traced !== undefined) traced.fills = [...traced.fills, fill];
  }

  #updated({ sequence, timeMs, state, code }: Extract<Effect, { kind: 'order-update' }>): void {
    const traced = this.orders.get(sequence);
    if (traced !== undefined) traced.updates = [...traced.updates, { timeMs, state, code }];
  }
}

/** The order is what the signal led to: none that protects, and of the same strategy where several share an account. */
function ordersOf({ owner }: { readonly owner?: OrderOwner }, { terms }: OrderFields): boolean {
  return terms === null || (owner !== undefined && terms.owner === owner && terms.role === 'order');
}

/** A rule by its words, a model by the band of its probability: reasons of models are all different. */
function wordsOf({ action, probability, reason }: Signal): string {
  if (probability === null) return reason === '' ? action : reason;
  const from = Math.floor(probability / BAND + 1e-9) * BAND;
  return `${action}, probability of up ${from.toFixed(2)} to ${(from + BAND).toFixed(2)}`;
}

/** Runs the session of `plan` once more and keeps what it did. An assertion fails where that is another session. */
export function traceSession(plan: HistoricalSessionOptions, journalHash: string): SessionTrace {
  const symbols = plan.bars.map(({ symbol }) => symbol);
  const journal = new TracingJournal(symbols);
  runHistoricalSession({ ...plan, journal, onProgress: undefined });
  if (journal.hash() !== journalHash) throw new Error('the traced session is not the one that was measured');
  const places = new Map(symbols.map((symbol, at) => [symbol, at]));
  const signalOf = ({ symbol, entryTimeMs }: LedgerEntry): EntrySignal | undefined =>
    journal.entries[places.get(symbol)!]!.get(entryTimeMs);
  return {
    orders: [...journal.orders.values()],
    lots: journal.lots,
    entryOf: (trade) => signalOf(trade)?.words ?? null,
    decidedOf: (trade) => signalOf(trade)?.decidedAtMs ?? null,
  };
}
