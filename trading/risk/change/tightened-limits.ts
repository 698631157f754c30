import type { RiskLimits } from '../../../models/experiment/experiment.ts';
import { refused, type RefusedOrder } from '../../orders/approved-order.ts';
import type { OrderRegister } from '../../orders/order-register.ts';
import type { Portfolio } from '../../portfolio/portfolio.ts';
import type { OpenOrderLimit } from '../open-order-limit.ts';
import type { OpeningRoom } from '../opening-room.ts';
import type { Reservations, Reserved } from '../reservations.ts';

/** What holds at one time. */
export interface LimitsInForce {
  readonly limits: RiskLimits;
  readonly room: OpeningRoom;
  readonly openOrders: OpenOrderLimit | null;
}

/** What the limits look at. */
interface Books {
  readonly orders: OrderRegister;
  readonly portfolio: Portfolio;
  readonly reservations: Reservations;
}

/** An order of a signal that opens and works: its reservation is that of its symbol. */
export interface SignalOpening {
  readonly symbol: number;
  readonly sequence: number;
}

/** An opening that is to end. `key` is a sequence, or below 0 what is not placed yet of that parent order. */
export interface ExcessOpening {
  readonly key: number;
  readonly symbol: number;
  readonly why: RefusedOrder;
}

interface Candidate extends SignalOpening {
  readonly direction: 1 | -1;
  /** What works for the symbol on that side, held included, and what of it this order adds; in currency. */
  readonly whole: number;
  readonly own: number;
  /** What it holds among the orders of strategies' own; null for an order of a signal. */
  readonly reserved: Reserved | null;
}

/** Share of the equity by which sums may miss what is left of a limit. */
const ROUNDING = 1e-14;

/** A change of limits, and the openings that were approved under those before. */
export class TightenedLimits {
  readonly #before: LimitsInForce;
  readonly #after: LimitsInForce;
  readonly #books: Books;

  constructor(before: LimitsInForce, after: LimitsInForce, books: Books) {
    this.#before = before;
    this.#after = after;
    this.#books = books;
  }

  /**
   * Openings that would break a limit that allows less than before once they are filled: the newest first, until what
   * is left fits. What a limit that has not changed would no longer approve, because prices moved, stays.
   */
  excess(signals: readonly SignalOpening[]): ExcessOpening[] {
    const { reservations } = this.#books;
    const found: ExcessOpening[] = [];
    const gone: Candidate[] = [];
    const keys = [
      ...reservations.openings(),
      ...signals.filter(({ sequence }) => reservations.of(sequence) === null),
    ].toSorted(newestFirst);
    for (const at of keys) {
      const candidate = this.#candidate(at);
      const why = this.#broken(candidate, gone);
      if (why === null) continue;
      found.push({ key: at.sequence, symbol: at.symbol, why });
      gone.push(candidate);
      this.#takeOut(candidate);
    }
    // Until the venue says that they have ended they may be filled.
    for (const candidate of gone) this.#putBack(candidate);
    return found;
  }

  #candidate({ symbol, sequence }: SignalOpening): Candidate {
    const { reservations, orders, portfolio } = this.#books;
    const reserved = reservations.of(sequence);
    if (reserved !== null) {
      const { direction, opening, price } = reserved;
      const whole = reservations.potential(symbol, direction);
      return { symbol, sequence, direction, whole, own: opening * price, reserved };
    }
    const direction = orders.sideOf(sequence) < 0 ? -1 : 1;
    const whole = reservations.notional[symbol]!;
    const held = Math.max(0, direction * portfolio.quantity[symbol]! * portfolio.price[symbol]!);
    return { symbol, sequence, direction, whole, own: Math.max(0, whole - held), reserved };
  }

  #broken(candidate: Candidate, gone: readonly Candidate[]): RefusedOrder | null {
    const { symbol, direction: side, whole, own } = candidate;
    const [before, after] = [this.#before, this.#after];
    if (side < 0 && before.limits.shortAllowed && !after.limits.shortAllowed) return refused('short-not-allowed');
    const opening = { symbol, side, held: whole - own, asked: whole };
    const slack = ROUNDING * this.#books.portfolio.equity;
    const was = before.room.of(opening);
    const left = after.room.of(opening);
    if (left < was && left + slack < whole) return after.room.refusal(whole);
    return this.#tooMany(candidate, gone);
  }

  #tooMany({ symbol, sequence }: Candidate, gone: readonly Candidate[]): RefusedOrder | null {
    // What is not placed yet is asked for again when it is.
    if (sequence < 0) return null;
    const counted = gone.filter((one) => one.sequence > 0);
    const less = { all: counted.length, there: counted.filter((one) => one.symbol === symbol).length };
    const now = this.#after.openOrders?.excess(symbol, less) ?? null;
    const was = this.#before.openOrders?.excess(symbol, less) ?? null;
    return now !== null && (was === null || now.value - now.limit > was.value - was.limit) ? now : null;
  }

  #takeOut({ symbol, sequence, reserved }: Candidate): void {
    const { reservations } = this.#books;
    if (reserved === null) reservations.reserve(symbol, 0, 1);
    else reservations.end(sequence);
  }

  #putBack({ symbol, sequence, reserved, whole, direction }: Candidate): void {
    const { reservations } = this.#books;
    if (reserved === null) reservations.reserve(symbol, whole, direction);
    else reservations.add(sequence, reserved);
  }
}

/** What is not placed yet goes before what works. */
function newestFirst({ sequence: a }: SignalOpening, { sequence: b }: SignalOpening): number {
  const age = (key: number): number => (key < 0 ? Infinity : key);
  return age(a) === age(b) ? a - b : age(b) - age(a);
}
