import type { BarColumns } from '../../../features/bar.ts';
import type { Timeframe } from '../../../features/timeframe.ts';
import type { BarPrices } from '../../fine-bars.ts';
import type { Grid } from '../../grid.ts';
import type { ApprovedBefore, ApprovedOrder } from '../../orders/approved-order.ts';
import type { PriceGrid } from '../../price-grid.ts';
import type { BarRange } from '../broker.ts';

/** In which order the prices inside a bar are taken to have come. */
export const INTRABAR_ORDERS = ['stop-first', 'open-high-low-close', 'trail-in-bar'] as const;
export type IntrabarOrder = (typeof INTRABAR_ORDERS)[number];

/** Where a stop is filled that a bar opens beyond: at the open, at the stop, or at the stop if the bar comes back. */
export const STOP_FILLS = ['gap', 'exact', 'in-range'] as const;
export type StopFill = (typeof STOP_FILLS)[number];

/** Conventions for orders that rest. */
interface RestingRules {
  readonly intrabar: IntrabarOrder;
  readonly stopFill: StopFill;
}

/**
 * The conventions that costs name, and the defaults of the others: the worse for a trader.
 * @param named `intrabar` may name the size of finer bars instead: the default holds where these do not account for one
 */
export function restingRules(named: {
  readonly intrabar?: IntrabarOrder | Timeframe | undefined;
  readonly stopFill?: StopFill | undefined;
}): RestingRules {
  const { intrabar, stopFill = 'gap' } = named;
  return { intrabar: INTRABAR_ORDERS.find((order) => order === intrabar) ?? 'stop-first', stopFill };
}

/** An order whose price was reached, and the price it is filled at before costs. */
export interface Touched {
  readonly resting: Resting;
  readonly price: number;
  /** The bar opened beyond its price. */
  readonly gapped: boolean;
}

/** An order that waits for a price, and where it does. */
export interface Resting {
  readonly order: ApprovedOrder;
  /** Triggers when prices fall to the level; else when they rise to it. */
  readonly falling: boolean;
  readonly stops: boolean;
  level: number;
  /** Placed inside the bar in hand, by what was filled there: its open was before. */
  inside: boolean;
  /** No bar has ended since it was placed. */
  fresh: boolean;
  /** A trailing stop whose activation price has not been traded: it stops nothing yet. */
  dormant: boolean;
}

/**
 * Orders that wait for a price, by symbol. A quiet bar costs two comparisons: the nearest level on either side of the
 * market is kept in a column.
 */
export class RestingOrders {
  readonly #orders: Resting[][];
  readonly #below: Float64Array;
  readonly #above: Float64Array;
  /** 1 where a trailing stop rests. */
  readonly #trails: Uint8Array;
  readonly #stopFill: StopFill;
  readonly #intrabar: IntrabarOrder;
  readonly #stopFirst: boolean;
  readonly #ticks: readonly (PriceGrid | null)[];
  #count = 0;

  /** @param ticks by symbol, null where the tick is a guess */
  constructor(symbols: number, rules: RestingRules, ticks: readonly (PriceGrid | null)[]) {
    this.#orders = Array.from({ length: symbols }, () => []);
    this.#below = new Float64Array(symbols).fill(-Infinity);
    this.#above = new Float64Array(symbols).fill(Infinity);
    this.#trails = new Uint8Array(symbols);
    this.#stopFill = rules.stopFill;
    this.#intrabar = rules.intrabar;
    this.#stopFirst = rules.intrabar === 'stop-first';
    this.#ticks = ticks;
  }

  /** Orders that rest. */
  get count(): number {
    return this.#count;
  }

  has(sequence: number, symbol: number): boolean {
    return this.#orders[symbol]!.some(({ order }) => order.sequence === sequence);
  }

  /** @param inside price at which what placed it was filled inside the bar in hand: a stop beyond it stops there */
  add(order: ApprovedOrder, inside = NaN): void {
    const { type, price } = order.terms!;
    const stops = type !== 'limit';
    const falling = order.direction < 0 === stops;
    const beyond = stops && (falling ? price > inside : price < inside);
    const dormant = type === 'trailing' && activationOf(order) > 0;
    const level = dormant ? (falling ? -Infinity : Infinity) : beyond ? inside : price;
    this.putBack({ order, stops, falling, level, inside: !Number.isNaN(inside), fresh: true, dormant });
  }

  /** A stop-limit order has been triggered: a limit waits from here on. */
  addLimit(order: ApprovedOrder, limit: number): void {
    const falling = order.direction > 0;
    this.putBack({ order, stops: false, falling, level: limit, inside: false, fresh: false, dormant: false });
  }

  /** An order that was taken out waits on, where it did. */
  putBack(resting: Resting): void {
    this.#orders[resting.order.symbol]!.push(resting);
    this.#count += 1;
    this.#level(resting.order.symbol);
  }

  /** The order of this sequence is replaced by `order`, at the prices of that. */
  replace(order: ApprovedOrder): void {
    const was = this.#orders[order.symbol]!.find((one) => one.order.sequence === order.sequence);
    if (was === undefined) return;
    this.remove(order.sequence, order.symbol);
    const { type, price, conditions } = order.terms!;
    // Triggered already: its limit counts.
    if (type === 'stop-limit' && !was.stops) this.addLimit(order, conditions!.limit);
    // Not moved: it stays where it has come to.
    else if (type === 'trailing' && price === was.order.terms!.price) this.putBack({ ...was, order });
    else this.add(order);
  }

  /** Takes an order out, if it rests. */
  remove(sequence: number, symbol: number): void {
    const at = this.#orders[symbol]!.findIndex(({ order }) => order.sequence === sequence);
    if (at >= 0) this.#takeOut(symbol, at);
  }

  /** A bar may reach a level of `symbol`: its orders are to be looked at. */
  isTouched(symbol: number, { high, low }: BarPrices): boolean {
    if (low <= this.#below[symbol]! || high >= this.#above[symbol]!) return true;
    // Its level may still rise to the bar's low.
    return !this.#stopFirst && this.#trails[symbol] === 1;
  }

  /**
   * Of the only symbol: the first bar of `rows` that may do more than pass by what rests. Bars between cost two
   * comparisons each, and no object. The first of the rows where an order is new, follows prices, or waits as the limit
   * of a stop.
   */
  untouchedUntil({ high, low }: Pick<BarColumns, 'high' | 'low'>, { from, end }: BarRange): number {
    for (const one of this.#orders[0]!) if (!isSettled(one)) return from;
    const [below, above] = [this.#below[0]!, this.#above[0]!];
    let row = from;
    while (row < end && !(low[row]! <= below || high[row]! >= above)) row++;
    return row;
  }

  /** Which way prices went inside the bar can make a difference to orders of `symbol`. */
  asksForPath(symbol: number, bar: BarPrices): boolean {
    return this.#trails[symbol] === 1 || this.isTouched(symbol, bar);
  }

  /**
   * The next order of `symbol` that the bar fills, taken out; null when there is none left. At the open first, then
   * inside the bar: what stops a loss before what takes a profit, or on the way from open to high to low to close.
   * @param works which of them work in the bar; null for all
   */
  touch(symbol: number, bar: BarPrices, works: ((order: ApprovedOrder) => boolean) | null = null): Touched | null {
    const all = this.#orders[symbol]!;
    const list = works === null ? all : all.filter(({ order }) => works(order));
    const { open, high, low } = bar;
    const gapped = first(list, (one) => !one.inside && (one.falling ? open <= one.level : open >= one.level));
    if (gapped !== null) {
      const price = gapped.stops ? this.#gapPrice(gapped, bar) : open;
      return { resting: this.#takeOut(symbol, all.indexOf(gapped)), price, gapped: true };
    }
    if (this.#intrabar === 'open-high-low-close') this.#follow(list, bar, 'high');
    const down = (one: Resting): boolean => one.falling && low <= one.level && isLater(one);
    const up = (one: Resting): boolean => !one.falling && high >= one.level && isLater(one);
    const reached =
      this.#intrabar === 'open-high-low-close'
        ? (first(list, up) ?? first(list, down) ?? this.#onTheWayToTheClose(list, bar))
        : (first(list, (one) => down(one) || up(one)) ??
          (this.#intrabar === 'trail-in-bar' ? this.#trailed(list, bar) : null));
    if (reached === null) return null;
    return { resting: this.#takeOut(symbol, all.indexOf(reached)), price: reached.level, gapped: false };
  }

  /** Where a stop is filled beyond whose level the bar has opened. */
  #gapPrice({ falling, level }: Resting, { open, high, low }: BarPrices): number {
    if (this.#stopFill === 'gap') return open;
    return this.#stopFill === 'exact' || (falling ? high >= level : low <= level) ? level : open;
  }

  /**
   * A trailing stop that the bar carries to its best price and then takes back. In the bar that it was placed in prices
   * are taken to have turned at once: it is filled where it began, or at the bar's worst price where that is better.
   */
  #trailed(list: readonly Resting[], bar: BarPrices): Resting | null {
    const hit = new Set<Resting>();
    for (const one of list) {
      const { falling, level: before } = one;
      const began = one.dormant ? this.#activated(one) : before;
      this.#follow([one], bar, 'high');
      this.#follow([one], bar, 'low');
      if (one.level === before || (falling ? bar.low > one.level : bar.high < one.level)) continue;
      if (one.fresh) one.level = falling ? Math.max(bar.low, began) : Math.min(bar.high, began);
      hit.add(one);
    }
    return first(list, (one) => hit.has(one));
  }

  /** Level of a trailing stop at the moment at which its activation price is traded. */
  #activated({ order, falling }: Resting): number {
    const price = activationOf(order);
    const { trail, trailShare } = order.terms!;
    const distance = trailShare > 0 ? trailShare * price : trail;
    return onTick({ falling }, falling ? price - distance : price + distance, this.#ticks[order.symbol] ?? null);
  }

  /** From the low up to the close: a stop that trails a short position follows the low first. */
  #onTheWayToTheClose(list: readonly Resting[], bar: BarPrices): Resting | null {
    this.#follow(list, bar, 'low');
    return first(list, (one) => !one.falling && bar.close >= one.level && isLater(one));
  }

  /**
   * The bar is over: trailing stops follow its best price, in regular hours. What was placed inside it follows from the
   * next on.
   */
  follow(symbol: number, bar: BarPrices, isRegular = true): void {
    const list = this.#orders[symbol]!;
    if (this.#trails[symbol] === 1 && isRegular) {
      this.#follow(list, bar, 'high');
      this.#follow(list, bar, 'low');
      this.#level(symbol);
    }
    for (const one of list) one.inside = one.fresh = false;
  }

  /** Restates the orders of a symbol after a split; those that are less than a lot then rest no longer. */
  restate(symbol: number, ratio: number, lots: Grid): void {
    const list = this.#orders[symbol]!;
    const ticks = this.#ticks[symbol] ?? null;
    this.#orders[symbol] = [];
    this.#count -= list.length;
    for (const one of list) {
      const restated = one.order.afterSplit(ratio, lots, ticks);
      if (restated.quantity === 0) continue;
      const level = onTick(one, one.level / ratio, ticks);
      this.putBack({ ...one, order: restated, level });
    }
    this.#level(symbol);
  }

  #follow(list: readonly Resting[], bar: BarPrices, side: 'high' | 'low'): void {
    for (const one of list) {
      const { type, trail, trailShare } = one.order.terms!;
      if (type !== 'trailing' || one.inside || (side === 'high') !== one.falling) continue;
      if (one.dormant) {
        const activation = activationOf(one.order);
        if (side === 'high' ? bar.high < activation : bar.low > activation) continue;
        one.dormant = false;
      }
      const distance = trailShare > 0 ? trailShare * bar[side] : trail;
      const price = one.falling ? bar.high - distance : bar.low + distance;
      if (one.falling ? !(price > one.level) : !(price < one.level)) continue;
      const level = onTick(one, price, this.#ticks[one.order.symbol] ?? null);
      one.level = one.falling ? Math.max(one.level, level) : Math.min(one.level, level);
    }
  }

  #takeOut(symbol: number, at: number): Resting {
    const [resting] = this.#orders[symbol]!.splice(at, 1) as [Resting];
    this.#count -= 1;
    this.#level(symbol);
    return resting;
  }

  #level(symbol: number): void {
    let [below, above, trails] = [-Infinity, Infinity, 0];
    for (const { order, falling, level } of this.#orders[symbol]!) {
      if (order.terms!.type === 'trailing') trails = 1;
      if (falling) below = Math.max(below, level);
      else above = Math.min(above, level);
    }
    this.#below[symbol] = below;
    this.#above[symbol] = above;
    this.#trails[symbol] = trails;
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    return this.#orders;
  }

  /** Takes up what one of the same options has saved. */
  restore(orders: ReturnType<RestingOrders['save']>, approved: ApprovedBefore): void {
    for (const one of orders.flat()) this.putBack({ ...one, order: approved(one.order) });
  }
}

/** A bar that does not reach its level leaves it as it is. */
function isSettled({ order, fresh, inside }: Resting): boolean {
  const { type } = order.terms!;
  return !fresh && !inside && (type === 'stop' || type === 'limit');
}

/** Price from which on a trailing stop follows; 0 where it does from the start. */
function activationOf({ terms }: ApprovedOrder): number {
  return terms?.conditions?.limit ?? 0;
}

/** Of what was placed inside the bar only the worse is taken to have come after: a stop. */
function isLater({ inside, stops }: Resting): boolean {
  return !inside || stops;
}

/** A level on the tick, away from the market: nothing triggers before it was asked to. */
function onTick({ falling }: Pick<Resting, 'falling'>, level: number, ticks: PriceGrid | null): number {
  return Number.isFinite(level) ? (ticks?.beside(level, !falling) ?? level) : level;
}

/** Of those that are reached, stops before others, and of these the one that prices come to first. */
function first(list: readonly Resting[], reached: (one: Resting) => boolean): Resting | null {
  let found: Resting | null = null;
  for (const one of list) {
    if (reached(one) && (found === null || comesBefore(one, found))) found = one;
  }
  return found;
}

function comesBefore(one: Resting, other: Resting): boolean {
  if (one.stops !== other.stops) return one.stops;
  // Nothing says which way prices went first: the older.
  if (one.falling !== other.falling) return false;
  return one.falling ? one.level > other.level : one.level < other.level;
}
