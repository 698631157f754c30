import type { Grid } from '../../grid.ts';
import type { ApprovedOrder } from '../../orders/approved-order.ts';

/** In which order the prices inside a bar are taken to have come. */
export const INTRABAR_ORDERS = ['stop-first', 'open-high-low-close'] as const;
export type IntrabarOrder = (typeof INTRABAR_ORDERS)[number];

/** Conventions for orders that rest. */
interface RestingRules {
  readonly intrabar: IntrabarOrder;
  readonly stopFill: 'gap' | 'exact';
}

/** The conventions that costs name, and the defaults of the others: the worse for a trader. */
export function restingRules({ intrabar = 'stop-first', stopFill = 'gap' }: Partial<RestingRules>): RestingRules {
  return { intrabar, stopFill };
}

/** Prices of a bar whose orders are looked at. */
export interface TouchedBar {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** An order whose price was reached, and the price it is filled at before costs. */
export interface Touched {
  readonly order: ApprovedOrder;
  readonly price: number;
}

interface Resting {
  readonly order: ApprovedOrder;
  /** Triggers when prices fall to the level; else when they rise to it. */
  readonly falling: boolean;
  readonly stops: boolean;
  level: number;
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
  readonly #exact: boolean;
  readonly #stopFirst: boolean;
  #count = 0;

  constructor(symbols: number, rules: RestingRules) {
    this.#orders = Array.from({ length: symbols }, () => []);
    this.#below = new Float64Array(symbols).fill(-Infinity);
    this.#above = new Float64Array(symbols).fill(Infinity);
    this.#trails = new Uint8Array(symbols);
    this.#exact = rules.stopFill === 'exact';
    this.#stopFirst = rules.intrabar === 'stop-first';
  }

  /** Orders that rest. */
  get count(): number {
    return this.#count;
  }

  has(sequence: number, symbol: number): boolean {
    return this.#orders[symbol]!.some(({ order }) => order.sequence === sequence);
  }

  add(order: ApprovedOrder): void {
    const { type, price } = order.terms!;
    const stops = type !== 'limit';
    this.#orders[order.symbol]!.push({ order, stops, falling: order.direction < 0 === stops, level: price });
    this.#count += 1;
    this.#level(order.symbol);
  }

  /** Takes an order out; null where it does not rest. */
  remove(sequence: number): ApprovedOrder | null {
    for (const [symbol, list] of this.#orders.entries()) {
      const at = list.findIndex(({ order }) => order.sequence === sequence);
      if (at >= 0) return this.#takeOut(symbol, at);
    }
    return null;
  }

  /** Takes out the orders that an execution of `filled` ends: those of its group. */
  removeGroup({ symbol, terms }: ApprovedOrder): ApprovedOrder[] {
    const group = terms?.group ?? 0;
    if (group === 0) return [];
    return this.#takeWhere(symbol, ({ order }) => order.terms!.group === group).map(({ order }) => order);
  }

  /** Every order, which rests no longer. */
  removeAll(): ApprovedOrder[] {
    return this.#orders.flatMap((_, symbol) => this.#takeWhere(symbol, () => true)).map(({ order }) => order);
  }

  /** A bar may reach a level of `symbol`: its orders are to be looked at. */
  isTouched(symbol: number, { high, low }: TouchedBar): boolean {
    if (low <= this.#below[symbol]! || high >= this.#above[symbol]!) return true;
    // Its level may still rise to the bar's low.
    return !this.#stopFirst && this.#trails[symbol] === 1;
  }

  /**
   * The next order of `symbol` that the bar fills, taken out; null when there is none left. At the open first, then
   * inside the bar: what stops a loss before what takes a profit, or on the way from open to high to low to close.
   */
  touch(symbol: number, bar: TouchedBar): Touched | null {
    const list = this.#orders[symbol]!;
    const { open, high, low } = bar;
    const gapped = first(list, (one) => (one.falling ? open <= one.level : open >= one.level));
    if (gapped !== null) {
      const price = gapped.stops && this.#exact ? gapped.level : open;
      return { order: this.#takeOut(symbol, list.indexOf(gapped)), price };
    }
    if (!this.#stopFirst) this.#follow(list, bar, 'high');
    const down = (one: Resting): boolean => one.falling && low <= one.level;
    const up = (one: Resting): boolean => !one.falling && high >= one.level;
    const reached = this.#stopFirst
      ? first(list, (one) => down(one) || up(one))
      : (first(list, up) ?? first(list, down) ?? this.#onTheWayToTheClose(list, bar));
    if (reached === null) return null;
    return { order: this.#takeOut(symbol, list.indexOf(reached)), price: reached.level };
  }

  /** From the low up to the close: a stop that trails a short position follows the low first. */
  #onTheWayToTheClose(list: readonly Resting[], bar: TouchedBar): Resting | null {
    this.#follow(list, bar, 'low');
    return first(list, (one) => !one.falling && bar.close >= one.level);
  }

  /** The bar is over: trailing stops follow its best price. */
  follow(symbol: number, bar: TouchedBar): void {
    if (this.#trails[symbol] === 0) return;
    const list = this.#orders[symbol]!;
    this.#follow(list, bar, 'high');
    this.#follow(list, bar, 'low');
    this.#level(symbol);
  }

  /** Restates the orders of a symbol after a split; gives those that are less than a lot then, taken out. */
  restate(symbol: number, ratio: number, lots: Grid): ApprovedOrder[] {
    const list = this.#takeWhere(symbol, () => true);
    const gone: ApprovedOrder[] = [];
    for (const { order, level } of list) {
      const restated = order.afterSplit(ratio, lots);
      if (restated.quantity === 0) {
        gone.push(order);
        continue;
      }
      this.add(restated);
      this.#orders[symbol]!.at(-1)!.level = level / ratio;
    }
    this.#level(symbol);
    return gone;
  }

  #follow(list: readonly Resting[], bar: TouchedBar, side: 'high' | 'low'): void {
    for (const one of list) {
      const { type, trail, trailShare } = one.order.terms!;
      if (type !== 'trailing' || (side === 'high') !== one.falling) continue;
      const distance = trailShare > 0 ? trailShare * bar[side] : trail;
      one.level = one.falling ? Math.max(one.level, bar.high - distance) : Math.min(one.level, bar.low + distance);
    }
  }

  #takeWhere(symbol: number, wanted: (one: Resting) => boolean): Resting[] {
    const list = this.#orders[symbol]!;
    const taken = list.filter(wanted);
    this.#orders[symbol] = list.filter((one) => !taken.includes(one));
    this.#count -= taken.length;
    this.#level(symbol);
    return taken;
  }

  #takeOut(symbol: number, at: number): ApprovedOrder {
    const [{ order }] = this.#orders[symbol]!.splice(at, 1) as [Resting];
    this.#count -= 1;
    this.#level(symbol);
    return order;
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
  return one.falling ? one.level > other.level : one.level < other.level;
}
