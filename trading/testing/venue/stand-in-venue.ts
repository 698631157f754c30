import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../../infra/clock.ts';
import { createRandom } from '../../../infra/random.ts';
import { VenueRefusal } from './alpaca/read-request.ts';
import { StandInBooks } from './stand-in-books.ts';
import { endWithout, send, spoil, type Answer } from './faulty-answer.ts';
import { NO_FAULTS, type FaultScript } from './stand-in-faults.ts';
import { amountOf, OPEN, orderJson, times, type StandInExecution, type StandInOrder } from './stand-in-order.ts';
import type { StandInHours } from './stand-in-market.ts';
import { StandInStream } from './stand-in-stream.ts';

export interface StandInOptions {
  readonly clock: Clock;
  readonly seed: number;
  readonly cash?: string;
  readonly partsMax?: number;
  readonly cancelMs?: number;
  /** How long an order, and an execution, stays hidden from whoever asks. */
  readonly shownAfterMs?: number;
  /** The venue's clock minus ours. */
  readonly skewMs?: number;
  /** When shares are traded; round the clock by default. */
  readonly hours?: StandInHours;
  /** A cancel out of hours is under way until the market opens. */
  readonly cancelsWait?: boolean;
}

/** A request as it arrived. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly atMs: number;
}

/** The keys that the venue knows. */
export const STAND_IN_KEYS = { keyId: 'PKSTANDIN', secretKey: 'stand-in-secret-key' };
/** A key that looks like one of a live account, of the same secret; `account` says what that account is. */
export const STAND_IN_LIVE_KEY = 'AKSTANDIN';

const PAGE_MAX = 100;
const ORDERS_MAX = 500;

/**
 * A venue on the loopback that speaks Alpaca's trading protocol by HTTP and WebSocket and keeps its own books. Faults
 * come from a script; the books themselves never err.
 */
export class StandInVenue {
  readonly books: StandInBooks;
  readonly stream: StandInStream;
  /** Every request, in order. */
  readonly seen: SeenRequest[] = [];
  faults: FaultScript = NO_FAULTS;
  /** Merged into the answers about the account. */
  account: Record<string, unknown> = {};
  readonly #http: Server;
  readonly #options: StandInOptions;
  #turning: NodeJS.Timeout | null = null;

  private constructor(options: StandInOptions) {
    this.#options = options;
    const { cash = '100000', seed, partsMax = 1, cancelMs = 0 } = options;
    this.books = new StandInBooks({
      cash,
      clock: this.#now,
      random: createRandom(`stand-in/${seed}`),
      partsMax,
      cancelMs,
      hours: options.hours,
      cancelsWait: options.cancelsWait,
      onEvent: (event, order, execution) => this.#tell(event, order, execution),
    });
    this.#http = createServer((request, response) => void this.#serve(request, response));
    this.stream = new StandInStream(this.#http, STAND_IN_KEYS, () => this.faults);
  }

  static async start(options: StandInOptions): Promise<StandInVenue> {
    const venue = new StandInVenue(options);
    await new Promise<void>((resolve) => venue.#http.listen(0, '127.0.0.1', resolve));
    return venue;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  /** From here on time passes by itself, in turns of `ms`. */
  run(ms: number): void {
    this.#turning = setInterval(() => this.books.turn(), ms);
  }

  async stop(): Promise<void> {
    if (this.#turning !== null) clearInterval(this.#turning);
    this.stream.close();
    this.#http.closeAllConnections();
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }

  /** Bound: the books' clock. */
  readonly #now = (): number => this.#options.clock() + (this.#options.skewMs ?? 0);

  #tell(event: string, order: StandInOrder, execution: StandInExecution | null): void {
    this.stream.tell(event, {
      event,
      timestamp: new Date(execution?.timeMs ?? this.#now()).toISOString(),
      ...(execution === null
        ? {}
        : {
            execution_id: execution.id,
            price: amountOf(execution.price),
            qty: amountOf(execution.qty),
            position_qty: amountOf(this.books.held(order.symbol)),
          }),
      order: orderJson(order),
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? '';
    const url = new URL(request.url ?? '/', 'http://venue');
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    this.seen.push({ method, path: url.pathname + url.search, body, atMs: this.#options.clock() });
    const asked = this.faults.request(method, url.pathname);
    if (asked?.kind === 'slow') await sleep(asked.ms);
    const fault = asked?.kind === 'slow' ? null : asked;
    if (fault !== null && 'when' in fault && fault.when === 'before') return void endWithout(fault, response);
    if (fault?.kind === 'status') {
      if (fault.retryAfter !== undefined) response.setHeader('retry-after', fault.retryAfter);
      return send(response, [fault.status, { code: fault.status * 100_000, message: fault.message }]);
    }
    const answer = this.#answer(request, { method, url, body });
    if (fault === null) return send(response, answer);
    if ('when' in fault) return void endWithout(fault, response);
    spoil(fault, response, answer);
  }

  #answer(
    request: IncomingMessage,
    { method, url, body }: { method: string; url: URL; body: Readonly<Record<string, unknown>> },
  ): Answer {
    const { 'apca-api-key-id': keyId, 'apca-api-secret-key': secretKey } = request.headers;
    if ((keyId !== STAND_IN_KEYS.keyId && keyId !== STAND_IN_LIVE_KEY) || secretKey !== STAND_IN_KEYS.secretKey) {
      return [401, { code: 40110000, message: 'request is not authorized' }];
    }
    try {
      return this.#route(method, url, body);
    } catch (error) {
      if (!(error instanceof VenueRefusal)) throw error;
      return [error.status, { code: error.code, message: error.message }];
    }
  }

  #route(method: string, { pathname, searchParams }: URL, body: Readonly<Record<string, unknown>>): Answer {
    const { books } = this;
    const id = /^\/v2\/orders\/([^/]+)$/.exec(pathname)?.[1];
    if (pathname === '/v2/orders' && method === 'POST') return [200, orderJson(books.submit(body), true)];
    if (pathname === '/v2/orders') return [200, this.#list(searchParams)];
    if (pathname === '/v2/orders:by_client_order_id') {
      return this.#shown(books.byClientId(searchParams.get('client_order_id') ?? ''));
    }
    if (id !== undefined && method === 'DELETE') {
      books.cancel(id);
      return [204, null];
    }
    if (id !== undefined && method === 'PATCH') return [200, orderJson(books.replace(id, body))];
    if (id !== undefined) return this.#shown(books.byId(id), searchParams.get('nested') === 'true');
    if (pathname === '/v2/positions') return [200, this.#positions()];
    if (pathname === '/v2/account') return [200, this.#account()];
    if (pathname === '/v2/account/activities') return [200, this.#activities(searchParams)];
    if (pathname === '/v2/clock') return [200, this.books.market.clockJson(this.#now())];
    return [404, { code: 40410000, message: 'endpoint not found' }];
  }

  /** Whoever asks is shown what is older than that. */
  get #shownUntilMs(): number {
    return this.#now() - (this.#options.shownAfterMs ?? 0);
  }

  #shown(order: StandInOrder | undefined, nested = false): Answer {
    const isShown = order !== undefined && order.createdMs <= this.#shownUntilMs;
    return isShown ? [200, orderJson(order, nested)] : [404, { code: 40410000, message: 'order not found' }];
  }

  #list(asked: URLSearchParams): unknown[] {
    const limit = Math.min(ORDERS_MAX, Number(asked.get('limit') ?? 50));
    const until = asked.get('until') === null ? Infinity : Date.parse(asked.get('until')!);
    const open = this.books.open().filter(({ createdMs }) => createdMs <= this.#shownUntilMs && createdMs < until);
    const nested = asked.get('nested') === 'true';
    const listed = open.filter((order) => isListed(order, nested));
    return listed
      .reverse()
      .slice(0, limit)
      .map((order) => orderJson(order, nested));
  }

  #positions(): unknown[] {
    return [...this.books.positions].map(([symbol, { qty, cost }]) => ({
      symbol: symbol.replace('/', ''),
      qty: amountOf(qty),
      side: qty < 0n ? 'short' : 'long',
      avg_entry_price: amountOf((cost * 1_000_000_000n) / qty),
      market_value: amountOf(times(qty, this.books.prices.get(symbol)!)),
    }));
  }

  #account(): unknown {
    const { cash, positions, prices } = this.books;
    const worth = [...positions].reduce(
      (sum, [symbol, { qty }]) => sum + (qty * prices.get(symbol)!) / 1_000_000_000n,
      0n,
    );
    const standing = { trading_blocked: false, account_blocked: false, trade_suspended_by_user: false };
    const money = {
      cash: amountOf(cash),
      equity: amountOf(cash + worth),
      buying_power: amountOf(cash),
      currency: 'USD',
    };
    return {
      id: 'stand-in',
      account_number: 'PA0',
      status: 'ACTIVE',
      shorting_enabled: true,
      ...standing,
      ...money,
      ...this.account,
    };
  }

  /** On the first page, whatever their time. */
  #coinFees(afterMs: number, token: string | null): unknown[] {
    const fees = token === null ? this.books.charges.filter(({ timeMs }) => timeMs > afterMs) : [];
    return fees.map(({ id, symbol, qty, dollars, orderId, timeMs }) => ({
      id: `${timeMs}::${id}`,
      activity_type: 'CFEE',
      date: new Date(timeMs).toISOString().slice(0, 10),
      created_at: new Date(timeMs).toISOString(),
      ...(symbol === null ? {} : { symbol: symbol.replace('/', '') }),
      ...(orderId === null ? {} : { order_id: orderId }),
      currency: 'USD',
      qty: qty === 0n ? '0' : `-${amountOf(qty)}`,
      net_amount: dollars === 0n ? '0' : `-${amountOf(dollars)}`,
      status: 'executed',
    }));
  }

  #activities(asked: URLSearchParams): unknown[] {
    const after = asked.get('after') === null ? -Infinity : Date.parse(asked.get('after')!);
    const token = asked.get('page_token');
    const types = asked.get('activity_types')?.split(',') ?? ['FILL', 'CFEE'];
    const executed = types.includes('FILL') ? this.books.executions : [];
    const fees = types.includes('CFEE') ? this.#coinFees(after, token) : [];
    const named = executed.map((one) => ({ one, name: `${one.timeMs}::${one.id}` }));
    const from = token === null ? 0 : named.findIndex(({ name }) => name === token) + 1;
    return named
      .slice(from)
      .filter(({ one }) => one.timeMs > after && one.timeMs <= this.#shownUntilMs)
      .slice(0, Math.min(PAGE_MAX, Number(asked.get('page_size') ?? PAGE_MAX)))
      .map(({ one: { order, qty, price, timeMs, cumulative }, name }) => ({
        id: name,
        activity_type: 'FILL',
        type: cumulative === order.qty ? 'fill' : 'partial_fill',
        order_id: order.id,
        symbol: order.symbol,
        side: order.side,
        qty: amountOf(qty),
        price: amountOf(price),
        cum_qty: amountOf(cumulative),
        leaves_qty: amountOf(order.qty - cumulative),
        transaction_time: new Date(timeMs).toISOString(),
      }))
      .concat(fees as never[]);
  }
}

/**
 * A leg is shown under what it hangs on. Once its entry is filled that is open no more: then the leg that works is
 * shown by itself, and the one that is held beside it is not (alpaca-trade-api-python 322).
 */
function isListed({ isLeg, entry, pair, status }: StandInOrder, nested: boolean): boolean {
  if (!isLeg) return true;
  return entry === null ? nested && !OPEN.includes(pair!.status) : entry.status === 'filled' && status !== 'held';
}
