import { shapeOf } from '../../brokers/venue/capabilities.ts';
import type { VenueOrder } from '../../brokers/venue/request-verdict.ts';
import type { OrderTerms } from '../../orders/order-terms.ts';
import { priceGridOf } from '../../price-grid.ts';
import type { DeskOptions } from '../desk-options.ts';
import type { TrackedOrder } from '../tracked-order.ts';
import type { TrackedOrders } from '../tracked-orders.ts';
import type { SeenPrices } from './seen-prices.ts';

type Needed = Pick<DeskOptions, 'broker' | 'instruments' | 'hours' | 'patience'>;

/** The one of two prices that is nearer to the market for a stop of `side`: a sale stops as high as it may. */
const better = (side: 1 | -1, one: number, other: number): number =>
  side < 0 ? Math.max(one, other) : Math.min(one, other);

/**
 * Trailing stops where the venue has none, as Alpaca has none for parts of shares: a stop rests there, and is moved
 * after the best price that was seen, by a cancel and, once that is proven, another order. Each move leaves the
 * position without a stop for as long as that takes, so that it is not made for less than a share of the distance, nor
 * more often than so. A restart finds how far it has got by the stop that rests, or was cancelled last.
 */
export class TrailSteps {
  readonly #options: Needed;
  readonly #orders: Pick<TrackedOrders, 'working'>;
  readonly #prices: Pick<SeenPrices, 'for'>;

  constructor(options: Needed, orders: Pick<TrackedOrders, 'working'>, prices: Pick<SeenPrices, 'for'>) {
    this.#options = options;
    this.#orders = orders;
    this.#prices = prices;
  }

  /** An order is on record, or has other terms: where it trails from here, it begins at its first price. */
  take({ order, symbol, emulation }: TrackedOrder): void {
    const { broker, instruments } = this.#options;
    const { terms, quantity } = order;
    if (terms?.type !== 'trailing') return;
    const isOurs = broker.capabilities.dayOnly?.(shapeOf(instruments[symbol]!, Math.abs(quantity), terms)) === true;
    // One that makes way for a target leaves again where that was in vain: the venue would have it begin anew there.
    const inTurn = emulation.beside !== 0;
    if (isOurs || inTurn || emulation.trail !== null) emulation.trail = { level: terms.price, best: terms.price };
  }

  /** A price was seen. */
  follow(symbol: number): void {
    for (const { emulation, order, side, symbol: its } of this.#orders.working) {
      if (emulation.trail === null || its !== symbol) continue;
      const price = this.#prices.for(symbol, side);
      if (price === null) continue;
      const { trail } = emulation;
      trail.best = better(side, trail.best, this.#onTick(symbol, side, price + side * distanceOf(order.terms!, price)));
    }
  }

  #onTick(symbol: number, side: 1 | -1, price: number): number {
    return priceGridOf(this.#options.instruments[symbol]!)?.beside(price, side > 0) ?? price;
  }

  /** Moves what is far enough from where it is to be. */
  look(nowMs: number): void {
    const { hours, instruments, patience } = this.#options;
    for (const tracked of this.#orders.working) {
      const { emulation, side, symbol, order } = tracked;
      const { trail } = emulation;
      if (trail === null || !restsQuietly(tracked) || nowMs - tracked.tryMs < patience.trailEveryMs) continue;
      const instrument = instruments[symbol]!;
      const step = Math.max(instrument.tick, patience.trailStep * distanceOf(order.terms!, trail.level));
      // A half of a tick: two prices on the tick differ by a whole number of them.
      const isFar = -side * (trail.best - trail.level) >= step - instrument.tick / 2;
      if (isFar && !hours.isShut(instrument, nowMs)) emulation.parking = 'asked';
    }
  }

  /** What leaves for it: a stop at the best price by now. */
  leaves({ order, emulation: { trail } }: TrackedOrder): OrderTerms | null {
    const { terms } = order;
    if (terms === null || trail === null) return terms;
    trail.level = trail.best;
    return { ...terms, type: 'stop', price: trail.level, trail: 0, trailShare: 0 };
  }

  /** The venue shows its order, which is the newest that is known. */
  shown({ emulation: { trail }, side, restating }: TrackedOrder, { stop }: VenueOrder): void {
    if (trail === null || typeof stop !== 'number' || !(stop > 0) || restating !== 'none') return;
    trail.level = stop;
    trail.best = better(side, trail.best, stop);
  }
}

/** Units of price between the best price and the stop. */
const distanceOf = ({ trail, trailShare }: OrderTerms, price: number): number =>
  trailShare > 0 ? trailShare * price : trail;

/** It works at the venue, and nothing is under way with it. */
function restsQuietly({ leaving, shown, state, amend, ending, cancelWanted, emulation }: TrackedOrder): boolean {
  const isCalm = amend === 'none' && ending === null && !cancelWanted && emulation.parking !== 'asked';
  return leaving === 'sent' && shown && isCalm && (state === 'ACCEPTED' || state === 'PARTIALLY_FILLED');
}
