import type { PlaceOrder } from '../orders/order-request.ts';
import { abs, big, exact, onTick, UNIT, type Books, type Plain } from './reference-risk.ts';
import type { Row } from './scripted-orders.ts';

const unitsOf = ({ size }: PlaceOrder): number => (size as { units: number }).units;

/** A request in units after a split. */
export function requestSplit(request: PlaceOrder, ratio: number): PlaceOrder {
  const next = { ...request } as { -readonly [Key in keyof PlaceOrder]: PlaceOrder[Key] };
  if (next.limit !== undefined) next.limit /= ratio;
  if (next.stop !== undefined) next.stop /= ratio;
  if (next.trail !== undefined) next.trail = { price: (next.trail as { price: number }).price / ratio };
  if (next.size !== 'position') next.size = { units: unitsOf(next) * ratio };
  return next;
}

/** What of an order may be traded: no more than anything that was asked of it leaves. */
export const leftOf = ({ left, coming }: Plain): number => Math.min(left, ...coming.map((one) => one.left));

/** Prices of an order in units after a split, on the tick, no better for it than they were. */
export function restatePrices(
  prices: { price: bigint; limit: bigint; level: bigint },
  { request: { type }, dir, limitNow }: Pick<Plain, 'request' | 'dir' | 'limitNow'>,
  by: (price: bigint) => bigint,
): void {
  const up = type === 'limit' ? dir < 0 : dir > 0;
  if (type !== 'market') prices.price = onTick(by(prices.price), up);
  if (prices.limit > 0n) prices.limit = onTick(by(prices.limit), dir < 0);
  if (type !== 'market') prices.level = onTick(by(prices.level), limitNow ? dir < 0 : up);
}

/** The next order that a bar fills: at its open, then stops, then limits; the nearest, of two sides the older. */
export function pick(
  orders: readonly Plain[],
  [open, high, low]: Row,
): { order: Plain; price: bigint; gapped: boolean } | null {
  const stops = (one: Plain): boolean => one.request.type !== 'limit' && !one.limitNow;
  const falls = (one: Plain): boolean => one.dir < 0 === stops(one);
  const nearest = (list: readonly Plain[]): Plain | null => {
    const side = list.filter((one) => falls(one) === falls(list[0]!));
    const first = side.reduce<Plain | null>((best, one) => {
      if (best === null) return one;
      return falls(one) ? (one.level > best.level ? one : best) : one.level < best.level ? one : best;
    }, null);
    return first;
  };
  const kinds = (list: readonly Plain[]): Plain | null =>
    nearest(list.filter(stops)) ?? nearest(list.filter((one) => !stops(one)));
  const atOpen = kinds(
    orders.filter((one) => !one.inside && (falls(one) ? exact(open) <= one.level : exact(open) >= one.level)),
  );
  if (atOpen !== null) return { order: atOpen, price: exact(open), gapped: true };
  const within = kinds(
    orders.filter(
      (one) => (falls(one) ? exact(low) <= one.level : exact(high) >= one.level) && (!one.inside || stops(one)),
    ),
  );
  return within === null ? null : { order: within, price: within.level, gapped: false };
}

/** Largest difference of an exact amount and a float that stands for it. */
export function apart(amount: bigint, value: number): number {
  return Math.abs(Number(amount - exact(value))) / Number(UNIT);
}

/** The value of what is held, without a sign. */
export function heldValue({ held, mark }: Books): bigint {
  return held.reduce((sum, units, sym) => sum + abs(big(units) * mark[sym]!), 0n);
}
