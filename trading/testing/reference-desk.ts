import type { OrderAction, PlaceOrder } from '../orders/order-request.ts';
import {
  amended,
  big,
  exact,
  onTick,
  trailOf,
  UNIT,
  restate,
  split,
  type Asked,
  type Books,
  type Plain,
  type ReferenceLimits,
} from './reference-risk.ts';
import { good, isUsable } from './reference-book.ts';
import type { ReferenceCosts } from './reference-costs.ts';
import { START_MS, type Row } from './scripted-orders.ts';

export type KillCommand = 'halt' | 'reduce' | 'flatten' | 'resume';

/** A made-up market and what is done in it: bars by symbol and hour, null where a symbol has none. */
export interface Scenario {
  readonly rows: readonly (readonly (Row | null)[])[];
  /** Finer bars inside each of them, where there are any. */
  readonly fine: readonly (readonly (readonly Row[] | null)[])[] | null;
  /** By symbol and hour. */
  readonly actions: readonly (readonly (readonly OrderAction[])[])[];
  readonly costs: ReferenceCosts;
  readonly limits: ReferenceLimits & { readonly drawdownPermille: number | null };
  readonly capital: number;
  /** Orders and cancels reach the venue twice, and what was told is told again. */
  readonly disturbed: boolean;
  /** Opens and closes after which the session is saved, and goes on in a process that restores it; null for never. */
  readonly restoredAfter: number | null;
  readonly split: { readonly hour: number; readonly ratio: number } | null;
  readonly commands: readonly { readonly hour: number; readonly command: KillCommand }[];
  readonly dividends: readonly { readonly sym: number; readonly hour: number; readonly value: number }[];
}

export interface PlainFill {
  readonly sym: number;
  readonly seq: number;
  readonly timeMs: number;
  readonly units: number;
  readonly price: bigint;
  readonly fee: bigint;
  /** The bar it was traded in, and the limit of its order: 0 where it has none. */
  readonly bar: Row;
  readonly limit: bigint;
  readonly dir: number;
}

interface Own {
  request: PlaceOrder;
  order: Plain | null;
}

/** What a strategy is shown before it acts: money, and all that is counted in units. */
export interface Shown<Money> {
  readonly cash: Money;
  readonly equity: Money;
  readonly units: string;
}

/** Rank of an order that has not been at the venue during a bar. */
export const NOT_THERE = -1;

/** What is asked of the reference, by label: placed, amended, cancelled, triggered and ended. */
export class ReferenceDesk {
  readonly fills: PlainFill[] = [];
  readonly ends = new Map<number, 'filled' | 'cancelled'>();
  readonly books: Books;
  /** Equity at each close, and the value of what is held. */
  readonly marks: { readonly equity: bigint; readonly gross: bigint }[] = [];
  readonly given: Scenario;
  readonly own: Map<string, Own>[];
  readonly closes: number[];
  pending: Plain[] = [];
  sequence = 0;
  rank = 0;
  hour = 0;
  nowMs = START_MS;
  used: number[] = [];
  /** Splits and dividends that have come into effect. */
  readonly taken = new Set<object>();
  /** Symbols that an order of the kill switch is to close. */
  readonly closing = new Set<number>();
  /** What a strategy was shown before it acted. */
  readonly shown: Shown<bigint>[] = [];

  constructor(given: Scenario) {
    this.given = given;
    const none = (): bigint[] => given.rows.map(() => 0n);
    const capital = exact(given.capital);
    const accounts = {
      cash: capital,
      equity: capital,
      peak: capital,
      state: 'run' as const,
      traded: 0n,
      held: given.rows.map(() => 0),
    };
    this.books = { ...accounts, mark: none(), reserved: none(), working: [] };
    this.own = given.rows.map(() => new Map<string, Own>());
    this.closes = given.rows.map(() => NaN);
  }

  arrive(orders: readonly Plain[], inside: { sym: number; price: bigint } | null): void {
    for (const order of orders) {
      if (!this.books.working.includes(order)) continue;
      order.atVenue = true;
      order.inside = inside?.sym === order.sym && this.given.costs.latencyMs === 0;
      const { type } = order.request;
      if (order.inside && type !== 'market' && type !== 'limit') {
        const price = inside!.price;
        if (order.dir < 0 ? order.level > price : order.level < price) order.level = price;
      }
      if (this.given.costs.latencyMs === 0) order.rank = this.rank++;
    }
  }

  /** Ends an order, what is one with it, and places what waited for it. */
  end(order: Plain, how: 'filled' | 'cancelled', over = false): void {
    const { working } = this.books;
    if (!working.includes(order)) return;
    working.splice(working.indexOf(order), 1);
    this.ends.set(order.seq, how);
    restate(this.books, order.sym);
    const { label, group } = order.request;
    const own = this.own[order.sym]!;
    if (order.own) own.delete(label);
    else this.closing.delete(order.sym);
    if (!order.own) return;
    for (const [name, one] of over ? [] : [...own]) {
      if (one.order !== null || one.request.after !== label) continue;
      own.delete(name);
      if (order.filled > 0) this.place(order.sym, one.request, Math.floor(order.filled), order.tradedAt);
      const placed = own.get(name)?.order ?? null;
      if (placed === null) this.drop(order.sym, name);
      else this.pending.push(placed);
    }
    if (how !== 'filled' || group === undefined) return;
    for (const other of [...working]) {
      if (other.sym === order.sym && other.atVenue && other.request.group === group) this.end(other, 'cancelled');
    }
  }

  drop(sym: number, label: string): void {
    const own = this.own[sym]!;
    for (const [name, { order, request }] of [...own]) {
      if (order !== null || request.after !== label) continue;
      own.delete(name);
      this.drop(sym, name);
    }
  }

  /** Position, cash and equity, and what works or waits: what a strategy sees. */
  show(sym: number): void {
    const { cash, equity, held } = this.books;
    const working = [...this.own[sym]!].map(([label, { order }]) => [label, order?.ordered ?? 0, order?.filled ?? 0]);
    this.shown.push({ cash, equity, units: JSON.stringify([held[sym], working]) });
  }

  act(sym: number, action: OrderAction, todo: (() => void)[]): void {
    const own = this.own[sym]!;
    const known = own.get(action.label);
    if (action.do === 'place') {
      if (!isUsable(action) || known !== undefined || (action.after !== undefined && !own.has(action.after))) return;
      if (action.after !== undefined) return void own.set(action.label, { request: action, order: null });
      const order = this.place(sym, action, null);
      if (order !== null) todo.push(() => this.arrive([order], null));
      return;
    }
    if (known === undefined) return;
    const { order } = known;
    if (action.do === 'cancel') {
      if (order !== null) return void todo.push(() => this.ask(order, Infinity, null));
      own.delete(action.label);
      return this.drop(sym, action.label);
    }
    const request = amended(known.request, action);
    if (request === null || !isUsable(request)) return;
    if (order === null) known.request = request;
    else this.amend(known, order, { request, units: action.units, moved: action.stop !== undefined }, todo);
  }

  /** Heard at once, or after the time that it takes. */
  ask(order: Plain, left: number, becomes: Asked['becomes']): void {
    const { latencyMs } = this.given.costs;
    const asked = { atMs: this.nowMs + latencyMs, left, becomes };
    if (latencyMs === 0) this.hear(order, asked);
    else order.coming.push(asked);
  }

  hear(order: Plain, { left, becomes }: Asked): void {
    if (!this.books.working.includes(order)) return;
    if (becomes === null) return this.end(order, 'cancelled');
    const { request, price, limit, level, reduces, decidedMs } = becomes;
    const before = order.request.type === 'limit' ? order.price : order.limit;
    const after = order.request.type === 'limit' ? price : limit;
    if (before !== after) order.fresh = true;
    Object.assign(order, { request, limit, left, reduces, decidedMs });
    if (order.rank !== NOT_THERE) order.rank = this.rank++;
    // Where the first trigger of a trailing stop is not changed, it stays where it has come to.
    if (request.type === 'trailing' && price === order.price) return;
    order.price = price;
    order.level = order.limitNow ? limit : level;
  }

  amend(
    own: Own,
    order: Plain,
    { request, units, moved }: { request: PlaceOrder; units: number | undefined; moved: boolean },
    todo: (() => void)[],
  ): void {
    const { sym } = order;
    const { exit, opening } = order;
    const asked = units ?? Math.floor(order.ordered - order.filled);
    if (this.startOf(request, asked, this.closeOf(sym)) === null) return;
    order.exit = order.opening = 0;
    restate(this.books, sym);
    const made = this.decide(sym, request, asked, this.closeOf(sym));
    if (made === null) {
      Object.assign(order, { exit, opening });
      return restate(this.books, sym);
    }
    const stays = request.type === 'trailing' && !moved;
    const { limit, left, reduces, decidedMs } = made;
    const price = stays ? order.start : made.price;
    order.start = price;
    order.onlyReduces = reduces;
    own.request = request;
    Object.assign(order, { exit: made.exit, opening: made.opening, valued: made.valued, ordered: order.filled + left });
    restate(this.books, sym);
    todo.push(() => this.ask(order, left, { request, price, limit, level: price, reduces, decidedMs }));
  }

  /** An order of the kill switch to sell or buy back what is held. */
  closeOut(sym: number): Plain {
    const held = this.books.held[sym]!;
    const side = held > 0 ? 'sell' : 'buy';
    const units = Math.abs(held);
    const request = { do: 'place', label: '', side, type: 'market', size: { units } } as const;
    this.sequence += 1;
    const order = { ...this.made(sym, request, { price: 0n, exit: 0, opening: 0, valued: 0n }), seq: this.sequence };
    Object.assign(order, { ordered: units, left: units, own: false, onlyReduces: true, reduces: true });
    this.books.working.push(order);
    return order;
  }

  /** Units that a request asks for by itself. */
  sizeOf(sym: number, request: PlaceOrder): number {
    const { size } = request;
    if (size === 'position') return Math.abs(this.books.held[sym]!);
    if ('units' in size) return size.units;
    const close = this.closeOf(sym);
    if (close === null) return 0;
    const { equity } = this.books;
    const money = 'notional' in size ? exact(size.notional) : (exact(size.equityShare) * equity) / UNIT;
    // A part of a lot is something, if it is refused in the end.
    return money > 0n ? Math.max(0.5, Number(money / this.valuedAt(request, close))) : 0;
  }

  /** The last price; null where it cannot be used. */
  closeOf(sym: number): bigint | null {
    return good(this.closes[sym]!) ? exact(this.closes[sym]!) : null;
  }

  /** The worse of a price and its own. */
  valuedAt({ limit = 0, stop = 0 }: PlaceOrder, from: bigint): bigint {
    return [from, exact(limit), exact(stop)].reduce((a, b) => (a > b ? a : b));
  }

  /** `from`: the price at which what triggers it was executed, else the last. */
  place(sym: number, request: PlaceOrder, units: number | null, from = this.closeOf(sym)): Plain | null {
    if (this.books.state === 'flatten' || this.closing.has(sym)) return null;
    const asked = units ?? this.sizeOf(sym, request);
    const order = this.decide(sym, request, asked, from);
    if (order === null) return null;
    this.sequence += 1;
    const placed = { ...order, seq: this.sequence };
    this.books.working.push(placed);
    this.own[sym]!.set(request.label, { request, order: placed });
    restate(this.books, sym);
    return placed;
  }

  /** Where an order starts to wait, 0 of a market order; null where something of it cannot be used. */
  startOf({ side, type, stop, limit, trail }: PlaceOrder, asked: number, from: bigint | null): bigint | null {
    if (from === null || !(asked > 0)) return null;
    const dir = side === 'buy' ? 1 : -1;
    if (type === 'market') return 0n;
    if (type === 'limit') return onTick(exact(limit!), dir < 0);
    const distance = trail === undefined ? 0n : trailOf(trail, from);
    const start = stop === undefined ? from + big(dir) * distance : exact(stop);
    return start > 0n ? onTick(start, dir > 0) : null;
  }

  decide(sym: number, request: PlaceOrder, asked: number, from: bigint | null): Plain | null {
    const dir = request.side === 'buy' ? 1 : -1;
    const { group, reduceOnly = false } = request;
    const price = this.startOf(request, asked, from);
    if (price === null || from === null) return null;
    const valued = this.valuedAt(request, from);
    const parts = { sym, dir, asked: Math.floor(asked), group, reduceOnly, valued };
    const { exit, opening } = split(this.books, parts, this.given.limits);
    return exit + opening === 0 ? null : this.made(sym, request, { price, exit, opening, valued });
  }

  made(
    sym: number,
    request: PlaceOrder,
    { price, exit, opening, valued }: Pick<Plain, 'price' | 'exit' | 'opening' | 'valued'>,
  ): Plain {
    const dir = request.side === 'buy' ? 1 : -1;
    const limit = request.limit === undefined ? 0n : onTick(exact(request.limit), dir < 0);
    const left = exit + opening;
    const sizes = { reduces: opening === 0, ordered: left, filled: 0, left, exit, opening, valued };
    const fresh = {
      day: NaN,
      fresh: true,
      triggered: false,
      limitNow: false,
      rank: NOT_THERE,
      inside: false,
      atVenue: false,
    };
    const paid = { due: 0n, value: 0n, charged: 0n, tradedAt: null };
    return {
      sym,
      seq: 0,
      request,
      dir,
      price,
      limit,
      level: price,
      start: price,
      placedMs: this.nowMs,
      decidedMs: this.nowMs,
      coming: [],
      own: true,
      onlyReduces: opening === 0,
      ...sizes,
      ...fresh,
      ...paid,
    };
  }
}
