import { DAY_MS } from '../../../../features/timeframe.ts';
import { createRandom } from '../../../../infra/random.ts';
import type { StreamClient } from '../faulty-stream.ts';
import { exchangeJson } from './exchange-json.ts';
import { ExchangeRefusal } from './exchange-refusal.ts';
import { ExchangeStandIn, type ExchangeOptions, type ExchangeRequest } from './exchange-stand-in.ts';
import { SpotBooks, type SpotBooksOptions } from './spot-books.ts';
import { amountFixed, reportJson, spotOrderJson, spotTradeJson, wideJson, type SpotOrder } from './spot-order.ts';

export interface BinanceStandInOptions extends ExchangeOptions {
  readonly seed: number;
  readonly balances?: Readonly<Record<string, string>>;
  readonly partsMax?: number;
  readonly commission?: SpotBooksOptions['commission'];
}

export const BINANCE_SYMBOLS = [
  { symbol: 'BTCUSDT', base: 'BTC', quote: 'USDT' },
  { symbol: 'ETHUSDT', base: 'ETH', quote: 'USDT' },
];
/** What a test network gives to begin with. */
export const BINANCE_BALANCES: Readonly<Record<string, string>> = { USDT: '100000', BTC: '1', ETH: '0.5', BNB: '10' };
const MOST_TRADES = 1_000;

/**
 * A Binance on the loopback that speaks its spot protocol by HTTP and WebSocket and keeps its own books. Faults come
 * from a script; the books themselves never err.
 */
export class BinanceStandIn extends ExchangeStandIn {
  readonly books: SpotBooks;

  private constructor(options: BinanceStandInOptions) {
    super(options, {
      path: '/ws-api/v3',
      onMessage: (client, text) => this.#subscribe(client, text),
      malformed: (text) => text.replace('"i":', '"was":'),
    });
    const { balances = BINANCE_BALANCES, seed, partsMax, commission } = options;
    this.books = new SpotBooks({
      symbols: BINANCE_SYMBOLS,
      balances,
      clock: this.now,
      random: createRandom(`binance/${seed}`),
      partsMax,
      commission,
      onEvent: (what, order, trade) => {
        const event = reportJson(order, what, trade, this.now());
        this.stream.tell(what, wideJson({ subscriptionId: 0, event }));
      },
    });
    this.books.prices.set('BNBUSDT', 50_000_000_000n);
  }

  static start(options: BinanceStandInOptions): Promise<BinanceStandIn> {
    return new BinanceStandIn(options).listen();
  }

  protected turn(): void {
    this.books.turn();
  }

  /** Tells of something that is no order. */
  tell(event: Readonly<Record<string, unknown>>): void {
    this.stream.tell(String(event.e), wideJson({ subscriptionId: 0, event }));
  }

  #subscribe(client: StreamClient, text: string): void {
    const { id, method, params } = JSON.parse(text) as { id: number; method: string; params: Record<string, string> };
    const { signature, ...signed } = params;
    const said = Object.keys(signed)
      .sort()
      .map((key) => `${key}=${encodeURIComponent(signed[key]!)}`)
      .join('&');
    const why = this.signatureWhy({ key: params.apiKey ?? '', said, signature: signature ?? '', asked: params });
    const error = why === null ? null : { code: why.code, msg: why.message };
    if (method !== 'userDataStream.subscribe.signature') return;
    client.listening = error === null;
    const answer = error === null ? { id, status: 200, result: { subscriptionId: 0 } } : { id, status: 400, error };
    client.socket.send(JSON.stringify(answer));
  }

  protected toAnybody({ path, asked }: ExchangeRequest): unknown {
    if (!PUBLIC.has(path)) return undefined;
    const price = (): bigint => {
      const found = this.books.prices.get(asked.symbol ?? '');
      if (found === undefined) throw new ExchangeRefusal(-1121, 'Invalid symbol.');
      return found;
    };
    if (path === '/api/v3/time') return { serverTime: this.now() };
    if (path === '/api/v3/avgPrice') return { mins: 5, price: amountFixed(price()), closeTime: this.now() };
    if (path === '/api/v3/klines') return [[this.now(), amountFixed(price()), '0', '0', '0', '0']];
    const wanted = JSON.parse(asked.symbols ?? '[]') as string[];
    const found = BINANCE_SYMBOLS.filter(({ symbol }) => wanted.includes(symbol));
    if (found.length < wanted.length) throw new ExchangeRefusal(-1121, 'Invalid symbol.');
    return { symbols: found.map((one) => exchangeJson(one, this.status)) };
  }

  protected toAccount({ method, path, asked }: ExchangeRequest): unknown {
    const { books } = this;
    const { symbol = '', origClientOrderId = '' } = asked;
    if (path === '/api/v3/order' && method === 'POST') return this.#submit(asked);
    if (path === '/api/v3/order' && method === 'DELETE') {
      return { ...spotOrderJson(books.cancel(symbol, origClientOrderId)), clientOrderId: 'cancel', origClientOrderId };
    }
    if (path === '/api/v3/order/cancelReplace') return this.#replace(asked);
    if (path === '/api/v3/order') {
      const byId = (order: SpotOrder): boolean => order.symbol === symbol && String(order.id) === asked.orderId;
      return this.#shown(
        asked.orderId === undefined ? books.byClientId(symbol, origClientOrderId) : books.orders.find(byId),
      );
    }
    if (path === '/api/v3/openOrders') {
      const open = books.open(symbol === '' ? undefined : symbol);
      return open.filter(({ createdMs }) => createdMs <= this.shownUntilMs).map(spotOrderJson);
    }
    if (path === '/api/v3/myTrades') return this.#trades(asked);
    if (path === '/api/v3/account') return this.#accountJson();
    throw new ExchangeRefusal(-1000, 'no such path', 404);
  }

  #submit(asked: Readonly<Record<string, string>>): unknown {
    if (this.status !== 'TRADING') throw new ExchangeRefusal(-1013, 'Market is closed.');
    return spotOrderJson(this.books.submit(asked));
  }

  #replace(asked: Readonly<Record<string, string>>): unknown {
    const { symbol = '', cancelOrigClientOrderId: id = '', cancelRestrictions } = asked;
    const status = this.books.byClientId(symbol, id)?.status;
    if (cancelRestrictions === 'ONLY_NEW' && status !== 'NEW') {
      throw new ExchangeRefusal(-2022, 'Order cancel-replace failed.');
    }
    const cancelResponse = this.books.cancel(symbol, id);
    return {
      cancelResult: 'SUCCESS',
      newOrderResult: 'SUCCESS',
      cancelResponse: spotOrderJson(cancelResponse),
      newOrderResponse: this.#submit(asked),
    };
  }

  #shown(order: SpotOrder | undefined): unknown {
    if (order === undefined || order.createdMs > this.shownUntilMs)
      throw new ExchangeRefusal(-2013, 'Order does not exist.');
    return spotOrderJson(order);
  }

  #trades({ symbol, orderId, startTime, endTime, fromId, limit }: Readonly<Record<string, string>>): unknown {
    if (startTime !== undefined && endTime !== undefined && Number(endTime) - Number(startTime) > DAY_MS) {
      throw new ExchangeRefusal(-1127, 'More than 24 hours between startTime and endTime.');
    }
    return this.books.trades
      .filter(({ order, timeMs }) => order.symbol === symbol && timeMs <= this.shownUntilMs)
      .filter(({ order, id }) => String(order.id) === (orderId ?? String(order.id)) && id >= BigInt(fromId ?? 0))
      .filter(({ timeMs }) => timeMs >= Number(startTime ?? 0) && timeMs <= Number(endTime ?? Infinity))
      .slice(0, Math.min(MOST_TRADES, Number(limit ?? 500)))
      .map(spotTradeJson);
  }

  #accountJson(): unknown {
    const { books } = this;
    const balances = [...books.balances.keys()].map((asset) => {
      const locked = books.locked(asset);
      return { asset, free: amountFixed(books.balance(asset) - locked), locked: amountFixed(locked) };
    });
    return { canTrade: true, accountType: 'SPOT', uid: 7, balances, ...this.account };
  }
}

const PUBLIC: ReadonlySet<string> = new Set([
  '/api/v3/time',
  '/api/v3/avgPrice',
  '/api/v3/klines',
  '/api/v3/exchangeInfo',
]);
