import type { BarView } from '../bar-view.ts';
import { type BarSeries } from '../bar-view.ts';
import type { OrderProposal, RefusedOrder } from '../orders/approved-order.ts';
import { ORDER_ROLES, type OrderRole, type OrderTerms } from '../orders/order-terms.ts';
import { averageTrueRange, barsNeeded, protectiveTerms, type ProtectionRule } from '../risk/protection.ts';

/** What is known of a symbol: its traded bars, and the same with splits and dividends taken out. */
interface GuardedSymbol {
  readonly series: BarSeries;
  readonly view: BarView;
}

const NONE: readonly number[] = Object.freeze([]);

/**
 * Which orders protect the position of each symbol, and on what terms. It places nothing: the engine asks it, and risk
 * approves.
 */
export class PositionGuard {
  readonly #rule: ProtectionRule;
  readonly #symbols: readonly GuardedSymbol[];
  readonly #sequences: (readonly number[])[];
  readonly #roles = new Map<number, OrderRole>();
  /** Closed bars of a symbol before which its positions could not be protected. */
  readonly barsNeeded: number;
  /** Groups so far: each set of orders is one of its own. */
  #groups = 0;

  constructor(rule: ProtectionRule, symbols: readonly GuardedSymbol[]) {
    this.#rule = rule;
    this.barsNeeded = barsNeeded(rule);
    this.#symbols = symbols;
    this.#sequences = symbols.map(() => NONE);
  }

  /** Order `sequence` protects the position of `symbol`. */
  has(symbol: number, sequence: number): boolean {
    return this.#sequences[symbol]!.includes(sequence);
  }

  /** Nothing protects `symbol`. */
  isBare(symbol: number): boolean {
    return this.#sequences[symbol]!.length === 0;
  }

  /** Which exit a fill of order `sequence` is: 1-based position in `ORDER_ROLES`, 0 for an order of the strategy. */
  exitOf(symbol: number, sequence: number): number {
    return this.has(symbol, sequence) ? ORDER_ROLES.indexOf(this.#roles.get(sequence)!) + 1 : 0;
  }

  add(symbol: number, sequence: number, role: OrderRole): void {
    this.#sequences[symbol] = [...this.#sequences[symbol]!, sequence];
    this.#roles.set(sequence, role);
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

  /** Why a position that is about to open could not be protected as was asked; null where it could. */
  refusal({ symbol, targetUnits, price }: OrderProposal): RefusedOrder | null {
    const { length } = this.#symbols[symbol]!.view;
    if (length < this.barsNeeded)
      return { kind: 'refused', code: 'no-protection', value: length, limit: this.barsNeeded };
    const lowest = Math.min(...this.#terms(symbol, targetUnits, price).map((terms) => terms.price));
    return lowest <= 0 ? { kind: 'refused', code: 'protection-below-zero', value: lowest, limit: price } : null;
  }

  /** Terms that protect a position of `quantity` (signed) at an average price. */
  terms(symbol: number, quantity: number, averagePrice: number): OrderTerms[] {
    this.#groups += 1;
    return this.#terms(symbol, quantity, averagePrice);
  }

  #terms(symbol: number, quantity: number, averagePrice: number): OrderTerms[] {
    const atr = (): number => this.#averageTrueRange(symbol);
    return protectiveTerms(this.#rule, {
      side: quantity > 0 ? 1 : -1,
      price: averagePrice,
      atr,
      group: this.#groups,
    });
  }

  /** In traded prices: the range of bars without splits and dividends, brought to the scale of the last one. */
  #averageTrueRange(symbol: number): number {
    const { series, view } = this.#symbols[symbol]!;
    if (view.length === 0) return NaN;
    return averageTrueRange(view) * (series.bars.close[series.last]! / view.close());
  }
}
