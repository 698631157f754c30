import type { VenueOrder, VenuePosition } from '../../brokers/venue/request-verdict.ts';
import type { EngineEvent } from '../../effect.ts';
import type { OrderTerms } from '../../orders/order-terms.ts';
import type { DeskOptions } from '../desk-options.ts';
import type { TrackedOrder } from '../tracked-order.ts';
import type { TrackedOrders } from '../tracked-orders.ts';
import { SeenPrices } from './seen-prices.ts';
import { SwappedExits } from './swapped-exits.ts';
import { TrailSteps } from './trail-steps.ts';

type Needed = Pick<DeskOptions, 'broker' | 'instruments' | 'hours' | 'patience' | 'post' | 'note'>;

/** Orders that the session works in place of a venue that has no such ones, by the prices that it sees. */
export class EmulatedOrders {
  readonly #orders: Pick<TrackedOrders, 'working' | 'get'>;
  readonly #prices = new SeenPrices();
  readonly #exits: SwappedExits;
  readonly #trails: TrailSteps;

  constructor(options: Needed, orders: Pick<TrackedOrders, 'working' | 'get'>) {
    this.#orders = orders;
    this.#exits = new SwappedExits(options, orders, this.#prices);
    this.#trails = new TrailSteps(options, orders, this.#prices);
  }

  /** An order is on record. */
  take(tracked: TrackedOrder): void {
    const other = this.#exits.pair(tracked);
    for (const one of other === null ? [tracked] : [other, tracked]) this.#trails.take(one);
  }

  /** It has other terms from here on. */
  amended(tracked: TrackedOrder): void {
    this.#trails.take(tracked);
  }

  saw(symbol: number, quote: { readonly bid: number; readonly ask: number }, atMs: number): void {
    this.#prices.note(symbol, quote, atMs);
    this.#trails.follow(symbol);
  }

  /** What is held is worth so much there, asked for at `beganMs`: a price between two bars. */
  sawPositions(
    { positions, beganMs }: { readonly positions: readonly VenuePosition[]; readonly beganMs: number },
    symbols: ReadonlyMap<string, number>,
  ): void {
    for (const { symbol: name, quantity, value } of positions) {
      const symbol = symbols.get(name);
      if (symbol === undefined || value === undefined || quantity === 0) continue;
      const price = value / quantity;
      this.saw(symbol, { bid: price, ask: price }, beganMs);
    }
  }

  /** Our clock was put by `stepMs`. */
  clockStepped(stepMs: number): void {
    this.#prices.clockStepped(stepMs);
  }

  /** Prices are in new units. */
  split(symbol: number): void {
    this.#prices.forget(symbol);
  }

  look(nowMs: number): void {
    this.#exits.look(nowMs);
    this.#trails.look(nowMs);
  }

  /** A target waits here: to the engine it works. */
  *watched(sequence: number, nowMs: number): Generator<EngineEvent> {
    const tracked = this.#orders.get(sequence);
    if (tracked?.leaving === 'held' && !tracked.ended) yield* tracked.moves('ACCEPTED', nowMs);
  }

  /** It stays here for now. */
  waits(tracked: TrackedOrder): boolean {
    return this.#exits.waits(tracked);
  }

  /** What leaves for an order. */
  termsOf(tracked: TrackedOrder): OrderTerms | null {
    return this.#trails.leaves(tracked);
  }

  /** The venue shows its newest order. */
  shown(tracked: TrackedOrder, order: VenueOrder): void {
    this.#trails.shown(tracked, order);
  }
}
