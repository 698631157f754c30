import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../../../infra/clock.ts';
import { createRandom } from '../../../../infra/random.ts';
import { endWithout, send, spoil, type Answer } from '../faulty-answer.ts';
import { FaultyStream, type StreamClient } from '../faulty-stream.ts';
import { NO_FAULTS, type FaultScript } from '../stand-in-faults.ts';
import { exchangeJson } from './exchange-json.ts';
import { SpotBooks, SpotRefusal, type SpotBooksOptions } from './spot-books.ts';
import { amountFixed, reportJson, spotOrderJson, spotTradeJson, wideJson, type SpotOrder } from './spot-order.ts';

export interface BinanceStandInOptions {
  readonly clock: Clock;
  readonly seed: number;
  readonly balances?: Readonly<Record<string, string>>;
  readonly partsMax?: number;
  readonly commission?: SpotBooksOptions['commission'];
  /** How long an order, and a trade, stays hidden from whoever asks. */
  readonly shownAfterMs?: number;
  /** The venue's clock minus ours. */
  readonly skewMs?: number;
}

/** A request as it arrived. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly asked: Readonly<Record<string, string>>;
}

/** The key that the venue knows. */
export const BINANCE_KEYS = { apiKey: 'BINANCESTANDINKEY', apiSecret: 'binance-stand-in-secret' };
export const BINANCE_SYMBOLS = [
  { symbol: 'BTCUSDT', base: 'BTC', quote: 'USDT' },
  { symbol: 'ETHUSDT', base: 'ETH', quote: 'USDT' },
];
/** What a test network gives to begin with. */
export const BINANCE_BALANCES: Readonly<Record<string, string>> = { USDT: '100000', BTC: '1', ETH: '0.5', BNB: '10' };
const AHEAD_MAX_MS = 1_000;
const MOST_TRADES = 1_000;

/**
 * A Binance on the loopback that speaks its spot protocol by HTTP and WebSocket and keeps its own books. Faults come
 * from a script; the books themselves never err.
 */
export class BinanceStandIn {
  readonly books: SpotBooks;
  readonly stream: FaultyStream;
  /** Every request, in order. */
  readonly seen: SeenRequest[] = [];
  faults: FaultScript = NO_FAULTS;
  /** State of all symbols. */
  status = 'TRADING';
  /** Merged into the answers about the account. */
  account: Record<string, unknown> = {};
  /** Requests that arrive are looked at as much later. */
  holdMs = 0;
  /** What it says that was used of the weight of this minute. */
  usedWeight = 1;
  readonly #http: Server;
  readonly #options: BinanceStandInOptions;
  #turning: NodeJS.Timeout | null = null;

  private constructor(options: BinanceStandInOptions) {
    this.#options = options;
    const { balances = BINANCE_BALANCES, seed, partsMax, commission } = options;
    this.books = new SpotBooks({
      symbols: BINANCE_SYMBOLS,
      balances,
      clock: this.#now,
      random: createRandom(`binance/${seed}`),
      partsMax,
      commission,
      onEvent: (what, order, trade) => {
        const event = reportJson(order, what, trade, this.#now());
        this.stream.tell(what, wideJson({ subscriptionId: 0, event }));
      },
    });
    this.#http = createServer((request, response) => void this.#serve(request, response));
    this.stream = new FaultyStream({
      server: this.#http,
      path: '/ws-api/v3',
      faults: () => this.faults,
      onMessage: (client, text) => this.#subscribe(client, text),
      malformed: (text) => text.replace('"i":', '"was":'),
    });
    this.books.prices.set('BNBUSDT', 50_000_000_000n);
  }

  static async start(options: BinanceStandInOptions): Promise<BinanceStandIn> {
    const venue = new BinanceStandIn(options);
    await new Promise<void>((resolve) => venue.#http.listen(0, '127.0.0.1', resolve));
    return venue;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  get streamUrl(): string {
    return this.url.replace('http', 'ws');
  }

  /** From here on time passes by itself, in turns of `ms`. */
  run(ms: number): void {
    this.#turning = setInterval(() => this.books.turn(), ms);
  }

  /** Tells of something that is no order. */
  tell(event: Readonly<Record<string, unknown>>): void {
    this.stream.tell(String(event.e), wideJson({ subscriptionId: 0, event }));
  }

  async stop(): Promise<void> {
    if (this.#turning !== null) clearInterval(this.#turning);
    this.stream.close();
    this.#http.closeAllConnections();
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }

  /** Bound: the books' clock. */
  readonly #now = (): number => this.#options.clock() + (this.#options.skewMs ?? 0);

  #subscribe(client: StreamClient, text: string): void {
    const { id, method, params } = JSON.parse(text) as { id: number; method: string; params: Record<string, string> };
    const { signature, ...signed } = params;
    const said = Object.keys(signed)
      .sort()
      .map((key) => `${key}=${encodeURIComponent(signed[key]!)}`)
      .join('&');
    const why = this.#signatureWhy({ key: params.apiKey ?? '', said, signature: signature ?? '', asked: params });
    const error = why === null ? null : { code: why.code, msg: why.message };
    if (method !== 'userDataStream.subscribe.signature') return;
    client.listening = error === null;
    const answer = error === null ? { id, status: 200, result: { subscriptionId: 0 } } : { id, status: 400, error };
    client.socket.send(JSON.stringify(answer));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? '';
    const url = new URL(request.url ?? '/', 'http://venue');
    for await (const chunk of request) void chunk;
    const asked = Object.fromEntries(url.searchParams);
    this.seen.push({ method, path: url.pathname, asked });
    if (this.holdMs > 0) await new Promise((resolve) => setTimeout(resolve, this.holdMs));
    response.setHeader('x-mbx-used-weight-1m', String(this.usedWeight));
    const fault = this.faults.request(method, url.pathname);
    if (fault !== null && 'when' in fault && fault.when === 'before') return void endWithout(fault, response);
    if (fault?.kind === 'status') {
      if (fault.retryAfter !== undefined) response.setHeader('retry-after', fault.retryAfter);
      // A message may begin with Binance's own code.
      const [, code, msg] = /^(-\d+)? ?(.*)$/.exec(fault.message)!;
      return send(response, [fault.status, code === undefined ? { msg } : { code: Number(code), msg }]);
    }
    const answer = this.#answer(String(request.headers['x-mbx-apikey'] ?? ''), method, url);
    if (fault === null) return send(response, answer);
    if ('when' in fault) return void endWithout(fault, response);
    spoil(fault.kind, response, answer);
  }

  #answer(key: string, method: string, url: URL): Answer {
    try {
      const asked = Object.fromEntries(url.searchParams);
      const { signature = '' } = asked;
      const said = url.search.slice(1).replace(/&signature=.*$/, '');
      if (url.pathname in PUBLIC) return [200, wideJson(this.#public(url.pathname as keyof typeof PUBLIC, asked))];
      const why = this.#signatureWhy({ key, said, signature, asked });
      if (why !== null) throw why;
      return [200, wideJson(this.#route(method, url.pathname, asked))];
    } catch (error) {
      if (!(error instanceof SpotRefusal)) throw error;
      return [error.status, { code: error.code, msg: error.message }];
    }
  }

  #signatureWhy(said: {
    key: string;
    said: string;
    signature: string;
    asked: Record<string, string>;
  }): SpotRefusal | null {
    if (said.key !== BINANCE_KEYS.apiKey) {
      return new SpotRefusal(-2015, 'Invalid API-key, IP, or permissions for action.', 401);
    }
    const right = createHmac('sha256', BINANCE_KEYS.apiSecret).update(said.said).digest('hex');
    if (said.signature !== right) return new SpotRefusal(-1022, 'Signature for this request is not valid.');
    const timestamp = Number(said.asked.timestamp);
    const nowMs = this.#now();
    if (timestamp < nowMs + AHEAD_MAX_MS && nowMs - timestamp <= Number(said.asked.recvWindow ?? 5000)) return null;
    return new SpotRefusal(-1021, 'Timestamp for this request is outside of the recvWindow.');
  }

  #public(path: keyof typeof PUBLIC, asked: Readonly<Record<string, string>>): unknown {
    const price = (): bigint => {
      const found = this.books.prices.get(asked.symbol ?? '');
      if (found === undefined) throw new SpotRefusal(-1121, 'Invalid symbol.');
      return found;
    };
    if (path === '/api/v3/time') return { serverTime: this.#now() };
    if (path === '/api/v3/avgPrice') return { mins: 5, price: amountFixed(price()), closeTime: this.#now() };
    if (path === '/api/v3/klines') return [[this.#now(), amountFixed(price()), '0', '0', '0', '0']];
    const wanted = JSON.parse(asked.symbols ?? '[]') as string[];
    const found = BINANCE_SYMBOLS.filter(({ symbol }) => wanted.includes(symbol));
    if (found.length < wanted.length) throw new SpotRefusal(-1121, 'Invalid symbol.');
    return { symbols: found.map((one) => exchangeJson(one, this.status)) };
  }

  #route(method: string, path: string, asked: Readonly<Record<string, string>>): unknown {
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
      return open.filter(({ createdMs }) => createdMs <= this.#shownUntilMs).map(spotOrderJson);
    }
    if (path === '/api/v3/myTrades') return this.#trades(asked);
    if (path === '/api/v3/account') return this.#accountJson();
    throw new SpotRefusal(-1000, 'no such path', 404);
  }

  #submit(asked: Readonly<Record<string, string>>): unknown {
    if (this.status !== 'TRADING') throw new SpotRefusal(-1013, 'Market is closed.');
    return spotOrderJson(this.books.submit(asked));
  }

  #replace(asked: Readonly<Record<string, string>>): unknown {
    const cancelResponse = this.books.cancel(asked.symbol ?? '', asked.cancelOrigClientOrderId ?? '');
    return {
      cancelResult: 'SUCCESS',
      newOrderResult: 'SUCCESS',
      cancelResponse: spotOrderJson(cancelResponse),
      newOrderResponse: this.#submit(asked),
    };
  }

  /** Whoever asks is shown what is older than that. */
  get #shownUntilMs(): number {
    return this.#now() - (this.#options.shownAfterMs ?? 0);
  }

  #shown(order: SpotOrder | undefined): unknown {
    if (order === undefined || order.createdMs > this.#shownUntilMs)
      throw new SpotRefusal(-2013, 'Order does not exist.');
    return spotOrderJson(order);
  }

  #trades({ symbol, orderId, startTime, endTime, fromId, limit }: Readonly<Record<string, string>>): unknown {
    if (startTime !== undefined && endTime !== undefined && Number(endTime) - Number(startTime) > 86_400_000) {
      throw new SpotRefusal(-1127, 'More than 24 hours between startTime and endTime.');
    }
    return this.books.trades
      .filter(({ order, timeMs }) => order.symbol === symbol && timeMs <= this.#shownUntilMs)
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

const PUBLIC = { '/api/v3/time': 1, '/api/v3/avgPrice': 1, '/api/v3/klines': 1, '/api/v3/exchangeInfo': 1 };
