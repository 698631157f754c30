import { refused, type OrderProposal, type RefusedOrder } from '../orders/approved-order.ts';
import { ORDER_ROLES, type OrderRole, type OrderTerms } from '../orders/order-terms.ts';
import type { EngineParts } from './engine-parts.ts';
import { averageTrueRange, barsNeeded, protectiveTerms, type ProtectionRule } from '../risk/protection.ts';

const NONE: readonly number[] = Object.freeze([]);

/**
 * Keeps each position protected: which orders do so, and on what terms. Risk approves each.
 */
export class PositionGuard {
  readonly #rule: ProtectionRule;
  readonly #parts: EngineParts;
  readonly #sequences: (readonly number[])[];
  readonly #roles = new Map<number, OrderRole>();
  /** Closed bars of a symbol before which its positions could not be protected. */
  readonly #barsNeeded: number;
  /** Groups so far: each set of orders is one of its own. */
  #groups = 0;

  constructor(rule: ProtectionRule, parts: EngineParts) {
    this.#rule = rule;
    this.#barsNeeded = barsNeeded(rule);
    this.#parts = parts;
    this.#sequences = parts.lanes.map(() => NONE);
  }

  /** Order `sequence` protects the position of `symbol`. */
  has(symbol: number, sequence: number): boolean {
    return this.#sequences[symbol]!.includes(sequence);
  }

  /** What order `sequence` protects the position of `symbol` as; null where it does not. */
  roleOf(symbol: number, sequence: number): OrderRole | null {
    return this.has(symbol, sequence) ? this.#roles.get(sequence)! : null;
  }

  /** The orders that protect `symbol`. */
  sequences(symbol: number): readonly number[] {
    return this.#sequences[symbol]!;
  }

  /** Nothing protects `symbol`. */
  isBare(symbol: number): boolean {
    return this.#sequences[symbol]!.length === 0;
  }

  /** Which exit a fill of order `sequence` is: 1-based position in `ORDER_ROLES`, 0 for an order of the strategy. */
  exitOf(symbol: number, sequence: number): number {
    return this.has(symbol, sequence) ? ORDER_ROLES.indexOf(this.#roles.get(sequence)!) + 1 : 0;
  }

  /** Places the orders that protect the position of `symbol`, in place of those that did. */
  cover(symbol: number, timeMs: number): void {
    const { portfolio, risk, emit, refuse } = this.#parts;
    this.uncover(symbol, timeMs);
    const position = portfolio.quantity[symbol]!;
    // In an emergency nothing rests.
    if (risk.state.isStopped) return;
    if (position === 0 || Math.abs(position) < this.#parts.lanes[symbol]!.dust) return;
    this.#groups += 1;
    const placed: number[] = [];
    for (const terms of this.#terms(symbol, position, portfolio.averagePrice[symbol]!)) {
      const decided = risk.protect(timeMs, symbol, terms);
      if (decided.kind === 'refused') {
        refuse('risk', { timeMs, symbol }, decided);
        continue;
      }
      const { sequence } = decided;
      placed.push(sequence);
      this.#roles.set(sequence, terms.role);
      emit(decided);
      const { type, role, price, trail, trailShare, group, conditions } = decided.terms!;
      // Named one by one: spread, each was an object of a shape of its own, which a journal reads slowly.
      emit({ kind: 'terms', timeMs, symbol, sequence, type, role, price, trail, trailShare, group, conditions });
      if (conditions !== null) emit({ kind: 'conditions', timeMs, symbol, sequence, ...conditions });
    }
    this.#sequences[symbol] = placed;
  }

  /** Cancels the orders that protect `symbol`. */
  uncover(symbol: number, timeMs: number): void {
    for (const sequence of this.take(symbol)) this.#parts.emit({ kind: 'cancel', timeMs, symbol, sequence });
  }

  /** Order `sequence` has ended without an execution. */
  drop(symbol: number, sequence: number): void {
    if (!this.has(symbol, sequence)) return;
    this.#sequences[symbol] = this.#sequences[symbol]!.filter((one) => one !== sequence);
    this.#roles.delete(sequence);
  }

  /** The orders that protect `symbol`, which do so no longer. */
  take(symbol: number): readonly number[] {
    const taken = this.#sequences[symbol]!;
    if (taken.length === 0) return NONE;
    this.#sequences[symbol] = NONE;
    for (const sequence of taken) this.#roles.delete(sequence);
    return taken;
  }

  /** Why an order opens what could not be protected as was asked; null where it opens nothing, or could be. */
  refusal({ symbol, targetUnits, price }: OrderProposal): RefusedOrder | null {
    const { portfolio, lanes } = this.#parts;
    const held = portfolio.quantity[symbol]!;
    if (targetUnits === 0 || (held * targetUnits > 0 && Math.abs(targetUnits) <= Math.abs(held))) return null;
    const { length } = lanes[symbol]!.view;
    const limit = this.#barsNeeded;
    if (length < limit) return refused('no-protection', length, limit);
    let lowest = Infinity;
    for (const terms of this.#terms(symbol, targetUnits, price)) lowest = Math.min(lowest, terms.price);
    return lowest <= 0 ? refused('protection-below-zero', lowest, price) : null;
  }

  /** Terms that protect a position of `quantity` (signed) at an average price. */
  #terms(symbol: number, quantity: number, averagePrice: number): OrderTerms[] {
    return protectiveTerms(this.#rule, {
      side: quantity > 0 ? 1 : -1,
      price: averagePrice,
      atr: () => this.#averageTrueRange(symbol),
      group: this.#groups,
    });
  }

  /** In traded prices: the range of bars without splits and dividends, brought to the scale of the last one. */
  #averageTrueRange(symbol: number): number {
    const { series, view } = this.#parts.lanes[symbol]!;
    if (view.length === 0) return NaN;
    return averageTrueRange(view) * (series.bars.close[series.last]! / view.close());
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    return { sequences: this.#sequences, roles: [...this.#roles], groups: this.#groups };
  }

  /** Takes up what one of the same options has saved. */
  restore({ sequences, roles, groups }: ReturnType<PositionGuard['save']>): void {
    sequences.forEach((some, symbol) => (this.#sequences[symbol] = some));
    for (const [sequence, role] of roles) this.#roles.set(sequence, role);
    this.#groups = groups;
  }
}
