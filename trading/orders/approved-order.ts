import type { Grid } from '../grid.ts';
import { termsAfterSplit, type OrderTerms } from './order-terms.ts';
import type { PriceGrid } from '../price-grid.ts';
import type { RefusalCode } from '../refusal.ts';

/** What sizing asks for. Nothing reaches a broker in this form. */
export interface OrderProposal {
  readonly timeMs: number;
  readonly symbol: number;
  /** The position wanted, signed units; when `atFill`, only its sign counts. 0 closes. */
  readonly targetUnits: number;
  /** The size is to be resolved at the fill price from the equity then: all-in. */
  readonly atFill: boolean;
  /** Price of the decision: the bar's close. */
  readonly price: number;
}

/** The fields of an approved order. */
export interface OrderFields {
  /** 1, 2, 3 ... within the session; the client order id is a pure function of the session and this. */
  readonly sequence: number;
  readonly timeMs: number;
  readonly symbol: number;
  /** Signed units to trade; for an order with `fraction` only what closes the old position. */
  readonly quantity: number;
  /**
   * Above 0: after closing, open a position of this fraction of the equity at the fill price, on the side of
   * `direction`.
   */
  readonly fraction: number;
  readonly direction: 1 | -1;
  /** Price at the decision. */
  readonly price: number;
  /** The limit that cut the order below what was asked, if any. */
  readonly clippedBy: RefusalCode | null;
  /** Nothing is opened or increased. */
  readonly reduces: boolean;
  /** What it waits for; null where it takes the next price. */
  readonly terms: OrderTerms | null;
}

/** What risk made of a proposal. */
export type DecidedOrder = Pick<OrderFields, 'quantity' | 'fraction' | 'clippedBy' | 'reduces' | 'terms'>;

/** Not exported: `claimApprovals` gives its maker away once. A private field makes the type nominal and checkable. */
class RiskApproval implements OrderFields {
  readonly kind = 'order';
  readonly #approved = true;
  declare readonly sequence: number;
  declare readonly timeMs: number;
  declare readonly symbol: number;
  declare readonly quantity: number;
  declare readonly fraction: number;
  declare readonly direction: 1 | -1;
  declare readonly price: number;
  declare readonly clippedBy: RefusalCode | null;
  declare readonly reduces: boolean;
  declare readonly terms: OrderTerms | null;

  constructor(sequence: number, proposal: OrderProposal, decided: DecidedOrder) {
    this.sequence = sequence;
    this.timeMs = proposal.timeMs;
    this.symbol = proposal.symbol;
    this.quantity = decided.quantity;
    this.fraction = decided.fraction;
    this.direction = (decided.reduces ? decided.quantity : proposal.targetUnits) < 0 ? -1 : 1;
    this.price = proposal.price;
    this.clippedBy = decided.clippedBy;
    this.reduces = decided.reduces;
    this.terms = decided.terms;
  }

  /**
   * The same order in units after a split. `lots` rounds down as it does the position; what closes all of it still
   * does. Prices are on the tick again, no better than they were; `ticks` is null where the tick is a guess.
   */
  afterSplit(ratio: number, lots: Grid, ticks: PriceGrid | null): RiskApproval {
    const size = lots.floor(Math.abs(this.quantity) * ratio);
    const { sequence, fraction, clippedBy, reduces, timeMs, symbol, direction, terms } = this;
    const proposal = { timeMs, symbol, targetUnits: direction, atFill: fraction > 0, price: this.price / ratio };
    return new RiskApproval(sequence, proposal, {
      quantity: this.quantity < 0 ? -size : size,
      fraction,
      clippedBy,
      reduces,
      terms: terms === null ? null : termsAfterSplit(terms, ratio, { direction, ticks }),
    });
  }

  static made(value: object): boolean {
    return #approved in value && value.#approved;
  }
}

/** An order that passed every check. Brokers accept nothing else. */
export type ApprovedOrder = RiskApproval;

/** An order that did not pass, as a value with its reason. */
export interface RefusedOrder {
  readonly kind: 'refused';
  readonly code: RefusalCode;
  readonly value: number;
  readonly limit: number;
}

/** A refusal: what was found, and what was allowed. */
export function refused(code: RefusalCode, value = 0, limit = 0): RefusedOrder {
  return { kind: 'refused', code, value, limit };
}

/** True only for orders made by a risk manager: what a broker asserts before it acts. */
export function isApprovedOrder(value: object): value is ApprovedOrder {
  return RiskApproval.made(value);
}

/** Makes an approved order of a proposal. `sequence` is that of the session's register of orders. */
export type ApproveOrder = (sequence: number, proposal: OrderProposal, decided: DecidedOrder) => ApprovedOrder;

/** The order that was approved before its session was saved. @throws TypeError where there was none. */
export type ApprovedBefore = (fields: OrderFields) => ApprovedOrder;

let claimed = false;

/**
 * The only maker of approved orders, given away once: the risk manager claims it when it is loaded, and nobody can
 * after it.
 */
export function claimApprovals(): ApproveOrder {
  if (claimed) throw new Error('Only the risk manager makes approved orders, and it has claimed that already.');
  claimed = true;
  return (sequence, proposal, decided) => new RiskApproval(sequence, proposal, decided);
}
