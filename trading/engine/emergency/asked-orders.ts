import type { AskedEvent } from '../../effect.ts';
import { refused, type OrderProposal, type RefusedOrder } from '../../orders/approved-order.ts';
import type { AskedPlace } from '../../orders/asked-order.ts';
import type { PlaceOrder } from '../../orders/order-request.ts';
import type { Foreseen } from './foresee.ts';
import type { EngineParts } from '../engine-parts.ts';
import type { OrderDesk } from '../order-desk.ts';
import type { Guard } from '../position-guard.ts';

interface AskedOptions {
  readonly guard: Guard | null;
  readonly desk: OrderDesk | null;
  /** Risk is asked for an order of the kind that signals lead to. */
  readonly order: (proposal: OrderProposal) => void;
  /** What it would say to one. */
  readonly foresee: (proposal: OrderProposal) => Foreseen;
  /** What executes order `key` in parts ends with what it has; false where nothing does. */
  readonly endParent: (timeMs: number, key: number) => boolean;
}

/** When, and in which symbol. */
type At = Pick<AskedEvent, 'timeMs' | 'symbol'>;

/** Name of an order that is not placed. */
const FORESEEN = 'foreseen';

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

  /** What would become of an order that is asked for at that moment. Nothing does. */
  foresee({ timeMs, symbol }: At, order: AskedPlace): Foreseen {
    const at = { timeMs, symbol };
    const { desk, guard, foresee } = this.#options;
    const barred = this.#barred(symbol);
    if (barred !== null) return barred;
    if (guard === null && desk !== null) return desk.foresee(at, requestOf(FORESEEN, order));
    const proposal = this.#proposal(at, order);
    return 'kind' in proposal ? proposal : foresee(proposal);
  }

  #place(at: At, label: string, order: AskedPlace): void {
    const { refuse } = this.#parts;
    const { guard, desk } = this.#options;
    const barred = this.#barred(at.symbol);
    if (barred !== null) return refuse('risk', at, barred);
    if (guard === null && desk !== null) return desk.ask(at, requestOf(label, order));
    const proposal = this.#proposal(at, order);
    if ('kind' in proposal) return refuse('risk', at, proposal);
    this.#options.order(proposal);
  }

  /** Nothing is taken from outside where several share the account, or while an order is executed in parts. */
  #barred(symbol: number): RefusedOrder | null {
    const { portfolio, lanes } = this.#parts;
    const { parent } = lanes[symbol]!;
    if (portfolio.shares !== null) return refused('asked-of-several');
    return parent === 0 ? null : refused('parent-working', parent);
  }

  /** As an order of a signal: protection makes room for it and covers what it leaves. */
  #proposal(at: At, order: AskedPlace): OrderProposal | RefusedOrder {
    const { portfolio, lanes, risk } = this.#parts;
    const { working, series } = lanes[at.symbol]!;
    const held = portfolio.quantity[at.symbol]!;
    const way = order.side === 'buy' ? order.quantity : -order.quantity;
    if (order.type !== 'market' || (order.tif ?? 'gtc') !== 'gtc') return refused('asked-beside-protection');
    if (risk.state.isStopped) return refused('emergency-stop');
    if (risk.state.flattens) return refused('flattening');
    if (working !== 0) return refused('order-working', working);
    const opens = way * held >= 0 || Math.abs(way) > Math.abs(held);
    if (order.reduceOnly === true && opens) {
      return refused('nothing-to-reduce', order.quantity, way * held < 0 ? Math.abs(held) : 0);
    }
    const price = series.bars.close[series.last] ?? NaN;
    return { ...at, targetUnits: held + way, atFill: false, price };
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
