import { createRandom } from '../../../../../infra/random.ts';
import { ExchangeRefusal } from '../exchange-refusal.ts';
import { ExchangeStandIn, type ExchangeOptions, type ExchangeRequest } from '../exchange-stand-in.ts';
import { amountFixed, wideJson } from '../spot-order.ts';
import type { StreamClient } from '../../faulty-stream.ts';
import { FuturesBooks, type FuturesBooksOptions } from './futures-books.ts';
import {
  algoJson,
  algoUpdateJson,
  futuresOrderJson,
  futuresTradeJson,
  orderUpdateJson,
  type AlgoBookOrder,
  type FuturesBookOrder,
} from './futures-order.ts';

export interface FuturesStandInOptions
  extends ExchangeOptions, Partial<Pick<FuturesBooksOptions, 'wallet' | 'partsMax' | 'commission' | 'renames'>> {
  readonly seed: number;
}

export const FUTURES_SYMBOLS = ['BTCUSDT', 'ETHUSDT'];
const FUTURES_WALLET = '100000';
const MOST_TRADES = 1_000;
const TYPES = ['LIMIT', 'MARKET'];
/** Prices without a trade in the session's contracts. */
const FEE_ASSET = 'BNBUSDT';

/**
 * Binance's USD-M futures on the loopback: speaks their protocol by HTTP and WebSocket, with listen keys, and keeps its
 * own books. Faults come from a script; the books themselves never err.
 */
export class FuturesStandIn extends ExchangeStandIn {
  readonly books: FuturesBooks;
  hedges = false;
  multiAssets = false;
  /** Margin modes by symbol; they cannot be changed where `frozen` says why. */
  readonly modes = new Map<string, string>();
  frozen: ExchangeRefusal | null = null;
  /** Keys under which the account's data are told; a key that is not there has ended. */
  readonly keys = new Set<string>();
  #madeKeys = 0;

  private constructor(options: FuturesStandInOptions) {
    super(options, {
      onConnect: (client, path) => this.#greet(client, path),
      onMessage: () => undefined,
      malformed: (text) => text.replace('"i":', '"was":').replace('"aid":', '"was":'),
    });
    const { seed, wallet = FUTURES_WALLET, partsMax, commission, renames } = options;
    this.books = new FuturesBooks({
      ...{ symbols: FUTURES_SYMBOLS, wallet, clock: this.now, random: createRandom(`futures/${seed}`) },
      ...{ partsMax, commission, renames },
      onOrder: (what, order, trade) => this.#tell(what, orderUpdateJson(order, what, { trade, nowMs: this.now() })),
      onAlgo: (algo) => this.#tell('ALGO', algoUpdateJson(algo, this.now())),
      onBalance: (why) => {
        const nowMs = this.now();
        const changed = [{ a: 'USDT', wb: amountFixed(this.books.positions.wallet), cw: '0', bc: '0' }];
        this.#tell('ACCOUNT', { e: 'ACCOUNT_UPDATE', E: nowMs, T: nowMs, a: { m: why, B: changed, P: [] } });
      },
    });
    for (const symbol of FUTURES_SYMBOLS) this.books.prices.set(symbol, 10_000_000_000n);
    this.books.prices.set(FEE_ASSET, 50_000_000_000n);
  }

  static start(options: FuturesStandInOptions): Promise<FuturesStandIn> {
    return new FuturesStandIn(options).listen();
  }

  protected turn(): void {
    this.books.turn();
  }

  /** Tells of something that is no order. */
  tell(event: Readonly<Record<string, unknown>>): void {
    this.#tell(String(event.e), event);
  }

  #tell(what: string, event: Readonly<Record<string, unknown>>): void {
    this.stream.tell(what, wideJson(event));
  }

  /** The stream's keys end, as after an hour: whoever listens is told, and nothing more. */
  expireKeys(): void {
    this.keys.clear();
    this.#tell('listenKeyExpired', { e: 'listenKeyExpired', E: this.now() });
    this.stream.mute();
  }

  #greet(client: StreamClient, path: string): void {
    const key = /^\/private\/ws\/([^/?]+)$/.exec(path)?.[1] ?? '';
    client.listening = this.keys.has(key);
    if (!client.listening) client.socket.close();
  }

  protected toAnybody({ path, asked }: ExchangeRequest): unknown {
    if (!PUBLIC.has(path)) return undefined;
    if (path === '/fapi/v1/time') return { serverTime: this.now() };
    if (path === '/fapi/v1/exchangeInfo') return { symbols: FUTURES_SYMBOLS.map((one) => this.#ruleJson(one)) };
    const price = this.books.prices.get(asked.symbol ?? '');
    if (price === undefined) throw new ExchangeRefusal(-1121, 'Invalid symbol.');
    if (path === '/fapi/v1/klines') return [[this.now(), amountFixed(price), '0', '0', '0', '0']];
    return { symbol: asked.symbol, markPrice: amountFixed(price), indexPrice: amountFixed(price), time: this.now() };
  }

  #ruleJson(symbol: string): unknown {
    const base = { symbol, pair: symbol, contractType: 'PERPETUAL', status: this.status };
    return {
      ...{ ...base, baseAsset: symbol.slice(0, 3), quoteAsset: 'USDT', marginAsset: 'USDT', orderTypes: TYPES },
      filters: [
        { filterType: 'PRICE_FILTER', minPrice: '0.01', maxPrice: '1000000', tickSize: '0.01' },
        { filterType: 'LOT_SIZE', minQty: '0.001', maxQty: '9000', stepSize: '0.001' },
        { filterType: 'MARKET_LOT_SIZE', minQty: '0.001', maxQty: '500', stepSize: '0.001' },
        { filterType: 'MIN_NOTIONAL', notional: '5' },
        { filterType: 'PERCENT_PRICE', multiplierUp: '1.5', multiplierDown: '0.5', multiplierDecimal: '4' },
        { filterType: 'MAX_NUM_ORDERS', limit: 5 },
        { filterType: 'MAX_NUM_ALGO_ORDERS', limit: 3 },
      ],
    };
  }

  protected override toKeyHolder({ path, method }: ExchangeRequest): unknown {
    if (path !== '/fapi/v1/listenKey') return undefined;
    if (method === 'POST') {
      if (this.keys.size === 0) this.keys.add(`key${++this.#madeKeys}`);
      return { listenKey: [...this.keys][0] };
    }
    if (this.keys.size === 0) throw new ExchangeRefusal(-1125, 'This listenKey does not exist.');
    return {};
  }

  protected toAccount(request: ExchangeRequest): unknown {
    const { method, path, asked } = request;
    const { books } = this;
    if (path === '/fapi/v1/order') return this.#order(method, asked);
    if (path === '/fapi/v1/algoOrder') return this.#algo(method, asked);
    if (path === '/fapi/v1/openOrders') return books.open(asked.symbol).filter(this.#isShown).map(futuresOrderJson);
    if (path === '/fapi/v1/openAlgoOrders') return books.openAlgos(asked.symbol).filter(this.#isShown).map(algoJson);
    if (path === '/fapi/v1/allAlgoOrders') {
      return books.algos.filter((one) => one.symbol === asked.symbol && this.#isShown(one)).map(algoJson);
    }
    if (path === '/fapi/v1/userTrades') return this.#trades(asked);
    if (path === '/fapi/v1/income') return this.#incomes(asked);
    return this.#settings(request);
  }

  #order(method: string, asked: Readonly<Record<string, string>>): unknown {
    const { symbol = '', origClientOrderId, orderId } = asked;
    const is = (one: FuturesBookOrder): boolean =>
      orderId === undefined ? one.clientOrderId === origClientOrderId : String(one.id) === orderId;
    if (method === 'POST') {
      if (this.status !== 'TRADING') throw new ExchangeRefusal(-4140, 'Invalid symbol status for opening position.');
      return futuresOrderJson(this.books.submit(asked));
    }
    if (method === 'DELETE') return futuresOrderJson(this.books.cancel(symbol, is));
    const found = this.books.orders.findLast((one) => one.symbol === symbol && is(one));
    if (found === undefined || !this.#isShown(found)) throw new ExchangeRefusal(-2013, 'Order does not exist.');
    return futuresOrderJson(found);
  }

  #algo(method: string, asked: Readonly<Record<string, string>>): unknown {
    const { clientAlgoId = '' } = asked;
    if (method === 'POST') return algoJson(this.books.submitAlgo(asked));
    if (method === 'DELETE') {
      const { id } = this.books.cancelAlgo(clientAlgoId);
      return { algoId: id, clientAlgoId, code: '200', msg: 'success' };
    }
    const found = this.books.algoById(clientAlgoId);
    if (found === undefined || !this.#isShown(found)) throw new ExchangeRefusal(-2013, 'Order does not exist.');
    return algoJson(found);
  }

  readonly #isShown = ({ createdMs }: AlgoBookOrder | FuturesBookOrder): boolean => createdMs <= this.shownUntilMs;

  #trades({ symbol, orderId, startTime, endTime, fromId, limit }: Readonly<Record<string, string>>): unknown {
    return this.books.trades
      .filter(({ order, timeMs }) => order.symbol === symbol && timeMs <= this.shownUntilMs)
      .filter(({ order, id }) => String(order.id) === (orderId ?? String(order.id)) && id >= BigInt(fromId ?? 0))
      .filter(({ timeMs }) => timeMs >= Number(startTime ?? 0) && timeMs <= Number(endTime ?? Infinity))
      .slice(0, Math.min(MOST_TRADES, Number(limit ?? 500)))
      .map(futuresTradeJson);
  }

  #incomes({ incomeType, startTime, limit }: Readonly<Record<string, string>>): unknown {
    return this.books.incomes
      .filter(({ type, timeMs }) => type === incomeType && timeMs >= Number(startTime ?? 0))
      .filter(({ timeMs }) => timeMs <= this.shownUntilMs)
      .slice(0, Number(limit ?? 100))
      .map(({ id, symbol, type, amount, timeMs }) => {
        const base = { symbol, incomeType: type, income: amountFixed(amount), asset: 'USDT', time: timeMs };
        return { ...base, info: '', tranId: id, tradeId: '' };
      });
  }

  #settings({ method, path, asked }: ExchangeRequest): unknown {
    const { symbol = '' } = asked;
    if (path === '/fapi/v1/marginType' || path === '/fapi/v1/leverage') {
      if (method !== 'POST') throw new ExchangeRefusal(-1000, 'no such path', 404);
      if (this.frozen !== null) throw this.frozen;
      if (asked.marginType !== undefined) this.modes.set(symbol, asked.marginType);
      else this.books.leverages.set(symbol, Number(asked.leverage));
      return { code: 200, msg: 'success' };
    }
    if (path === '/fapi/v1/symbolConfig') {
      const leverage = this.books.leverageOf(symbol);
      return [{ symbol, marginType: this.modes.get(symbol) ?? 'CROSSED', isAutoAddMargin: 'false', leverage }];
    }
    if (path === '/fapi/v1/accountConfig') {
      const modes = { dualSidePosition: this.hedges, multiAssetsMargin: this.multiAssets };
      return { feeTier: 0, canTrade: true, ...modes, ...this.account };
    }
    if (path === '/fapi/v3/balance') return [{ accountAlias: 'FutA', asset: 'USDT' }];
    if (path === '/fapi/v3/positionRisk') return this.books.positions.held.map(([name]) => this.#positionJson(name));
    if (path === '/fapi/v3/account') return this.#accountJson();
    throw new ExchangeRefusal(-1000, 'no such path', 404);
  }

  #positionJson(symbol: string): unknown {
    const { positions } = this.books;
    const { quantity, cost } = positions.get(symbol);
    return {
      symbol,
      positionSide: this.hedges ? 'LONG' : 'BOTH',
      positionAmt: amountFixed(quantity),
      // With more digits than a price has.
      entryPrice: (Number(cost) / Number(quantity)).toFixed(12),
      unRealizedProfit: amountFixed(positions.profitOf(symbol)),
      liquidationPrice: amountFixed(positions.liquidationPrice(symbol)),
      notional: amountFixed(positions.valueOf(symbol)),
      maintMargin: amountFixed(positions.maintenanceOf(symbol)),
    };
  }

  #accountJson(): unknown {
    const { positions, available, leverageOf } = this.books;
    return {
      totalWalletBalance: amountFixed(positions.wallet),
      totalUnrealizedProfit: amountFixed(positions.equity - positions.wallet),
      totalMarginBalance: amountFixed(positions.equity),
      totalInitialMargin: amountFixed(positions.marginAt(leverageOf)),
      totalMaintMargin: amountFixed(positions.maintenance),
      availableBalance: amountFixed(available),
    };
  }
}

const PUBLIC: ReadonlySet<string> = new Set([
  '/fapi/v1/time',
  '/fapi/v1/exchangeInfo',
  '/fapi/v1/premiumIndex',
  '/fapi/v1/klines',
]);
