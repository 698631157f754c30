import type { PlaceOrder } from '../orders/order-request.ts';
import { abs, big, exact, onTick, trailOf, UNIT, type Books, type Plain } from './reference-risk.ts';
import type { Row } from './scripted-orders.ts';

export const good = (...prices: number[]): boolean => prices.every((price) => price > 0 && price < Infinity);

/** Every number that is given is a positive one. */
export function isUsable({ limit, stop, trail, size, expiresMs }: PlaceOrder): boolean {
  const numbers = [
    limit,
    stop,
    expiresMs,
    ...Object.values(trail ?? {}),
    ...(size === 'position' ? [] : Object.values(size)),
  ];
  return good(...numbers.filter((value) => value !== undefined));
}

/** A request in units after a split. */
export function requestSplit(request: PlaceOrder, ratio: number): PlaceOrder {
  const next = { ...request } as { -readonly [Key in keyof PlaceOrder]: PlaceOrder[Key] };
  if (next.limit !== undefined) next.limit /= ratio;
  if (next.stop !== undefined) next.stop /= ratio;
  if (next.trail !== undefined && 'price' in next.trail) next.trail = { price: next.trail.price / ratio };
  if (next.size !== 'position' && 'units' in next.size) next.size = { units: next.size.units * ratio };
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

const stops = (one: Plain): boolean => one.request.type !== 'limit' && !one.limitNow;
const falls = (one: Plain): boolean => one.dir < 0 === stops(one);

/** Of stops, else of limits: the one that prices come to first; of two sides the older. */
function first(list: readonly Plain[]): Plain | null {
  const kind = list.some(stops) ? list.filter(stops) : list;
  return kind.reduce<Plain | null>((best, one) => {
    if (best === null) return one;
    if (falls(one) !== falls(best)) return best;
    return falls(one) ? (one.level > best.level ? one : best) : one.level < best.level ? one : best;
  }, null);
}

/** A bar in the parts that it is walked by: itself, or finer ones. None of one without prices. */
export function partsOf(bar: Row, fine: readonly Row[] | null | undefined): readonly Row[] {
  return good(bar[0], bar[1], bar[2]) ? (fine ?? [bar]) : [];
}

/** A trailing stop follows a bar's best price. */
export function follow(orders: readonly Plain[], [, high, low]: Row, side: 'high' | 'low'): void {
  for (const one of orders) {
    if (one.request.type !== 'trailing' || one.inside || one.dir < 0 !== (side === 'high')) continue;
    const best = exact(side === 'high' ? high : low);
    const distance = trailOf(one.request.trail!, best);
    const level = onTick(side === 'high' ? best - distance : best + distance, side === 'low');
    if (side === 'high' ? level > one.level : level < one.level) one.level = level;
  }
}

/** The next order that a bar fills: at its open, then stops before limits, or on the way that its prices went. */
export function pick(
  orders: readonly Plain[],
  bar: Row,
  rules: { readonly stopFill: string; readonly intrabar: string },
): { order: Plain; price: bigint; gapped: boolean } | null {
  const [open, high, low, close] = bar;
  const reached = (one: Plain, up: number, down: number): boolean =>
    falls(one) ? exact(down) <= one.level : exact(up) >= one.level;
  const atOpen = first(orders.filter((one) => !one.inside && reached(one, open, open)));
  if (atOpen !== null) {
    const back = falls(atOpen) ? exact(high) >= atOpen.level : exact(low) <= atOpen.level;
    const atLevel = stops(atOpen) && (rules.stopFill === 'exact' || (rules.stopFill === 'in-range' && back));
    return { order: atOpen, price: atLevel ? atOpen.level : exact(open), gapped: true };
  }
  // Of what was placed inside the bar only a stop is taken to come after.
  const later = orders.filter((one) => !one.inside || stops(one));
  const within = (): Plain | null => {
    if (rules.intrabar === 'stop-first') return first(later.filter((one) => reached(one, high, low)));
    follow(orders, bar, 'high');
    const before =
      first(later.filter((one) => !falls(one) && reached(one, high, low))) ??
      first(later.filter((one) => falls(one) && reached(one, high, low)));
    if (before !== null) return before;
    follow(orders, bar, 'low');
    return first(later.filter((one) => !falls(one) && reached(one, close, low)));
  };
  const order = within();
  return order === null ? null : { order, price: order.level, gapped: false };
}

/** Largest difference of an exact amount and a float that stands for it. */
export function apart(amount: bigint, value: number): number {
  return Math.abs(Number(amount - exact(value))) / Number(UNIT);
}

/** The value of what is held, without a sign. */
export function heldValue({ held, mark }: Books): bigint {
  return held.reduce((sum, units, sym) => sum + abs(big(units) * mark[sym]!), 0n);
}
