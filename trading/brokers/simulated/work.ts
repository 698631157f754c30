import type { Grid } from '../../grid.ts';
import type { ApprovedBefore, ApprovedOrder } from '../../orders/approved-order.ts';
import { NO_CONDITIONS, type OrderConditions } from '../../orders/order-terms.ts';
import type { PriceGrid } from '../../price-grid.ts';
import { noCharges, type OrderCharges } from './commission.ts';

/** A change of an order, or its cancel (`order` is null), on its way to the venue. */
export interface Coming {
  order: ApprovedOrder | null;
  /** Units that the changed order is to trade from then on; Infinity of a cancel. */
  left: number;
  readonly arrivesMs: number;
}

/** An order at the venue, and what has become of it. */
export interface Work {
  order: ApprovedOrder;
  /** Units still to be traded, without a sign; Infinity where the size is resolved at the fill. */
  left: number;
  readonly charges: OrderCharges;
  /** Bars that open before this are over before it is there. */
  readonly arrivesMs: number;
  /** What has been asked of it since and has not arrived, oldest first. */
  readonly coming: Coming[];
  /** Trading day of the first bar it took part in, NaN before it. */
  day: number;
  /** It has taken part in no bar, or in none at its price. */
  fresh: boolean;
  /** A stop whose price was traded, of which a part is left: the rest takes the next prices. */
  triggered: boolean;
}

/** An order that has just been sent. */
export function workOf(order: ApprovedOrder, latencyMs: number): Work {
  return {
    order,
    left: order.fraction > 0 ? Infinity : Math.abs(order.quantity),
    charges: noCharges(),
    arrivesMs: order.timeMs + latencyMs,
    coming: [],
    day: NaN,
    fresh: true,
    triggered: false,
  };
}

/** What of an order may be traded: no more than it is to be by any change that is on its way. */
export function leftOf({ left, coming }: Work): number {
  return coming.length === 0 ? left : Math.min(left, ...coming.map((one) => one.left));
}

/** `units` of an order were executed. */
export function takeFrom(work: Work, units: number, lots: Grid): void {
  work.left = lots.nearest(work.left - units);
  for (const one of work.coming) if (one.left < Infinity) one.left = Math.max(0, lots.nearest(one.left - units));
}

/** A split of `ratio` new units for an old one. */
export function splitWork(work: Work, ratio: number, { lots, ticks }: { lots: Grid; ticks: PriceGrid | null }): void {
  const after = (left: number): number => (left < Infinity ? lots.floor(left * ratio) : left);
  work.order = work.order.afterSplit(ratio, lots, ticks);
  work.left = after(work.left);
  for (const one of work.coming) {
    one.order = one.order?.afterSplit(ratio, lots, ticks) ?? null;
    one.left = after(one.left);
  }
}

/** What an order asks for besides its price. */
export function conditionsOf({ terms }: ApprovedOrder): OrderConditions {
  return terms?.conditions ?? NO_CONDITIONS;
}

/** It waits for a price rather than for a moment. */
export function rests(order: ApprovedOrder): boolean {
  if (order.terms === null || order.terms.type === 'market') return false;
  const { tif } = conditionsOf(order);
  return tif !== 'ioc' && tif !== 'fok' && tif !== 'on-open' && tif !== 'on-close';
}

/** It takes whatever price there is next, and waits for no auction. */
export function takesAnyPrice(order: ApprovedOrder): boolean {
  const { tif } = conditionsOf(order);
  return (order.terms === null || order.terms.type === 'market') && tif !== 'on-open' && tif !== 'on-close';
}

/** It has to see the opens of bars. */
export function watches(order: ApprovedOrder): boolean {
  const { tif, postOnly } = conditionsOf(order);
  return !rests(order) || postOnly || tif === 'day' || tif === 'gtd';
}

/** What limits its price is another than before. */
export function isMoved(before: ApprovedOrder, after: ApprovedOrder): boolean {
  const limits = before.terms?.type === 'limit' && before.terms.price !== after.terms?.price;
  return limits || conditionsOf(before).limit !== conditionsOf(after).limit;
}

/** Orders of one symbol that end when `order` is filled: its group, without it. */
export function othersOfGroup({ sequence, terms }: ApprovedOrder, works: ReadonlyMap<number, Work>): Work[] {
  const group = terms?.group ?? 0;
  if (group === 0) return [];
  return [...works.values()].filter(({ order }) => order.sequence !== sequence && order.terms?.group === group);
}

/** What was at the venue before its session was saved. */
export function workBefore(work: Work, approved: ApprovedBefore): Work {
  const coming = work.coming.map((one) => ({ ...one, order: one.order === null ? null : approved(one.order) }));
  return { ...work, order: approved(work.order), coming };
}
