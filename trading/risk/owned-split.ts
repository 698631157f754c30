import type { Grid } from '../grid.ts';
import { refused, type RefusedOrder } from '../orders/approved-order.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import { LIMIT_SLACK } from '../portfolio/strategy-limits.ts';
import type { RefusalCode } from '../refusal.ts';
import type { OrderSplit, OwnOrder } from './asked-order.ts';
import type { OwnReserved, Reservations } from './reservations.ts';

/** How much of an order closes and how much opens of the part of the strategy that it is of, in units. */
export interface OwnedSplit extends OwnReserved {
  readonly kind: 'owned';
  readonly clippedBy: RefusalCode | null;
}

interface Books {
  readonly portfolio: Portfolio;
  readonly reservations: Reservations;
  readonly lots: Grid;
  /** Why nothing may be sold that is not held, null where it may. */
  readonly shortBlock: () => RefusedOrder | null;
}

/**
 * Of an account that several strategies share: an order closes what its own strategy holds, as far as no other exit of
 * that one is to close it, and opens within that strategy's own limits. What would go beyond them is refused, and what
 * it closes still closes. Null for an order that is nobody's.
 */
export function ownedSplit(
  { symbol, direction, price, terms }: OwnOrder,
  asked: number,
  { portfolio, reservations, lots, shortBlock }: Books,
): OwnedSplit | RefusedOrder | null {
  const { shares } = portfolio;
  if (terms.owner === undefined || shares === null) return null;
  const part = shares.partOf(terms.owner);
  const { number: owner } = terms.owner;
  const held = part.quantity[symbol]!;
  const reserved = reservations.exitUnits({ symbol, group: terms.group, owner });
  const free = held * direction < 0 ? Math.abs(held) - reserved : 0;
  const exit = Math.max(0, Math.min(asked, lots.nearest(free)));
  const opening = lots.nearest(asked - exit);
  const only = (refusal: RefusedOrder): OwnedSplit | RefusedOrder =>
    exit > 0 ? { kind: 'owned', owner, exit, opening: 0, clippedBy: refusal.code } : refusal;
  if (opening === 0) return { kind: 'owned', owner, exit, opening, clippedBy: null };
  if (terms.conditions?.reduceOnly === true) return only(refused('nothing-to-reduce', asked, Math.max(0, free)));
  // It would be sold of what others hold.
  const short = direction < 0 ? shortBlock() : null;
  if (short !== null) return only(short);
  const equity = part.marked;
  if (!(equity > 0)) return only(refused('no-equity', equity));
  const { positionFraction, exposureFraction } = part.limits!;
  const position = ((shares.reach(part, symbol, direction) + opening) * price) / equity;
  if (position > positionFraction * LIMIT_SLACK) return only(refused('strategy-position', position, positionFraction));
  const exposure = position + shares.exposureBeside(part, symbol) / equity;
  if (exposure > exposureFraction * LIMIT_SLACK) return only(refused('strategy-exposure', exposure, exposureFraction));
  return { kind: 'owned', owner, exit, opening, clippedBy: null };
}

/** What the account lets of it: it closes first. */
export function withOwn(split: OrderSplit, { owner, exit, clippedBy }: OwnedSplit, lots: Grid): OrderSplit {
  const size = lots.nearest(split.closing + split.opening);
  const closed = Math.min(exit, size);
  const own = { owner, exit: closed, opening: lots.nearest(size - closed) };
  return { ...split, own, clippedBy: split.clippedBy ?? clippedBy };
}
