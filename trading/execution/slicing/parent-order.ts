import type { ExecutionRule } from '../../../models/experiment/execution/execution-schema.ts';
import type { OrderProposal } from '../../orders/approved-order.ts';
import type { OrderOwner } from '../../orders/order-owner.ts';
import type { RefusalCode } from '../../refusal.ts';

/** A child takes what is there, rests beside the market, or rests and may do nothing else (post-only). */
export type ChildManner = 'take' | 'rest' | 'post';

/** An order of a parent's that has not ended. */
export interface ChildOrder {
  readonly sequence: number;
  /** Units ordered, without a sign, and executed. */
  units: number;
  filled: number;
  /** Its limit; 0 where it takes the next price. */
  limit: number;
  readonly how: ChildManner;
  /** Its end was asked for. */
  cancelling: boolean;
}

/** What a parent order is made of. Prices are of one unit, units without a sign. */
interface ParentTerms {
  readonly symbol: number;
  readonly direction: 1 | -1;
  readonly units: number;
  /** Of `units`, those that close what was held at the decision; the rest opens. */
  readonly closing: number;
  readonly startMs: number;
  /** Price of the decision. */
  readonly arrival: number;
  readonly rule: ExecutionRule;
  /** The strategy's own name for it; null for an order of a signal. */
  readonly label: string | null;
  readonly owner: OrderOwner | null;
  /** Shares of `units` due in each slice, which add up to 1; null where slices are equal. */
  readonly weights: readonly number[] | null;
}

/**
 * An order that is executed by others, its children, of which one at most works at a time. Plain data: what is due is
 * a function of it and of the moment (`nextMove`), so that a session that is restored goes on where it was.
 */
export interface ParentOrder extends Omit<ParentTerms, 'units' | 'closing' | 'arrival'> {
  /** 1, 2, 3 ... within the session. */
  readonly number: number;
  units: number;
  closing: number;
  arrival: number;
  /** No child is sent at a worse price; null where there is no bound. */
  bound: number | null;
  /** Units executed by all of its children. */
  filled: number;
  child: ChildOrder | null;
  /** Volume of the bars that closed since the start (`participation`). */
  volume: number;
  /** Times in a row that its post-only child would have taken, and was refused. */
  crossed: number;
  /** Children refused in a row by the venue, for other reasons. */
  rejected: number;
  /** When a child was last sent, refused or priced. */
  triedMs: number;
  /** When it was last looked at. */
  lookedMs: number;
  /** Why risk or the venue did not take the last child; null where it did. */
  refusal: RefusalCode | null;
  /** It gives up what is left, for this reason, once its child has ended. */
  ending: RefusalCode | null;
  /** What a signal wants once it has ended; null where nothing follows. */
  next: OrderProposal | null;
}

/** A parent of which nothing is done yet. */
export function newParent(number: number, terms: ParentTerms): ParentOrder {
  const { rule, arrival, direction } = terms;
  const slip = rule.maxSlippageBps ?? null;
  return {
    ...terms,
    number,
    bound: slip === null ? null : arrival * (1 + (direction * slip) / 10_000),
    filled: 0,
    child: null,
    volume: 0,
    crossed: 0,
    rejected: 0,
    triedMs: -Infinity,
    lookedMs: terms.startMs,
    refusal: null,
    ending: null,
    next: null,
  };
}

/** Units of which nothing is executed and no child works. */
export function unplaced({ units, filled, child }: ParentOrder): number {
  const working = child === null ? 0 : Math.max(0, child.units - child.filled);
  return Math.max(0, units - filled - working);
}

/** It only closes. */
export function reduces({ units, closing }: Pick<ParentOrder, 'units' | 'closing'>): boolean {
  return closing >= units;
}

/** The parent in units after a split of `ratio` new units for an old one; `floor` rounds down to the lot. */
export function splitParent(parent: ParentOrder, ratio: number, floor: (units: number) => number): void {
  parent.units = floor(parent.units * ratio);
  parent.closing = Math.min(parent.units, parent.closing * ratio);
  parent.filled *= ratio;
  parent.volume *= ratio;
  parent.arrival /= ratio;
  if (parent.bound !== null) parent.bound /= ratio;
  const { child } = parent;
  if (child === null) return;
  child.units *= ratio;
  child.filled *= ratio;
  child.limit /= ratio;
}
