import { amountText, amountUnits } from '../../../brokers/binance/asset-amount.ts';
import type { Clock } from '../../../../infra/clock.ts';
import type { Random } from '../../../../infra/random.ts';
import { ExchangeRefusal } from './exchange-refusal.ts';
import { WORKING, type SpotOrder, type SpotStatus, type SpotTrade } from './spot-order.ts';

export interface SpotSymbol {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
}

export interface SpotBooksOptions {
  readonly symbols: readonly SpotSymbol[];
  /** What the account begins with, by asset. */
  readonly balances: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly random: Random;
  /** Most executions of one order. */
  readonly partsMax?: number | undefined;
  /** In thousandths of what is received; `BNB`: of its value, in that. */
  readonly commission?: { readonly thousandths: bigint; readonly inBnb?: boolean } | undefined;
  /** Hears of everything that becomes of an order. */
  readonly onEvent: (what: string, order: SpotOrder, trade: SpotTrade | null) => void;
}

const ONE = 100_000_000n;
/** Steps of the exchange: a thousandth of a unit, a hundredth of the quote asset. */
export const LOT = 100_000n;
export const TICK = 1_000_000n;
export const LEAST_VALUE = 5n * ONE;
/** Ids that a double does not hold. */
const FIRST_ID = 9_007_199_254_740_993n;

const times = (a: bigint, b: bigint): bigint => (a * b) / ONE;
const rejected = (message: string): ExchangeRefusal => new ExchangeRefusal(-2010, message);
const filtered = (name: string): ExchangeRefusal => new ExchangeRefusal(-1013, `Filter failure: ${name}`);

/**
 * The books of a spot exchange: its own orders, trades and balances, in exact amounts. It matches orders against the
 * prices that it is given, and applies Binance's rules: client ids are unique among open orders only, so that a repeat
 * after a fill is a second order; what a resting order may take is locked; commissions are taken of what is received.
 */
export class SpotBooks {
  readonly orders: SpotOrder[] = [];
  readonly trades: SpotTrade[] = [];
  readonly prices = new Map<string, bigint>();
  /** What there is of each asset, what is locked of it included. */
  readonly balances = new Map<string, bigint>();
  readonly #options: SpotBooksOptions;
  readonly #symbols: ReadonlyMap<string, SpotSymbol>;
  #ids = FIRST_ID;

  constructor(options: SpotBooksOptions) {
    this.#options = options;
    this.#symbols = new Map(options.symbols.map((one) => [one.symbol, one]));
    for (const [asset, text] of Object.entries(options.balances)) this.balances.set(asset, amountUnits(text)!);
  }

  open(symbol?: string): SpotOrder[] {
    return this.orders.filter((one) => WORKING.includes(one.status) && (symbol ?? one.symbol) === one.symbol);
  }

  /** The newest of an id: older ones are hidden behind it. */
  byClientId(symbol: string, id: string): SpotOrder | undefined {
    return this.orders.findLast((one) => one.symbol === symbol && one.clientOrderId === id);
  }

  balance(asset: string): bigint {
    return this.balances.get(asset) ?? 0n;
  }

  locked(asset: string): bigint {
    return this.open().reduce((sum, one) => (this.#gives(one) === asset ? sum + one.locked : sum), 0n);
  }

  #gives({ symbol, side }: Pick<SpotOrder, 'symbol' | 'side'>): string {
    const { base, quote } = this.#symbols.get(symbol)!;
    return side === 'BUY' ? quote : base;
  }

  /** Takes a new order. @throws ExchangeRefusal */
  submit(asked: Readonly<Record<string, string | undefined>>): SpotOrder {
    const order = this.#read(asked);
    if (this.open(order.symbol).some(({ clientOrderId }) => clientOrderId === order.clientOrderId)) {
      throw rejected('Duplicate order sent.');
    }
    const last = this.prices.get(order.symbol)!;
    const crosses = order.limit !== null && (order.side === 'BUY' ? last <= order.limit : last >= order.limit);
    if (order.type === 'LIMIT_MAKER' && crosses) throw rejected('Order would immediately match and take.');
    if (order.stop !== null && order.trail === null && this.#reached(order, last)) {
      throw rejected('Stop price would trigger immediately.');
    }
    order.locked = order.side === 'SELL' ? order.quantity : times(order.quantity, order.limit ?? order.stop ?? last);
    const gives = this.#gives(order);
    if (this.balance(gives) - this.locked(gives) < order.locked) {
      throw rejected('Account has insufficient balance for requested action.');
    }
    this.orders.push(order);
    this.#move(order, 'NEW', 'NEW');
    if (order.tif !== 'GTC') this.#atOnce(order, last);
    return order;
  }

  #read(asked: Readonly<Record<string, string | undefined>>): SpotOrder {
    const { symbol = '', side, type = '', timeInForce: tif = 'GTC', newClientOrderId: id } = asked;
    if (!this.#symbols.has(symbol)) throw new ExchangeRefusal(-1121, 'Invalid symbol.');
    if (side !== 'BUY' && side !== 'SELL') throw new ExchangeRefusal(-1117, 'Invalid side.');
    if (id !== undefined && !/^[.A-Z:/a-z0-9_-]{1,36}$/.test(id)) {
      throw new ExchangeRefusal(-1100, "Illegal characters found in parameter 'newClientOrderId'.");
    }
    const quantity = amountUnits(asked.quantity ?? '') ?? 0n;
    const limit = asked.price === undefined ? null : amountUnits(asked.price);
    const stop = asked.stopPrice === undefined ? null : amountUnits(asked.stopPrice);
    if (quantity < LOT || quantity % LOT !== 0n) throw filtered('LOT_SIZE');
    for (const price of [limit, stop]) if (price !== null && price % TICK !== 0n) throw filtered('PRICE_FILTER');
    const last = this.prices.get(symbol)!;
    if (times(quantity, limit ?? stop ?? last) < LEAST_VALUE) throw filtered('NOTIONAL');
    const needs = {
      limit: type === 'LIMIT' || type.endsWith('LIMIT') || type === 'LIMIT_MAKER',
      stop: /STOP|TAKE/.test(type),
    };
    const trail = asked.trailingDelta === undefined ? null : { delta: BigInt(asked.trailingDelta), best: last };
    if (needs.limit !== (limit !== null) || needs.stop !== (stop !== null || trail !== null)) {
      throw new ExchangeRefusal(-1102, 'Mandatory parameter was not sent, was empty/null, or malformed.');
    }
    return {
      id: this.#ids++,
      clientOrderId: id ?? `venue-${this.#ids}`,
      symbol,
      side,
      type,
      tif: tif as SpotOrder['tif'],
      quantity,
      limit,
      stop,
      trail,
      status: 'NEW',
      filled: 0n,
      locked: 0n,
      triggered: stop === null && trail === null,
      createdMs: this.#options.clock(),
      endedBy: null,
    };
  }

  /** @throws ExchangeRefusal */
  cancel(symbol: string, clientOrderId: string): SpotOrder {
    const order = this.open(symbol).find((one) => one.clientOrderId === clientOrderId);
    if (order === undefined) throw new ExchangeRefusal(-2011, 'Unknown order sent.');
    order.endedBy = `cancel-${this.#ids++}`;
    this.#move(order, 'CANCELED', 'CANCELED');
    return order;
  }

  /** Self-trade prevention ends an order. */
  prevent(order: SpotOrder): void {
    this.#move(order, 'EXPIRED_IN_MATCH', 'TRADE_PREVENTION');
  }

  /** The market trades at `price`: orders that it reaches are executed, in parts. */
  trade(symbol: string, price: string): void {
    this.prices.set(symbol, amountUnits(price)!);
    this.turn();
  }

  /** Time passes: at most one execution of each order a turn. */
  turn(): void {
    for (const order of this.open()) this.#match(order);
  }

  /** What cannot be filled when it comes expires. */
  #atOnce(order: SpotOrder, last: bigint): void {
    this.#match(order, order.tif === 'FOK');
    if (order.filled === 0n || order.tif === 'IOC')
      if (WORKING.includes(order.status)) this.#move(order, 'EXPIRED', 'EXPIRED');
    void last;
  }

  #match(order: SpotOrder, whole = false): void {
    const last = this.prices.get(order.symbol)!;
    if (!order.triggered) order.triggered = this.#reached(order, last);
    if (!order.triggered) return;
    const { limit, side } = order;
    if (limit !== null && (side === 'BUY' ? last > limit : last < limit)) return;
    this.#execute(order, last, whole);
  }

  /** A stop waits for a worse price, a take-profit for a better one; a trailing stop follows the best. */
  #reached({ side, type, stop, trail }: SpotOrder, last: bigint): boolean {
    const buys = side === 'BUY';
    if (trail !== null) {
      if (buys ? last < trail.best : last > trail.best) trail.best = last;
      const distance = (trail.best * trail.delta) / 10_000n;
      return buys ? last >= trail.best + distance : last <= trail.best - distance;
    }
    return buys === type.startsWith('STOP') ? last >= stop! : last <= stop!;
  }

  #execute(order: SpotOrder, price: bigint, whole: boolean): void {
    const { random, partsMax = 1, clock } = this.#options;
    const left = order.quantity - order.filled;
    const parts = whole ? 1 : 1 + random.integer(partsMax);
    const part = (left / BigInt(parts) / LOT) * LOT;
    const quantity = parts === 1 || part === 0n ? left : part;
    order.filled += quantity;
    const trade = {
      id: this.#ids++,
      order,
      quantity,
      price,
      ...this.#book(order, quantity, price),
      timeMs: clock(),
      cumulative: order.filled,
    };
    this.trades.push(trade);
    this.#move(order, order.filled === order.quantity ? 'FILLED' : 'PARTIALLY_FILLED', 'TRADE', trade);
  }

  /** What was given and received, less the commission. */
  #book(order: SpotOrder, quantity: bigint, price: bigint): Pick<SpotTrade, 'commission' | 'commissionAsset'> {
    const { symbol, side } = order;
    const { base, quote } = this.#symbols.get(symbol)!;
    const value = times(quantity, price);
    const [gives, given, receives, received] =
      side === 'BUY' ? [quote, value, base, quantity] : [base, quantity, quote, value];
    this.#add(gives, -given);
    this.#add(receives, received);
    const left = order.quantity - order.filled;
    order.locked = (order.locked * left) / (left + quantity);
    const { thousandths, inBnb = false } = this.#options.commission ?? { thousandths: 0n };
    const commissionAsset = inBnb ? 'BNB' : receives;
    const commission = inBnb
      ? (((value * thousandths) / 1000n) * ONE) / this.prices.get('BNBUSDT')!
      : (received * thousandths) / 1000n;
    this.#add(commissionAsset, -commission);
    return { commission, commissionAsset };
  }

  #add(asset: string, units: bigint): void {
    this.balances.set(asset, this.balance(asset) + units);
    if (this.balance(asset) < 0n)
      throw new Error(`the venue has given ${amountText(-this.balance(asset))} ${asset} too much`);
  }

  #move(order: SpotOrder, status: SpotStatus, what: string, trade: SpotTrade | null = null): void {
    order.status = status;
    this.#options.onEvent(what, order, trade);
  }
}
