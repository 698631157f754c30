import type { VenueOrder } from '../venue/request-verdict.ts';
import { amountNumber } from './asset-amount.ts';
import type { BinanceOrder } from './binance-answer.ts';
import type { BinanceFills } from './binance-fills.ts';

/** Orders that are remembered. */
const ORDERS_MAX = 10_000;

interface KnownOrder {
  readonly symbol: string;
  readonly works: boolean;
  readonly isStop: boolean;
}

/** What is known of orders: their symbols, which of them work, Binance's ids and ours, and which have left before. */
export class BinanceOrders {
  readonly #fills: BinanceFills;
  readonly #known = new Map<string, KnownOrder>();
  readonly #clientIds = new Map<string, string>();
  readonly #sent = new Set<string>();

  constructor(fills: BinanceFills) {
    this.#fills = fills;
  }

  /** It is about to leave. */
  leaves(clientOrderId: string, order: Omit<KnownOrder, 'works'>): void {
    this.#sent.add(clientOrderId);
    if (this.#sent.size > ORDERS_MAX) this.#sent.delete(this.#sent.keys().next().value!);
    this.#remember(clientOrderId, { ...order, works: true });
  }

  /** It was placed before anything is known of it here. */
  recall(clientOrderId: string, order: Omit<KnownOrder, 'works'>): void {
    const works = this.#known.get(clientOrderId)?.works ?? false;
    this.#remember(clientOrderId, { ...order, works });
  }

  /** It has left before, whatever became of it. */
  hasLeft(clientOrderId: string): boolean {
    return this.#sent.has(clientOrderId);
  }

  /** It is proven that there is none. */
  forget(clientOrderId: string): void {
    this.#known.delete(clientOrderId);
  }

  symbolOf(clientOrderId: string): string | undefined {
    return this.#known.get(clientOrderId)?.symbol;
  }

  /** It waits for a price, or did; undefined where nothing is known of it. */
  isStop(clientOrderId: string): boolean | undefined {
    return this.#known.get(clientOrderId)?.isStop;
  }

  /** Binance calls an order of ours so. */
  name(pair: string, orderId: string, clientOrderId: string): void {
    this.#clientIds.set(`${pair}/${orderId}`, clientOrderId);
    if (this.#clientIds.size > ORDERS_MAX) this.#clientIds.delete(this.#clientIds.keys().next().value!);
  }

  clientIdOf(pair: string, orderId: string): string | undefined {
    return this.#clientIds.get(`${pair}/${orderId}`);
  }

  /** Orders that work in a symbol, and stops among them. */
  working(symbol: string): { readonly working: number; readonly stops: number } {
    const found = [...this.#known.values()].filter((one) => one.works && one.symbol === symbol);
    return { working: found.length, stops: found.filter(({ isStop }) => isStop).length };
  }

  /** Everything that works was listed. */
  keepListed(listed: ReadonlySet<string>): void {
    for (const [id, known] of this.#known) {
      if (known.works && !listed.has(id)) this.#known.set(id, { ...known, works: false });
    }
  }

  /** An order of `name` as Binance shows it, with what was received of it by the trades that are known. */
  shown(
    { symbol, orderId, clientOrderId, side, status, origQty, executedQty }: BinanceOrder,
    name: string,
  ): VenueOrder {
    const works = status === 'working' || status === 'pending-cancel';
    this.#remember(clientOrderId, { symbol: name, works, isStop: this.#known.get(clientOrderId)?.isStop ?? false });
    this.name(symbol, orderId, clientOrderId);
    const filled = this.#fills.received(symbol, orderId, executedQty);
    const quantity = amountNumber(origQty);
    return { venueOrderId: orderId, clientOrderId, symbol: name, side, status, quantity, filled, legs: [] };
  }

  #remember(clientOrderId: string, order: KnownOrder): void {
    this.#known.set(clientOrderId, order);
    if (this.#known.size > ORDERS_MAX) this.#known.delete(this.#known.keys().next().value!);
  }
}
