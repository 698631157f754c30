import { refused, type OrderProposal } from '../../orders/approved-order.ts';
import type { OrderOwner } from '../../orders/order-owner.ts';
import type { OrderState } from '../../orders/order-state.ts';
import type { OrderRole } from '../../orders/order-terms.ts';
import type { EngineParts } from '../engine-parts.ts';
import type { Guard } from '../position-guard.ts';
import { SharedGuard } from '../shared-guard.ts';

/** Losses within a bar of which something is done about each: a venue that refuses everything is not asked for ever. */
const LOSSES_MAX = 3;

/** An order that protected a position has ended, though nobody wanted it to. */
interface Loss {
  readonly symbol: number;
  readonly timeMs: number;
  readonly state: OrderState;
  readonly role: OrderRole;
  /** Number of the order. */
  readonly sequence: number;
}

/** Orders that close what has lost its protection: all of a symbol, or the part of one strategy. */
interface Closing {
  readonly all: (proposal: OrderProposal) => void;
  readonly part: (owner: OrderOwner, at: { readonly symbol: number; readonly timeMs: number }) => void;
  /** What executes an entry in parts ends with what it has, by the key of a reservation; false where nothing does. */
  readonly endParent: (timeMs: number, key: number) => boolean;
}

/**
 * What becomes of a position whose stop the venue refuses, or ends by itself. One that was taken away is placed again;
 * one that is refused, or taken away once more, becomes an exit: a stop that would trigger at once has to be one. Where
 * that comes to nothing, too, it is on record that the position is bare.
 */
export class LostProtection {
  readonly #guard: Guard;
  readonly #parts: EngineParts;
  readonly #closing: Closing;
  /** Closed bars at the last loss of a symbol, and losses since. A restart begins after a close: at none. */
  readonly #losses = new Map<string, { bars: number; count: number }>();

  constructor(guard: Guard, parts: EngineParts, closing: Closing) {
    this.#guard = guard;
    this.#parts = parts;
    this.#closing = closing;
  }

  mend({ symbol, timeMs, state, role, sequence }: Loss): void {
    const { portfolio, lanes, refuse, emit } = this.#parts;
    const owner = portfolio.shares?.ownerOf(sequence);
    const { guard, working, reducing, held } = this.#lost(symbol, owner);
    if (held === 0 || Math.abs(held) < lanes[symbol]!.dust) return;
    if (role === 'take-profit' && !guard.isBare(symbol)) return;
    // An exit that works closes it.
    if (working !== 0 && reducing) return;
    const count = this.#count(symbol, owner?.number ?? 0);
    if (count > LOSSES_MAX) return refuse('broker', { timeMs, symbol }, refused('bare-position', Math.abs(held)));
    if (state !== 'REJECTED' && count === 1) return guard.cover(symbol, timeMs);
    // What is left of an entry comes first: once it has ended the position is protected, or closed.
    const { endParent } = this.#closing;
    if (working !== 0) {
      if (!endParent(timeMs, working)) emit({ kind: 'cancel', timeMs, symbol, sequence: working });
      return;
    }
    if (owner !== undefined) return this.#closing.part(owner, { symbol, timeMs });
    if (lanes[symbol]!.parent !== 0) endParent(timeMs, -lanes[symbol]!.parent);
    this.#closing.all({ timeMs, symbol, targetUnits: 0, atFill: false, price: portfolio.price[symbol]! });
  }

  /** What there is of the position that has lost its order: the account's, or that of the order's strategy. */
  #lost(symbol: number, owner: OrderOwner | undefined) {
    const { portfolio, lanes } = this.#parts;
    const guard = this.#guard;
    if (owner === undefined || !(guard instanceof SharedGuard)) {
      const { working, reducing } = lanes[symbol]!;
      return { guard, working, reducing, held: portfolio.quantity[symbol]! };
    }
    const working = portfolio.shares!.partOf(owner).working[symbol]!;
    const reducing = guard.isLeaving(owner, symbol);
    return { guard: guard.of(owner), working, reducing, held: portfolio.heldBy(owner, symbol) };
  }

  #count(symbol: number, owner: number): number {
    const bars = this.#parts.lanes[symbol]!.view.length;
    const key = `${owner}/${symbol}`;
    const before = this.#losses.get(key);
    const count = before?.bars === bars ? before.count + 1 : 1;
    this.#losses.set(key, { bars, count });
    return count;
  }
}
