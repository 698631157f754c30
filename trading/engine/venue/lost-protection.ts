import { refused, type OrderProposal } from '../../orders/approved-order.ts';
import type { OrderState } from '../../orders/order-state.ts';
import type { OrderRole } from '../../orders/order-terms.ts';
import type { EngineParts } from '../engine-parts.ts';
import type { PositionGuard } from '../position-guard.ts';

/** Losses within a bar of which something is done about each: a venue that refuses everything is not asked for ever. */
const LOSSES_MAX = 3;

/** An order that protected a position has ended, though nobody wanted it to. */
interface Loss {
  readonly symbol: number;
  readonly timeMs: number;
  readonly state: OrderState;
  readonly role: OrderRole;
}

/**
 * What becomes of a position whose stop the venue refuses, or ends by itself. One that was taken away is placed again;
 * one that is refused, or taken away once more, becomes an exit: a stop that would trigger at once has to be one. Where
 * that comes to nothing, too, it is on record that the position is bare.
 */
export class LostProtection {
  readonly #guard: PositionGuard;
  readonly #parts: EngineParts;
  readonly #order: (proposal: OrderProposal) => void;
  /** Closed bars at the last loss of a symbol, and losses since. A restart begins after a close: at none. */
  readonly #losses = new Map<number, { bars: number; count: number }>();

  constructor(guard: PositionGuard, parts: EngineParts, order: (proposal: OrderProposal) => void) {
    this.#guard = guard;
    this.#parts = parts;
    this.#order = order;
  }

  mend({ symbol, timeMs, state, role }: Loss): void {
    const { portfolio, lanes, refuse, emit } = this.#parts;
    const { working, reducing, dust } = lanes[symbol]!;
    const held = portfolio.quantity[symbol]!;
    if (held === 0 || Math.abs(held) < dust) return;
    if (role === 'take-profit' && !this.#guard.isBare(symbol)) return;
    // An exit that works closes it.
    if (working !== 0 && reducing) return;
    const count = this.#count(symbol);
    if (count > LOSSES_MAX) return refuse('broker', { timeMs, symbol }, refused('bare-position', Math.abs(held)));
    if (state !== 'REJECTED' && count === 1) return this.#guard.cover(symbol, timeMs);
    // What is left of an entry comes first: once it has ended the position is protected, or closed.
    if (working !== 0) return emit({ kind: 'cancel', timeMs, symbol, sequence: working });
    this.#order({ timeMs, symbol, targetUnits: 0, atFill: false, price: portfolio.price[symbol]! });
  }

  #count(symbol: number): number {
    const bars = this.#parts.lanes[symbol]!.view.length;
    const before = this.#losses.get(symbol);
    const count = before?.bars === bars ? before.count + 1 : 1;
    this.#losses.set(symbol, { bars, count });
    return count;
  }
}
