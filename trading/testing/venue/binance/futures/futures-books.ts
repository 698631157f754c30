import type { Clock } from '../../../../../infra/clock.ts';
import type { Random } from '../../../../../infra/random.ts';
import { amountUnits } from '../../../../brokers/binance/asset-amount.ts';
import { ExchangeRefusal } from '../exchange-refusal.ts';
import {
  isOpen,
  type AlgoBookOrder,
  type FuturesBookOrder,
  type FuturesIncomeEntry,
  type FuturesStatus,
  type FuturesTrade,
} from './futures-order.ts';
import { readAlgo, readOrder, type Asked } from './read-asked.ts';
import { FuturesPositions } from './futures-positions.ts';

export interface FuturesBooksOptions {
  readonly symbols: readonly string[];
  readonly wallet: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Most executions of one order. */
  readonly partsMax?: number | undefined;
  /** In thousandths of what is traded. */
  readonly commission?: bigint | undefined;
  /** What a conditional order becomes has an id of the exchange's own, or goes by the id that it had. */
  readonly renames?: boolean | undefined;
  readonly onOrder: (what: string, order: FuturesBookOrder, trade: FuturesTrade | null) => void;
  readonly onAlgo: (algo: AlgoBookOrder) => void;
  /** The wallet changed: with a trade, or why it did without one. */
  readonly onBalance: (why: 'ORDER' | FuturesIncomeEntry['type']) => void;
}

const ONE = 100_000_000n;
/** Ids that a double does not hold. */
const FIRST_ID = 9_007_199_254_740_993n;
/** What a liquidation costs beyond its executions, in thousandths of what is closed. */
const CLEARANCE = 5n;

const times = (a: bigint, b: bigint): bigint => (a * b) / ONE;
const sizeOf = (units: bigint): bigint => (units < 0n ? -units : units);

/**
 * The books of an exchange of perpetual contracts: orders, conditional orders, positions, margin, funding,
 * liquidations, in exact amounts. It matches orders against the prices that it is given, and applies Binance's rules:
 * ids are unique among open orders only; what waits for a price is the algo service's, and becomes an order of another
 * id; what may only reduce is refused, or cut, where there is nothing left.
 */
export class FuturesBooks {
  readonly orders: FuturesBookOrder[] = [];
  readonly algos: AlgoBookOrder[] = [];
  readonly trades: FuturesTrade[] = [];
  readonly incomes: FuturesIncomeEntry[] = [];
  readonly prices = new Map<string, bigint>();
  readonly positions: FuturesPositions;
  readonly leverages = new Map<string, number>();
  readonly #options: FuturesBooksOptions;
  #ids = FIRST_ID;

  constructor(options: FuturesBooksOptions) {
    this.#options = options;
    this.positions = new FuturesPositions(options.wallet, this.prices);
  }

  open(symbol?: string): FuturesBookOrder[] {
    return this.orders.filter((one) => isOpen(one) && (symbol ?? one.symbol) === one.symbol);
  }

  openAlgos(symbol?: string): AlgoBookOrder[] {
    return this.algos.filter(({ status, ...one }) => status === 'NEW' && (symbol ?? one.symbol) === one.symbol);
  }

  /** The newest of an id: older ones are hidden behind it. */
  byClientId(symbol: string, id: string): FuturesBookOrder | undefined {
    return this.orders.findLast((one) => one.symbol === symbol && one.clientOrderId === id);
  }

  algoById(id: string): AlgoBookOrder | undefined {
    return this.algos.findLast(({ clientAlgoId }) => clientAlgoId === id);
  }

  held(symbol: string): bigint {
    return this.positions.get(symbol).quantity;
  }

  leverageOf = (symbol: string): number => this.leverages.get(symbol) ?? 20;

  /** What may still be opened with, by margin. */
  get available(): bigint {
    const orders = this.open().reduce((sum, one) => sum + this.#marginOf(one), 0n);
    const left = this.positions.equity - this.positions.marginAt(this.leverageOf) - orders;
    return left > 0n ? left : 0n;
  }

  #marginOf({ symbol, side, quantity, filled, limit, reduceOnly }: FuturesBookOrder): bigint {
    if (reduceOnly) return 0n;
    const left = quantity - filled;
    const held = this.held(symbol);
    const closes = side === 'BUY' ? -held : held;
    const opens = closes <= 0n ? left : left > closes ? left - closes : 0n;
    return times(opens, limit ?? this.prices.get(symbol)!) / BigInt(this.leverageOf(symbol));
  }

  /** Takes a new order. @throws ExchangeRefusal */
  submit(asked: Asked): FuturesBookOrder {
    const order = readOrder(asked, { id: this.#ids++, clock: this.#options.clock, prices: this.prices });
    if (this.open(order.symbol).some(({ clientOrderId }) => clientOrderId === order.clientOrderId)) {
      throw new ExchangeRefusal(-4116, 'ClientOrderId is duplicated.');
    }
    if (order.reduceOnly && !this.#reduces(order)) throw new ExchangeRefusal(-2022, 'ReduceOnly Order is rejected.');
    const last = this.prices.get(order.symbol)!;
    const crosses = order.limit !== null && (order.side === 'BUY' ? last <= order.limit : last >= order.limit);
    if (order.tif === 'GTX' && crosses) {
      throw new ExchangeRefusal(-5022, 'Due to the order could not be executed as maker, the order is rejected.');
    }
    if (this.#marginOf(order) > this.available) throw new ExchangeRefusal(-2019, 'Margin is insufficient.');
    this.orders.push(order);
    this.#move(order, 'NEW', 'NEW');
    if (order.tif === 'IOC' || order.tif === 'FOK') {
      this.#match(order, order.tif === 'FOK');
      if (isOpen(order)) this.#move(order, 'EXPIRED', 'EXPIRED');
    }
    return order;
  }

  #reduces({ symbol, side }: Pick<FuturesBookOrder, 'symbol' | 'side'>): boolean {
    const held = this.held(symbol);
    return side === 'BUY' ? held < 0n : held > 0n;
  }

  /** Takes a conditional order: nobody looks at margin or position before it is triggered. @throws ExchangeRefusal */
  submitAlgo(asked: Asked): AlgoBookOrder {
    const algo = readAlgo(asked, { id: this.#ids++, clock: this.#options.clock, prices: this.prices });
    if (this.openAlgos().some(({ clientAlgoId }) => clientAlgoId === algo.clientAlgoId)) {
      throw new ExchangeRefusal(-4116, 'ClientOrderId is duplicated.');
    }
    if (algo.trail === null && this.#reached(algo)) {
      throw new ExchangeRefusal(-2021, 'Order would immediately trigger.');
    }
    this.algos.push(algo);
    this.#options.onAlgo(algo);
    return algo;
  }

  /** @throws ExchangeRefusal */
  cancel(symbol: string, is: (order: FuturesBookOrder) => boolean): FuturesBookOrder {
    const order = this.open(symbol).find(is);
    if (order === undefined) throw new ExchangeRefusal(-2011, 'Unknown order sent.');
    this.#move(order, 'CANCELED', 'CANCELED');
    return order;
  }

  /** @throws ExchangeRefusal */
  cancelAlgo(id: string): AlgoBookOrder {
    const algo = this.openAlgos().find(({ clientAlgoId }) => clientAlgoId === id);
    if (algo === undefined) throw new ExchangeRefusal(-2011, 'Unknown order sent.');
    this.#moveAlgo(algo, 'CANCELED');
    return algo;
  }

  /** The market trades at `price`: what it reaches is triggered and executed, in parts. */
  trade(symbol: string, price: string): void {
    this.prices.set(symbol, amountUnits(price)!);
    this.turn();
  }

  /** Time passes: at most one execution of each order a turn; an account that cannot back its positions loses them. */
  turn(): void {
    for (const algo of this.openAlgos()) if (this.#reached(algo)) this.#trigger(algo);
    for (const order of this.open()) if (isOpen(order)) this.#match(order);
    if (this.positions.held.length > 0 && this.positions.equity <= this.positions.maintenance) this.liquidate();
  }

  /** Funding at a rate: long positions pay, short ones are paid. */
  fund(symbol: string, rate: string): void {
    const amount = -times(this.positions.valueOf(symbol), amountUnits(rate)!);
    if (amount !== 0n) this.#earn(symbol, 'FUNDING_FEE', amount);
  }

  /** Everything is closed for want of margin: orders are cancelled first. */
  liquidate(): void {
    for (const order of this.open()) this.#move(order, 'CANCELED', 'CANCELED');
    for (const algo of this.openAlgos()) this.#moveAlgo(algo, 'CANCELED');
    for (const [symbol, { quantity }] of this.positions.held) {
      const closed = this.#force(symbol, quantity, `autoclose-${this.#ids++}`);
      this.#earn(symbol, 'INSURANCE_CLEAR', -(closed * CLEARANCE) / 1000n);
    }
  }

  /** A part of a position is closed to cover what others lost. */
  deleverage(symbol: string, units: string): void {
    const held = this.held(symbol);
    const wanted = amountUnits(units)!;
    this.#force(symbol, held < 0n ? -wanted : wanted, 'adl_autoclose');
  }

  /** Closes signed units of what is held; returns their value. */
  #force(symbol: string, quantity: bigint, clientOrderId: string): bigint {
    const order: FuturesBookOrder = {
      ...{ id: this.#ids++, clientOrderId, symbol, side: quantity < 0n ? 'BUY' : 'SELL' },
      ...{ type: 'LIQUIDATION', origType: 'LIQUIDATION', tif: 'IOC', quantity: sizeOf(quantity), limit: null },
      ...{ reduceOnly: false, status: 'NEW', filled: 0n, createdMs: this.#options.clock() },
    };
    this.orders.push(order);
    this.#move(order, 'NEW', 'NEW');
    const price = this.prices.get(symbol)!;
    this.#execute(order, order.quantity, price);
    return times(sizeOf(quantity), price);
  }

  #earn(symbol: string, type: FuturesIncomeEntry['type'], amount: bigint): void {
    this.positions.wallet += amount;
    this.incomes.push({ id: this.#ids++, symbol, type, amount, timeMs: this.#options.clock() });
    this.#options.onBalance(type);
  }

  /** A stop waits for a worse price, a take-profit for a better one; a trailing stop follows the best. */
  #reached({ symbol, side, type, trigger, trail }: AlgoBookOrder): boolean {
    const last = this.prices.get(symbol)!;
    const buys = side === 'BUY';
    if (trail === null) return buys === type.startsWith('STOP') ? last >= trigger! : last <= trigger!;
    const isActive = trail.best !== null || trail.from === null || (buys ? last <= trail.from : last >= trail.from);
    if (!isActive) return false;
    if (trail.best === null || (buys ? last < trail.best : last > trail.best)) trail.best = last;
    const distance = (trail.best * trail.tenths) / 1000n;
    return buys ? last >= trail.best + distance : last <= trail.best - distance;
  }

  #trigger(algo: AlgoBookOrder): void {
    const { symbol, side, quantity, limit, reduceOnly, type, clientAlgoId, tif } = algo;
    if (reduceOnly && !this.#reduces(algo)) return this.#moveAlgo(algo, 'REJECTED');
    const id = this.#ids++;
    const order: FuturesBookOrder = {
      ...{ id, clientOrderId: this.#options.renames === false ? clientAlgoId : `triggered-${id}`, symbol, side },
      ...{ type: limit === null ? 'MARKET' : 'LIMIT', origType: type, tif, quantity, limit, reduceOnly },
      ...{ status: 'NEW', filled: 0n, createdMs: this.#options.clock() },
    };
    this.orders.push(order);
    algo.actual = order;
    // The exchange tells of the order, and the algo service of what it became, in no order.
    if (id % 2n === 0n) this.#moveAlgo(algo, 'TRIGGERED');
    this.#move(order, 'NEW', 'NEW');
    if (id % 2n !== 0n) this.#moveAlgo(algo, 'TRIGGERED');
  }

  #match(order: FuturesBookOrder, whole = false): void {
    const last = this.prices.get(order.symbol)!;
    const { limit, side } = order;
    if (limit !== null && (side === 'BUY' ? last > limit : last < limit)) return;
    const { random, partsMax = 1 } = this.#options;
    const held = sizeOf(this.held(order.symbol));
    const wanted = order.quantity - order.filled;
    const left = !order.reduceOnly ? wanted : !this.#reduces(order) ? 0n : wanted < held ? wanted : held;
    // What may only reduce ends where nothing is left.
    if (left === 0n) return this.#move(order, 'EXPIRED', 'EXPIRED');
    const parts = whole ? 1 : 1 + random.integer(partsMax);
    const part = (left / BigInt(parts) / LOT) * LOT;
    this.#execute(order, parts === 1 || part === 0n ? left : part, last);
  }

  #execute(order: FuturesBookOrder, quantity: bigint, price: bigint): void {
    const { symbol, side } = order;
    order.filled += quantity;
    this.positions.book(symbol, side === 'BUY' ? quantity : -quantity, price);
    const commission = (times(quantity, price) * (this.#options.commission ?? 0n)) / 1000n;
    this.positions.wallet -= commission;
    const base = { id: this.#ids++, order, quantity, price, commission };
    const trade = { ...base, timeMs: this.#options.clock(), cumulative: order.filled };
    this.trades.push(trade);
    this.#options.onBalance('ORDER');
    this.#move(order, order.filled === order.quantity ? 'FILLED' : 'PARTIALLY_FILLED', 'TRADE', trade);
  }

  #move(order: FuturesBookOrder, status: FuturesStatus, what: string, trade: FuturesTrade | null = null): void {
    order.status = status;
    this.#options.onOrder(what, order, trade);
    if (isOpen(order)) return;
    const algo = this.algos.find(({ actual }) => actual === order);
    if (algo !== undefined && algo.status === 'TRIGGERED') this.#moveAlgo(algo, 'FINISHED');
  }

  #moveAlgo(algo: AlgoBookOrder, status: AlgoBookOrder['status']): void {
    algo.status = status;
    this.#options.onAlgo(algo);
  }
}

/** Steps of the exchange: a thousandth of a unit. */
const LOT = 100_000n;
