import type { ExecutionRule, ExecutionRules } from '../../../models/experiment/execution/execution-schema.ts';
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
  /** The strategy's own name for it; null for an order of a signal where one strategy has the account. */
  readonly label: string | null;
  readonly owner: OrderOwner | null;
  /** A signal of one of several strategies led to it. */
  readonly signal?: true;
  /** As `closing`, of the account, where several strategies share it. */
  readonly closingOfAll?: number;
  /** Shares of `units` due in each slice, which add up to 1; null where slices are equal. */
  readonly weights: readonly number[] | null;
}

/** What a signal wants once the order has ended that is executed in parts meanwhile. */
export interface NextOrder extends OrderProposal {
  /** Of one of several strategies: what its order is called, and how it is executed. */
  readonly label?: string;
  readonly execution?: ExecutionRules | undefined;
}

/**
 * An order that is executed by others, its children, of which one at most works at a time. Plain data: what is due is
 * a function of it and of the moment (`nextMove`), so that a session that is restored goes on where it was.
 */
export interface ParentOrder extends Omit<ParentTerms, 'units' | 'closing' | 'closingOfAll' | 'arrival'> {
  /** 1, 2, 3 ... within the session. */
  readonly number: number;
  units: number;
  closing: number;
  closingOfAll?: number;
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
  next: NextOrder | null;
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

/** A signal led to it: no name of a strategy's own is to be shown for it. */
export function isOfSignal({ label, signal }: Pick<ParentOrder, 'label' | 'signal'>): boolean {
  return label === null || signal === true;
}

/** The side on which a parent leaves those who hold `held` units, signed: 1, -1, or 0 for none. */
export function leadsTo(parent: ReachedBy, held: number): number {
  const closesAll = reduces(parent) && parent.units - parent.filled >= Math.abs(held);
  if (closesAll) return 0;
  return reduces(parent) ? Math.sign(held) : parent.direction;
}

type ReachedBy = Pick<ParentOrder, 'units' | 'closing' | 'filled' | 'direction'>;

/** The parent in units after a split of `ratio` new units for an old one; `floor` rounds down to the lot. */
export function splitParent(parent: ParentOrder, ratio: number, floor: (units: number) => number): void {
  parent.units = floor(parent.units * ratio);
  parent.closing = Math.min(parent.units, parent.closing * ratio);
  if (parent.closingOfAll !== undefined) parent.closingOfAll = Math.min(parent.units, parent.closingOfAll * ratio);
  parent.filled *= ratio;
  parent.volume *= ratio;
  parent.arrival /= ratio;
  if (parent.bound !== null) parent.bound /= ratio;
  const { child, next } = parent;
  if (next !== null) {
    parent.next = { ...next, targetUnits: next.targetUnits * ratio, price: next.price / ratio };
  }
  if (child === null) return;
  child.units *= ratio;
  child.filled *= ratio;
  child.limit /= ratio;
}
