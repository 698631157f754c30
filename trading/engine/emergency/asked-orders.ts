import type { AskedEvent } from '../../effect.ts';
import { refused, type OrderProposal } from '../../orders/approved-order.ts';
import type { AskedPlace } from '../../orders/asked-order.ts';
import type { PlaceOrder } from '../../orders/order-request.ts';
import type { EngineParts } from '../engine-parts.ts';
import type { OrderDesk } from '../order-desk.ts';
import type { Guard } from '../position-guard.ts';

interface AskedOptions {
  readonly guard: Guard | null;
  readonly desk: OrderDesk | null;
  /** Risk is asked for an order of the kind that signals lead to. */
  readonly order: (proposal: OrderProposal) => void;
  /** What executes order `key` in parts ends with what it has; false where nothing does. */
  readonly endParent: (timeMs: number, key: number) => boolean;
}

/**
 * Orders that somebody outside of the session asks for: risk looks at each as at any other. Where the session
 * protects its positions by orders of its own they are taken as a signal's would be, at the next price; else as a
 * strategy's own.
 */
export class AskedOrders {
  readonly #parts: EngineParts;
  readonly #options: AskedOptions;

  constructor(parts: EngineParts, options: AskedOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  take({ timeMs, symbol, label, order }: AskedEvent): void {
    if (order.do === 'cancel') this.#cancel(timeMs, symbol, order.sequence);
    else this.#place({ timeMs, symbol }, label, order);
  }

  #place(at: { readonly timeMs: number; readonly symbol: number }, label: string, order: AskedPlace): void {
    const { portfolio, lanes, refuse } = this.#parts;
    const { guard, desk } = this.#options;
    const { parent } = lanes[at.symbol]!;
    if (portfolio.shares !== null) return refuse('risk', at, refused('asked-of-several'));
    if (parent !== 0) return refuse('risk', at, refused('parent-working', parent));
    if (guard === null && desk !== null) return desk.ask(at, requestOf(label, order));
    this.#propose(at, order);
  }

  /** As an order of a signal: protection makes room for it and covers what it leaves. */
  #propose(at: { readonly timeMs: number; readonly symbol: number }, order: AskedPlace): void {
    const { portfolio, lanes, refuse, risk } = this.#parts;
    const { working, series } = lanes[at.symbol]!;
    const held = portfolio.quantity[at.symbol]!;
    const way = order.side === 'buy' ? order.quantity : -order.quantity;
    if (order.type !== 'market' || (order.tif ?? 'gtc') !== 'gtc') {
      return refuse('risk', at, refused('asked-beside-protection'));
    }
    if (risk.state.isStopped) return refuse('risk', at, refused('emergency-stop'));
    if (risk.state.flattens) return refuse('risk', at, refused('flattening'));
    if (working !== 0) return refuse('risk', at, refused('order-working', working));
    const opens = way * held >= 0 || Math.abs(way) > Math.abs(held);
    if (order.reduceOnly === true && opens) {
      return refuse('risk', at, refused('nothing-to-reduce', order.quantity, way * held < 0 ? Math.abs(held) : 0));
    }
    const price = series.bars.close[series.last] ?? NaN;
    this.#options.order({ ...at, targetUnits: held + way, atFill: false, price });
  }

  /** What protects a position cannot be taken away by itself: it would be placed again. */
  #cancel(timeMs: number, symbol: number, sequence: number): void {
    const { orders, emit, refuse } = this.#parts;
    const { guard, endParent } = this.#options;
    const isThere = sequence >= 1 && sequence <= orders.count && !orders.isFinal(sequence);
    const of = isThere ? orders.symbolOf(sequence) : symbol;
    if (!isThere) return refuse('risk', { timeMs, symbol: of }, refused('asked-not-working', sequence));
    if (guard?.has(of, sequence) === true) {
      return refuse('risk', { timeMs, symbol: of }, refused('asked-protects', sequence));
    }
    if (!endParent(timeMs, sequence)) emit({ kind: 'cancel', timeMs, symbol: of, sequence });
  }
}

function requestOf(label: string, order: AskedPlace): PlaceOrder {
  const { side, quantity, type, limit, stop, tif, reduceOnly } = order;
  return {
    do: 'place',
    label,
    side,
    size: { units: quantity },
    type,
    ...(limit === undefined ? {} : { limit }),
    ...(stop === undefined ? {} : { stop }),
    ...(tif === undefined ? {} : { tif }),
    ...(reduceOnly === undefined ? {} : { reduceOnly }),
  };
}
