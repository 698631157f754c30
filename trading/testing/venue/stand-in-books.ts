import { createHash } from 'node:crypto';
import type { Clock } from '../../../infra/clock.ts';
import type { Random } from '../../../infra/random.ts';
import { groupOf, holdsNone, readGroup, requireReplaceable, takePlace } from './alpaca/order-classes.ts';
import { invalid, readRequest, VenueRefusal, type ReadRequest } from './alpaca/read-request.ts';
import {
  amountOf,
  isArmed,
  OPEN,
  parseAmount,
  times,
  type StandInExecution,
  type StandInOrder,
  type StandInStatus,
} from './stand-in-order.ts';
import { splitBooks, StandInMarket, type SplitRatio, type StandInHours } from './stand-in-market.ts';

export interface BooksOptions {
  readonly cash: string;
  /** The venue's own clock. */
  readonly clock: Clock;
  readonly random: Random;
  /** Most executions of one order. */
  readonly partsMax?: number;
  /** How long a cancel takes. */
  readonly cancelMs?: number;
  /** When shares are traded; round the clock by default. */
  readonly hours?: StandInHours | undefined;
  /** A cancel out of hours is under way until the market opens (alpaca-trade-api-python 595). */
  readonly cancelsWait?: boolean | undefined;
  /** Hears of everything that becomes of an order. */
  readonly onEvent: (event: string, order: StandInOrder, execution: StandInExecution | null) => void;
}

/** A fee that is told apart from executions. */
interface StandInCharge {
  readonly id: string;
  readonly symbol: string | null;
  readonly qty: bigint;
  readonly dollars: bigint;
  readonly orderId: string | null;
  readonly timeMs: number;
}

const notUnique = (): VenueRefusal => new VenueRefusal(422, 40010001, 'client_order_id must be unique');
const zero = (value: bigint): boolean => value === 0n;
/**
 * The books of a venue: its own orders, executions, positions and cash, in exact amounts. It matches orders against the
 * prices that it is given, and applies Alpaca's rules: client ids are unique for ever, shares that an open order holds
 * are not sold twice, nothing turns a position, and an order opposite to one that works is a wash trade.
 */
export class StandInBooks {
  readonly orders: StandInOrder[] = [];
  readonly executions: StandInExecution[] = [];
  /** Fees taken in units of what is held, or in dollars. */
  readonly charges: StandInCharge[] = [];
  readonly prices = new Map<string, bigint>();
  readonly positions = new Map<string, { qty: bigint; cost: bigint }>();
  cash: bigint;
  readonly market: StandInMarket;
  readonly #options: BooksOptions;
  #names = 0;

  constructor(options: BooksOptions) {
    this.#options = options;
    this.market = new StandInMarket(options.hours ?? null);
    this.cash = parseAmount(options.cash)!;
  }

  /** A name that looks like one of Alpaca's. */
  #uuid(): string {
    const hex = createHash('sha256').update(`${this.#options.cash}/${++this.#names}`).digest('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
  }

  byClientId(clientOrderId: string): StandInOrder | undefined {
    return this.orders.find((order) => order.clientOrderId === clientOrderId);
  }

  byId(id: string): StandInOrder | undefined {
    return this.orders.find((order) => order.id === id);
  }

  open(symbol?: string): StandInOrder[] {
    return this.orders.filter((one) => OPEN.includes(one.status) && (symbol ?? one.symbol) === one.symbol);
  }

  held(symbol: string): bigint {
    return this.positions.get(symbol)?.qty ?? 0n;
  }

  /** Takes a new order. @throws VenueRefusal */
  submit(body: Readonly<Record<string, unknown>>): StandInOrder {
    const read: ReadRequest = (one) =>
      readRequest(one, { nowMs: this.#options.clock(), prices: this.prices, name: () => this.#uuid() });
    const { order, legs } = readGroup(body, read, {
      price: this.prices.get(String(body.symbol))!,
      held: this.held(String(body.symbol)),
    });
    if (this.byClientId(order.clientOrderId) !== undefined) throw notUnique();
    this.#requireRoom(order);
    this.orders.push(order, ...legs);
    this.#move(order, 'new', 'new');
    for (const leg of legs) this.#move(leg, 'held', 'held');
    return order;
  }

  #requireRoom({ symbol, side, qty, limit }: StandInOrder): void {
    const held = this.held(symbol);
    const open = this.open(symbol);
    // What waits for its entry is not at any exchange.
    if (open.some((one) => one.side !== side && isArmed(one))) {
      throw new VenueRefusal(403, 40310000, 'potential wash trade detected. opposite side order exists');
    }
    const closes = side === 'sell' ? held > 0n : held < 0n;
    // Two that end each other hold the same shares once.
    const waiting = open.reduce((sum, one) => (holdsNone(one) ? sum : sum + one.qty - one.filled), 0n);
    if (closes) {
      const free = (held < 0n ? -held : held) - waiting;
      if (qty <= free) return;
      const words = `insufficient qty available for order (requested: ${amountOf(qty)}, available: ${amountOf(free)})`;
      throw new VenueRefusal(403, 40310000, words);
    }
    if (side === 'sell') return;
    if (times(qty + waiting, limit ?? this.prices.get(symbol)!) > this.cash) {
      throw new VenueRefusal(403, 40310000, 'insufficient buying power');
    }
  }

  /** Asks to cancel. @throws VenueRefusal */
  cancel(id: string): void {
    const order = this.byId(id);
    if (order === undefined) throw new VenueRefusal(404, 40410000, `order not found for ${id}`);
    if (!OPEN.includes(order.status)) {
      throw new VenueRefusal(422, 42210000, `order is already in "${order.status}" state`);
    }
    for (const one of groupOf(order)) {
      if (!OPEN.includes(one.status)) continue;
      one.cancelAtMs ??= this.#options.clock() + (this.#options.cancelMs ?? 0);
      this.#move(one, 'pending_cancel', 'pending_cancel');
    }
  }

  /** Replaces an order by another of new terms. @throws VenueRefusal */
  replace(id: string, body: Readonly<Record<string, unknown>>): StandInOrder {
    const old = this.byId(id);
    if (old === undefined) throw new VenueRefusal(404, 40410000, `order not found for ${id}`);
    if (!['new', 'held', 'partially_filled'].includes(old.status)) throw invalid(`state of the order: ${old.status}`);
    requireReplaceable(old, body);
    const clientOrderId = typeof body.client_order_id === 'string' ? body.client_order_id : this.#uuid();
    if (this.byClientId(clientOrderId) !== undefined) throw notUnique();
    const order: StandInOrder = {
      ...old,
      id: this.#uuid(),
      clientOrderId,
      qty: parseAmount(body.qty) ?? old.qty,
      limit: parseAmount(body.limit_price) ?? old.limit,
      stop: parseAmount(body.stop_price) ?? old.stop,
      filled: 0n,
      paid: 0n,
      status: 'accepted',
      createdMs: this.#options.clock(),
      replaces: old.id,
    };
    old.replacedBy = order.id;
    takePlace(order, old);
    this.orders.push(order);
    const status = old.status === 'held' ? 'held' : 'new';
    this.#move(old, 'replaced', 'replaced');
    this.#move(order, status, 'new');
    return order;
  }

  /** The venue itself replaces what is left of an order by a limit order of its own, as some triggered stops are. */
  supersede(old: StandInOrder, limit: string): StandInOrder {
    const name = { id: this.#uuid(), clientOrderId: this.#uuid() };
    const terms = { type: 'limit', limit: parseAmount(limit), stop: null, triggered: true } as const;
    const left = { qty: old.qty - old.filled, filled: 0n, paid: 0n };
    const createdMs = this.#options.clock();
    const order: StandInOrder = { ...old, ...name, ...terms, ...left, createdMs, replaces: old.id };
    old.replacedBy = order.id;
    this.orders.push(order);
    this.#move(old, 'replaced', 'replaced');
    this.#move(order, 'new', 'new');
    return order;
  }

  /** The market trades at `price`: orders that it reaches are executed, in parts. */
  trade(symbol: string, price: string): void {
    this.prices.set(symbol, parseAmount(price)!);
    this.turn();
  }

  /** Time passes: what is due happens. At most one execution of each order a turn. */
  turn(): void {
    const nowMs = this.#options.clock();
    for (const order of this.open()) {
      // Another of its pair may have ended it in this turn.
      if (!OPEN.includes(order.status)) continue;
      const mayEnd = this.#options.cancelsWait !== true || this.market.trades(order, nowMs);
      if (mayEnd && order.cancelAtMs !== null && order.cancelAtMs <= nowMs) this.#move(order, 'canceled', 'canceled');
      else if (this.market.hasExpired(order, nowMs)) this.#move(order, 'expired', 'expired');
      else if (isArmed(order) && this.market.trades(order, nowMs)) this.#match(order, nowMs);
    }
  }

  #match(order: StandInOrder, nowMs: number): void {
    const last = this.prices.get(order.symbol)!;
    const buys = order.side === 'buy';
    if (!order.triggered) order.triggered = this.#reached(order, last);
    if (!order.triggered) return;
    const { limit } = order;
    if (limit !== null && (buys ? last > limit : last < limit)) return;
    this.#execute(order, last, nowMs);
  }

  /** A stop's price was traded; a trailing one follows the best price. */
  #reached(order: StandInOrder, last: bigint): boolean {
    const buys = order.side === 'buy';
    const { trail } = order;
    if (trail !== null) {
      if (buys ? last < trail.best : last > trail.best) trail.best = last;
      const share = trail.percent === null ? 0n : (trail.best * BigInt(Math.round(trail.percent * 100))) / 10_000n;
      const distance = trail.price ?? share;
      return buys ? last >= trail.best + distance : last <= trail.best - distance;
    }
    return buys ? last >= order.stop! : last <= order.stop!;
  }

  split(symbol: string, ratio: SplitRatio): void {
    splitBooks(this, symbol, ratio);
  }

  /** Takes so much of what is held as a fee. */
  charge(symbol: string, qty: string): void {
    const taken = parseAmount(qty)!;
    const of = { symbol, dollars: 0n, orderId: null };
    this.charges.push({ id: this.#uuid(), qty: taken, timeMs: this.#options.clock(), ...of });
    this.positions.get(symbol)!.qty -= taken;
  }

  /** Takes so many dollars as a fee, of an order if it says which. */
  chargeDollars(amount: string, orderId: string | null = null): void {
    const dollars = parseAmount(amount)!;
    const of = { symbol: null, qty: 0n, orderId };
    this.charges.push({ id: this.#uuid(), dollars, timeMs: this.#options.clock(), ...of });
    this.cash -= dollars;
  }

  /** The account is as it was when it was opened: of what was there nothing is left. */
  wipe(): void {
    for (const kept of [this.orders, this.executions, this.charges]) kept.length = 0;
    this.positions.clear();
    this.cash = parseAmount(this.#options.cash)!;
  }

  /** Executes so much of an order at `price`, whatever the market says. */
  fill(order: StandInOrder, qty: string, price: string): void {
    this.#fill(order, parseAmount(qty)!, { price: parseAmount(price)!, nowMs: this.#options.clock() });
  }

  #execute(order: StandInOrder, price: bigint, nowMs: number): void {
    const left = order.qty - order.filled;
    const { random, partsMax = 1 } = this.#options;
    const unit = parseAmount('1')!;
    // Whole shares where there are any: part of what is left, or all of it.
    const parts = 1 + random.integer(partsMax);
    const part = (left / BigInt(parts) / unit) * unit;
    this.#fill(order, parts === 1 || zero(part) ? left : part, { price, nowMs });
  }

  #fill(order: StandInOrder, qty: bigint, { price, nowMs }: { price: bigint; nowMs: number }): void {
    order.filled += qty;
    order.paid += times(qty, price);
    const execution = { id: this.#uuid(), order, qty, price, timeMs: nowMs, cumulative: order.filled };
    this.executions.push(execution);
    this.#book(order, qty, price);
    const whole = order.filled === order.qty;
    const status: StandInStatus = whole
      ? 'filled'
      : order.status === 'pending_cancel'
        ? order.status
        : 'partially_filled';
    this.#move(order, status, whole ? 'fill' : 'partial_fill', execution);
    this.#settlePair(order, qty);
    if (whole) this.#arm(order.legs);
  }

  /** All of their entry is filled: the first works, and what ends with it is held beside it. */
  #arm(legs: readonly StandInOrder[]): void {
    const [first] = legs;
    if (first?.entry !== null && first !== undefined) this.#move(first, 'new', 'new');
  }

  /** What is left of the other one of a pair is as much as is left of this one. */
  #settlePair({ pair, status }: StandInOrder, qty: bigint): void {
    if (pair === null || !OPEN.includes(pair.status)) return;
    if (status === 'filled') this.#move(pair, 'canceled', 'canceled');
    else pair.qty -= qty;
  }

  #book({ symbol, side }: StandInOrder, qty: bigint, price: bigint): void {
    const signed = side === 'buy' ? qty : -qty;
    const position = this.positions.get(symbol) ?? { qty: 0n, cost: 0n };
    position.qty += signed;
    position.cost += times(signed, price);
    this.cash -= times(signed, price);
    if (zero(position.qty)) this.positions.delete(symbol);
    else this.positions.set(symbol, position);
  }

  #move(order: StandInOrder, status: StandInStatus, event: string, execution: StandInExecution | null = null): void {
    order.status = status;
    this.#options.onEvent(event, order, execution);
    if (status !== 'canceled' && status !== 'expired') return;
    // Without its entry an exit has nothing to close.
    for (const leg of order.legs) if (OPEN.includes(leg.status)) this.#move(leg, 'canceled', 'canceled');
  }
}
