import type { OrderAction, PlaceOrder } from '../orders/order-request.ts';
import {
  amended,
  big,
  exact,
  onTick,
  restate,
  split,
  type Asked,
  type Books,
  type Plain,
  type ReferenceLimits,
} from './reference-risk.ts';
import type { ReferenceCosts } from './reference-costs.ts';
import { START_MS, type Row } from './scripted-orders.ts';

/** A made-up market and what is done in it: bars by symbol and hour, null where a symbol has none. */
export interface Scenario {
  readonly rows: readonly (readonly (Row | null)[])[];
  /** By symbol and hour. */
  readonly actions: readonly (readonly (readonly OrderAction[])[])[];
  readonly costs: ReferenceCosts;
  readonly limits: ReferenceLimits & { readonly drawdownPermille: number | null };
  readonly capital: number;
  readonly split: { readonly hour: number; readonly ratio: number } | null;
}

export interface PlainFill {
  readonly sym: number;
  readonly seq: number;
  readonly timeMs: number;
  readonly units: number;
  readonly price: bigint;
  readonly fee: bigint;
}

interface Own {
  request: PlaceOrder;
  order: Plain | null;
}

export const good = (...prices: number[]): boolean => prices.every((price) => price > 0 && price < Infinity);
const unitsOf = ({ size }: PlaceOrder): number => (size as { units: number }).units;

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
  isSplit = false;

  constructor(given: Scenario) {
    this.given = given;
    const none = (): bigint[] => given.rows.map(() => 0n);
    const capital = exact(given.capital);
    const accounts = { cash: capital, equity: capital, peak: capital, halted: false, held: given.rows.map(() => 0) };
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
    own.delete(label);
    for (const [name, one] of over ? [] : [...own]) {
      if (one.order !== null || one.request.after !== label) continue;
      own.delete(name);
      if (order.filled > 0) this.place(order.sym, one.request, Math.floor(order.filled));
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

  act(sym: number, action: OrderAction, todo: (() => void)[]): void {
    const own = this.own[sym]!;
    const known = own.get(action.label);
    if (action.do === 'place') {
      if (known !== undefined || (action.after !== undefined && !own.has(action.after))) return;
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
    if (request === null) return;
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
    if (this.startOf(sym, request, asked) === null) return;
    order.exit = order.opening = 0;
    restate(this.books, sym);
    const made = this.decide(sym, request, asked);
    if (made === null) {
      Object.assign(order, { exit, opening });
      return restate(this.books, sym);
    }
    const stays = request.type === 'trailing' && !moved;
    const { limit, left, reduces, decidedMs } = made;
    const price = stays ? order.start : made.price;
    order.start = price;
    own.request = request;
    Object.assign(order, { exit: made.exit, opening: made.opening, valued: made.valued, ordered: order.filled + left });
    restate(this.books, sym);
    todo.push(() => this.ask(order, left, { request, price, limit, level: price, reduces, decidedMs }));
  }

  place(sym: number, request: PlaceOrder, units: number | null): Plain | null {
    const asked = units ?? (request.size === 'position' ? Math.abs(this.books.held[sym]!) : unitsOf(request));
    const order = this.decide(sym, request, asked);
    if (order === null) return null;
    this.sequence += 1;
    const placed = { ...order, seq: this.sequence };
    this.books.working.push(placed);
    this.own[sym]!.set(request.label, { request, order: placed });
    restate(this.books, sym);
    return placed;
  }

  /** Where an order starts to wait, 0 of a market order; null where something of it cannot be used. */
  startOf(sym: number, { side, type, stop, limit, trail }: PlaceOrder, asked: number): bigint | null {
    const close = this.closes[sym]!;
    if (!good(close) || !(asked > 0)) return null;
    const dir = side === 'buy' ? 1 : -1;
    if (type === 'market') return 0n;
    if (type === 'limit') return onTick(exact(limit!), dir < 0);
    const distance = trail === undefined ? 0n : exact((trail as { price: number }).price);
    const start = stop === undefined ? exact(close) + big(dir) * distance : exact(stop);
    return start > 0n ? onTick(start, dir > 0) : null;
  }

  decide(sym: number, request: PlaceOrder, asked: number): Plain | null {
    const close = this.closes[sym]!;
    const dir = request.side === 'buy' ? 1 : -1;
    const { group, reduceOnly = false } = request;
    const limit = request.limit === undefined ? 0n : onTick(exact(request.limit), dir < 0);
    const price = this.startOf(sym, request, asked);
    if (price === null) return null;
    const valued = [exact(close), exact(request.limit ?? 0), exact(request.stop ?? 0)].reduce((a, b) =>
      a > b ? a : b,
    );
    const parts = { sym, dir, asked: Math.floor(asked), group, reduceOnly, valued };
    const { exit, opening } = split(this.books, parts, this.given.limits);
    const left = exit + opening;
    if (left === 0) return null;
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
    const paid = { due: 0n, value: 0n, charged: 0n };
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
      ...sizes,
      ...fresh,
      ...paid,
    };
  }
}
