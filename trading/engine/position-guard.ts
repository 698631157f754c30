import { refused, type OrderProposal, type RefusedOrder } from '../orders/approved-order.ts';
import type { OrderOwner } from '../orders/order-owner.ts';
import { ORDER_ROLES, type OrderRole, type OrderTerms } from '../orders/order-terms.ts';
import type { OwnOrder } from '../risk/asked-order.ts';
import type { EngineParts } from './engine-parts.ts';
import { averageTrueRange, barsNeeded, protectiveTerms, type ProtectionRule } from '../risk/protection.ts';

/** What keeps positions protected: of the account, or of each strategy that shares it. */
export interface Guard {
  has(symbol: number, sequence: number): boolean;
  roleOf(symbol: number, sequence: number): OrderRole | null;
  sequences(symbol: number): readonly number[];
  isBare(symbol: number): boolean;
  exitOf(symbol: number, sequence: number): number;
  cover(symbol: number, timeMs: number): void;
  uncover(symbol: number, timeMs: number): void;
  drop(symbol: number, sequence: number): void;
  take(symbol: number): readonly number[];
  restated(symbol: number): void;
  end(): void;
  refusal(proposal: OrderProposal): RefusedOrder | null;
  save(): GuardState | { readonly guards: readonly GuardState[] };
  restore(state: ReturnType<Guard['save']>): void;
}

type GuardState = ReturnType<PositionGuard['save']>;

/** One of several strategies, whose part of the account is protected. */
interface Ward {
  readonly owner: OrderOwner;
  /** How many strategies there are. */
  readonly of: number;
}

const NONE: readonly number[] = Object.freeze([]);

/**
 * Keeps each position protected: which orders do so, and on what terms. Risk approves each.
 */
export class PositionGuard implements Guard {
  readonly #rule: ProtectionRule;
  readonly #parts: EngineParts;
  readonly #sequences: (readonly number[])[];
  /** What each of them protects as. */
  readonly #roles: (readonly OrderRole[])[];
  /** Closed bars of a symbol before which its positions could not be protected. */
  readonly #barsNeeded: number;
  /** What was protected last, by symbol: signed units. */
  readonly #covered: Float64Array;
  /** Null where it protects all of the account. */
  readonly owner: OrderOwner | null;
  /** The last group, and how far the next one is from it: each set of orders is one of its own, of all guards. */
  #groups = 0;
  readonly #groupStep: number = 1;
  #isOver = false;

  constructor(rule: ProtectionRule, parts: EngineParts, ward?: Ward) {
    this.#rule = rule;
    this.owner = ward?.owner ?? null;
    if (ward !== undefined) [this.#groups, this.#groupStep] = [ward.owner.number - ward.of, ward.of];
    this.#covered = new Float64Array(parts.lanes.length);
    this.#barsNeeded = barsNeeded(rule);
    this.#parts = parts;
    this.#sequences = parts.lanes.map(() => NONE);
    this.#roles = parts.lanes.map(() => []);
  }

  /** Order `sequence` protects the position of `symbol`. */
  has(symbol: number, sequence: number): boolean {
    return this.#sequences[symbol]!.includes(sequence);
  }

  /** What order `sequence` protects the position of `symbol` as; null where it does not. */
  roleOf(symbol: number, sequence: number): OrderRole | null {
    return this.#roles[symbol]![this.#sequences[symbol]!.indexOf(sequence)] ?? null;
  }

  /** The orders that protect `symbol`. */
  sequences(symbol: number): readonly number[] {
    return this.#sequences[symbol]!;
  }

  /** Nothing protects `symbol`. */
  isBare(symbol: number): boolean {
    return this.#sequences[symbol]!.length === 0;
  }

  /** The session is over: nothing is placed any more. */
  end(): void {
    this.#isOver = true;
  }

  /** What is held is not what was protected last. */
  isStale(symbol: number): boolean {
    const [position, bare] = [this.#held(symbol), this.isBare(symbol)];
    const isHeld = position !== 0 && Math.abs(position) >= this.#parts.lanes[symbol]!.dust;
    return isHeld ? bare || this.#covered[symbol] !== position : !bare;
  }

  /** A split has restated what is held, and the orders that protect it. */
  restated(symbol: number): void {
    this.#covered[symbol] = this.#held(symbol);
  }

  #held(symbol: number): number {
    const { portfolio } = this.#parts;
    return this.owner === null ? portfolio.quantity[symbol]! : portfolio.heldBy(this.owner, symbol);
  }

  #averagePrice(symbol: number): number {
    const { averagePrice, shares } = this.#parts.portfolio;
    return (this.owner === null ? averagePrice : shares!.partOf(this.owner).averagePrice)[symbol]!;
  }

  /** Which exit a fill of order `sequence` is: 1-based position in `ORDER_ROLES`, 0 for an order of the strategy. */
  exitOf(symbol: number, sequence: number): number {
    const role = this.roleOf(symbol, sequence);
    return role === null ? 0 : ORDER_ROLES.indexOf(role) + 1;
  }

  /** Places the orders that protect the position of `symbol`, in place of those that did. */
  cover(symbol: number, timeMs: number): void {
    const { portfolio, risk, emit, refuse } = this.#parts;
    if (!this.#isOver) this.uncover(symbol, timeMs);
    const position = this.#held(symbol);
    // In an emergency nothing rests, and nothing is placed once all is over.
    if (risk.state.isStopped || this.#isOver) return;
    if (position === 0 || Math.abs(position) < this.#parts.lanes[symbol]!.dust) return;
    this.#groups += this.#groupStep;
    this.#covered[symbol] = position;
    const [placed, roles]: [number[], OrderRole[]] = [[], []];
    for (const terms of this.#terms(symbol, position, this.#averagePrice(symbol))) {
      const decided = risk.protect(timeMs, symbol, terms);
      if (decided.kind === 'refused') {
        refuse('risk', { timeMs, symbol }, decided);
        continue;
      }
      const { sequence } = decided;
      placed.push(sequence);
      roles.push(terms.role);
      if (this.owner !== null) portfolio.shares!.placed(this.owner, decided, false);
      emit(decided);
      const { type, role, price, trail, trailShare, group, conditions } = decided.terms!;
      const told = {
        kind: 'terms',
        timeMs,
        symbol,
        sequence,
        type,
        role,
        price,
        trail,
        trailShare,
        group,
        conditions,
      } as const;
      // A spread of these took 7 of the 105 ms of a million bars with a bracket.
      emit(this.owner === null ? told : { ...told, owner: this.owner });
      if (conditions !== null) emit({ kind: 'conditions', timeMs, symbol, sequence, ...conditions });
    }
    this.#sequences[symbol] = placed;
    this.#roles[symbol] = roles;
  }

  /** Cancels the orders that protect `symbol`. */
  uncover(symbol: number, timeMs: number): void {
    for (const sequence of this.take(symbol)) this.#parts.emit({ kind: 'cancel', timeMs, symbol, sequence });
  }

  /** Order `sequence` has ended without an execution. */
  drop(symbol: number, sequence: number): void {
    const at = this.#sequences[symbol]!.indexOf(sequence);
    if (at < 0) return;
    this.#sequences[symbol] = this.#sequences[symbol]!.toSpliced(at, 1);
    this.#roles[symbol] = this.#roles[symbol]!.toSpliced(at, 1);
  }

  /** The orders that protect `symbol`, which do so no longer. */
  take(symbol: number): readonly number[] {
    const taken = this.#sequences[symbol]!;
    if (taken.length === 0) return NONE;
    this.#sequences[symbol] = NONE;
    return taken;
  }

  /** Why an order opens what could not be protected as was asked; null where it opens nothing, or could be. */
  refusal({ symbol, targetUnits, price }: OrderProposal): RefusedOrder | null {
    const { lanes } = this.#parts;
    const held = this.#held(symbol);
    if (targetUnits === 0 || (held * targetUnits > 0 && Math.abs(targetUnits) <= Math.abs(held))) return null;
    const { length } = lanes[symbol]!.view;
    const limit = this.#barsNeeded;
    if (length < limit) return refused('no-protection', length, limit);
    let lowest = Infinity;
    for (const terms of this.#terms(symbol, targetUnits, price)) lowest = Math.min(lowest, terms.price);
    return lowest <= 0 ? refused('protection-below-zero', lowest, price) : null;
  }

  /** The same of an order of a signal of `owner`. */
  refusalOf({ timeMs, symbol, direction, units, price }: OwnOrder): RefusedOrder | null {
    const targetUnits = this.#held(symbol) + direction * units;
    return this.refusal({ timeMs, symbol, targetUnits, atFill: false, price });
  }

  /** Units that an order of `direction` would close. */
  opposite(symbol: number, direction: 1 | -1): number {
    return Math.max(0, -direction * this.#held(symbol));
  }

  /** Terms that protect a position of `quantity` (signed) at an average price. */
  #terms(symbol: number, quantity: number, averagePrice: number): OrderTerms[] {
    const terms = protectiveTerms(this.#rule, {
      side: quantity > 0 ? 1 : -1,
      price: averagePrice,
      atr: () => this.#averageTrueRange(symbol),
      group: this.#groups,
    });
    const { owner } = this;
    return owner === null ? terms : terms.map((one) => ({ owner, ...one }));
  }

  /** In traded prices: the range of bars without splits and dividends, brought to the scale of the last one. */
  #averageTrueRange(symbol: number): number {
    const { series, view } = this.#parts.lanes[symbol]!;
    if (view.length === 0) return NaN;
    return averageTrueRange(view) * (series.bars.close[series.last]! / view.close());
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    const roles = this.#sequences.flatMap((some, symbol) =>
      some.map((sequence, at): [number, OrderRole] => [sequence, this.#roles[symbol]![at]!]),
    );
    return { sequences: this.#sequences, roles, groups: this.#groups, covered: this.#covered };
  }

  /** Takes up what one of the same options has saved. */
  restore(state: ReturnType<Guard['save']>): void {
    const { sequences, roles, groups, covered } = state as GuardState;
    this.#covered.set(covered);
    const roleOf = new Map(roles);
    sequences.forEach((some, symbol) => {
      this.#sequences[symbol] = some;
      this.#roles[symbol] = some.map((sequence) => roleOf.get(sequence)!);
    });
    this.#groups = groups;
  }
}
