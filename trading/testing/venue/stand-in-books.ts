import { createHash } from 'node:crypto';
import type { Clock } from '../../../infra/clock.ts';
import type { Random } from '../../../infra/random.ts';
import {
  amountOf,
  OPEN,
  parseAmount,
  times,
  type StandInExecution,
  type StandInOrder,
  type StandInStatus,
} from './stand-in-order.ts';
import { splitBooks, StandInMarket, type SplitRatio, type StandInHours } from './stand-in-market.ts';

/** A request that the venue refuses, as its API says it. */
export class VenueRefusal extends Error {
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

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
  /** Hears of everything that becomes of an order. */
  readonly onEvent: (event: string, order: StandInOrder, execution: StandInExecution | null) => void;
}

const notUnique = (): VenueRefusal => new VenueRefusal(422, 40010001, 'client_order_id must be unique');
const invalid = (what: string): VenueRefusal => new VenueRefusal(422, 42210000, `invalid ${what}`);
const zero = (value: bigint): boolean => value === 0n;
/**
 * The books of a venue: its own orders, executions, positions and cash, in exact amounts. It matches orders against the
 * prices that it is given, and applies Alpaca's rules: client ids are unique for ever, shares that an open order holds
 * are not sold twice, nothing turns a position, and an order opposite to one that works is a wash trade.
 */
export class StandInBooks {
  readonly orders: StandInOrder[] = [];
  readonly executions: StandInExecution[] = [];
  /** Fees taken in units of what is held. */
  readonly charges: { readonly id: string; readonly symbol: string; readonly qty: bigint; readonly timeMs: number }[] =
    [];
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
    const { clock } = this.#options;
    if (body.order_class === 'oco') return this.#submitPair(body, clock());
    const order = this.#read(body, clock());
    if (this.byClientId(order.clientOrderId) !== undefined) throw notUnique();
    this.#requireRoom(order);
    this.orders.push(order);
    this.#move(order, 'new', 'new');
    return order;
  }

  /** A limit, and a stop that is held beside it under a name of the venue's own. */
  #submitPair(body: Readonly<Record<string, unknown>>, nowMs: number): StandInOrder {
    const { take_profit: target, stop_loss: stop, order_class: _class, ...rest } = body;
    const limits = target as { readonly limit_price?: string } | undefined;
    const stops = stop as { readonly stop_price?: string; readonly limit_price?: string } | undefined;
    const order = this.#read({ ...rest, ...limits }, nowMs);
    const type = stops?.limit_price === undefined ? 'stop' : 'stop_limit';
    const { client_order_id: _id, ...unnamed } = rest;
    const leg: StandInOrder = { ...this.#read({ ...unnamed, ...stops, type }, nowMs), isLeg: true, pair: order };
    if (order.tif !== 'day' && order.tif !== 'gtc') throw invalid('time_in_force of an oco order');
    if (order.qty % parseAmount('1')! !== 0n) throw invalid('qty: oco orders are of whole shares');
    const side = order.side === 'sell' ? 1n : -1n;
    if (side * (order.limit! - leg.stop!) < parseAmount('0.01')!) throw invalid('stop_loss.stop_price');
    const held = this.held(order.symbol);
    if (order.side === 'sell' ? held <= 0n : held >= 0n) throw invalid('oco order: it must be an exit');
    if (this.byClientId(order.clientOrderId) !== undefined) throw notUnique();
    this.#requireRoom(order);
    order.pair = leg;
    this.orders.push(order, leg);
    this.#move(order, 'new', 'new');
    this.#move(leg, 'held', 'held');
    return order;
  }

  #read(body: Readonly<Record<string, unknown>>, nowMs: number): StandInOrder {
    const { client_order_id: id, symbol, side, type, time_in_force: tif } = body;
    if (typeof symbol !== 'string' || !this.prices.has(symbol)) throw invalid('symbol');
    if (side !== 'buy' && side !== 'sell') throw invalid('side');
    if (typeof id === 'string' && id.length > 128) throw invalid('client_order_id');
    const qty = parseAmount(body.qty);
    if (qty === null || zero(qty)) throw invalid('qty');
    const limit = parseAmount(body.limit_price);
    const stop = parseAmount(body.stop_price);
    const kind = type as StandInOrder['type'];
    if (!['market', 'limit', 'stop', 'stop_limit', 'trailing_stop'].includes(kind)) throw invalid('type');
    if (kind.includes('limit') && limit === null) throw invalid('limit_price');
    if ((kind === 'stop' || kind === 'stop_limit') && stop === null) throw invalid('stop_price');
    for (const price of [limit, stop]) this.#requireTick(price);
    const trailPrice = parseAmount(body.trail_price);
    const trailPercent = body.trail_percent === undefined ? null : Number(body.trail_percent);
    const trails = kind === 'trailing_stop';
    if (trails && trailPrice === null && trailPercent === null) throw invalid('trail_price');
    return {
      id: this.#uuid(),
      clientOrderId: typeof id === 'string' ? id : this.#uuid(),
      symbol,
      side,
      type: kind,
      tif: String(tif),
      qty,
      limit,
      stop,
      trail: trails ? { price: trailPrice, percent: trailPercent, best: this.prices.get(symbol)! } : null,
      status: 'accepted',
      filled: 0n,
      paid: 0n,
      triggered: kind === 'market' || kind === 'limit',
      createdMs: nowMs,
      replaces: null,
      replacedBy: null,
      pair: null,
      isLeg: false,
      cancelAtMs: null,
    };
  }

  #requireTick(price: bigint | null): void {
    if (price === null) return;
    const tick = parseAmount(price >= parseAmount('1')! ? '0.01' : '0.0001')!;
    if (!zero(price % tick)) throw new VenueRefusal(422, 42210000, 'sub-penny increment does not fulfill minimum');
  }

  #requireRoom({ symbol, side, qty, limit }: StandInOrder): void {
    const held = this.held(symbol);
    const open = this.open(symbol);
    if (open.some((one) => one.side !== side)) {
      throw new VenueRefusal(403, 40310000, 'potential wash trade detected. opposite side order exists');
    }
    const closes = side === 'sell' ? held > 0n : held < 0n;
    // Two that end each other hold the same shares once.
    const waiting = open.reduce((sum, one) => (one.isLeg ? sum : sum + one.qty - one.filled), 0n);
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
    for (const one of order.pair === null ? [order] : [order, order.pair]) {
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
    if (order.pair !== null) order.pair.pair = order;
    this.orders.push(order);
    this.#move(old, 'replaced', 'replaced');
    this.#move(order, order.isLeg ? 'held' : 'new', 'new');
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
      if (order.cancelAtMs !== null && order.cancelAtMs <= nowMs) this.#move(order, 'canceled', 'canceled');
      else if (this.market.hasExpired(order, nowMs)) this.#move(order, 'expired', 'expired');
      else if (this.market.trades(order.symbol, nowMs)) this.#match(order, nowMs);
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
    this.charges.push({ id: this.#uuid(), symbol, qty: taken, timeMs: this.#options.clock() });
    this.positions.get(symbol)!.qty -= taken;
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
  }
}
