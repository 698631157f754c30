import type { Instrument } from '../../../features/instrument.ts';
import type { Clock } from '../../../infra/clock.ts';
import type { RequestVerdict, VenueAccount, VenueExecution, VenueOrder } from '../venue/request-verdict.ts';
import type { LookUpAnswer, OutgoingOrder, VenueBeginning, VenueBroker, VenueMessage } from '../venue/venue-broker.ts';
import { BinanceAccount } from './binance-account.ts';
import { BINANCE_ANSWERS, garbled, readAnswer, type BinanceOrder, type BinanceReport } from './binance-answer.ts';
import { binanceCapabilities } from './binance-capabilities.ts';
import { BinanceClient, type BinanceTradingSettings } from './binance-client.ts';
import { BinanceFills, executionOf, type Pair } from './binance-fills.ts';
import { BinanceMarkets } from './binance-markets.ts';
import { BinanceOrders } from './binance-orders.ts';
import { binanceRequest, type Parameters } from './binance-request.ts';
import type { MarketNow } from './checked-order.ts';
import { tradesSince } from './binance-trades.ts';
import { listenToBinance, type ListenOptions } from './binance-updates.ts';
import { isAbsence, verdictOf } from './binance-verdict.ts';

/** Up to so many symbols, asking for the open orders of each weighs less than asking for all. */
const EACH_MAX = 13;

/** Of an order that was filled in part since, the whole would be placed again. */
const UNTOUCHED = { cancelRestrictions: 'ONLY_NEW' };
const ORDER_PATH = 'api/v3/order';
const notSupported = (words: string): RequestVerdict => ({ result: 'refused', name: 'not-supported', words });

/** Binance's spot market through its SDK: orders by REST, what becomes of them by the WebSocket API. */
export class BinanceBroker implements VenueBroker {
  readonly name = 'binance';
  readonly capabilities;
  readonly client: BinanceClient;
  readonly #settings: BinanceTradingSettings;
  readonly #clock: Clock;
  readonly #stream: Pick<ListenOptions, 'pingMs' | 'pongMs'>;
  readonly #markets: BinanceMarkets;
  readonly #account: BinanceAccount;
  readonly #fills = new BinanceFills();
  readonly #orders = new BinanceOrders(this.#fills);

  constructor(
    settings: BinanceTradingSettings,
    { clock, stream = {} }: { readonly clock: Clock; readonly stream?: Pick<ListenOptions, 'pingMs' | 'pongMs'> },
  ) {
    this.client = new BinanceClient(settings, clock);
    this.#settings = settings;
    this.#clock = clock;
    this.#stream = stream;
    this.#markets = new BinanceMarkets(this.client, clock);
    this.#account = new BinanceAccount(this.client, settings.apiKey);
    // It leaves within the deadline, is taken up within the window, and shown within another.
    this.capabilities = binanceCapabilities(this.client.deadlineMs + 2 * this.client.recvWindowMs);
  }

  async prepare(instruments: readonly Instrument[], begun: VenueBeginning | null): Promise<VenueBeginning> {
    const ruled = await this.#markets.prepare(instruments);
    const held = await this.#account.prepare(this.#markets.pairs, begun?.held ?? null);
    return begun ?? { instruments: ruled, held };
  }

  async submit(order: OutgoingOrder): Promise<RequestVerdict> {
    const market = await this.#marketOf(order);
    if ('result' in market) return market;
    const request = binanceRequest(order, this.capabilities, market);
    if ('why' in request) return notSupported(request.why);
    const { clientOrderId, terms } = order;
    // Ids are unique among open orders only: what was sent before is looked up, whatever was proven of it.
    if (this.#orders.hasLeft(clientOrderId)) {
      const found = await this.find(clientOrderId);
      if (found.found === 'order') {
        return {
          result: 'refused',
          name: 'duplicate-id',
          words: 'it was sent before, and is there',
          order: found.order,
        };
      }
      if (found.found === 'unreadable') {
        return { result: 'unknown', name: 'timed-out', words: 'it was sent before, and cannot be looked up' };
      }
    }
    const isStop = terms !== null && terms.type !== 'limit';
    this.#orders.leaves(clientOrderId, { symbol: order.instrument.symbol, isStop });
    const verdict = await this.#place(order, request.body);
    if (verdict.name !== 'would-trigger' || terms?.type !== 'stop') return verdict;
    // The stop's price was passed before it was there: what it was to become is sent.
    const instead = binanceRequest({ ...order, terms: null }, this.capabilities, market);
    return 'why' in instead ? verdict : this.#place(order, instead.body);
  }

  async cancel(clientOrderId: string): Promise<RequestVerdict> {
    let verdict: RequestVerdict = { result: 'refused', name: 'not-found', words: 'no symbol of the session has it' };
    for (const { name, pair } of this.#marketsOf(clientOrderId)) {
      try {
        const params = { symbol: pair, origClientOrderId: clientOrderId };
        const ask = { lane: 'cancel', method: 'delete', path: ORDER_PATH, weight: 1, signed: true, params } as const;
        const text = await this.client.text(ask);
        const ended = readAnswer(BINANCE_ANSWERS.cancelled, text, 'a cancel');
        const isIt = ended.symbol === pair && ended.origClientOrderId === clientOrderId;
        if (!isIt) throw garbled('a cancel', 'it is of another order');
        const order = await this.#shown({ ...ended, clientOrderId: ended.origClientOrderId }, name);
        return { result: 'accepted', name: 'accepted', words: '', order };
      } catch (error) {
        verdict = verdictOf(error, 'cancel');
        if (verdict.name !== 'not-cancelable') return verdict;
      }
    }
    return verdict;
  }

  /** Cancels one and places the other: where only one of both came about, the outcome is not known. */
  async amend(clientOrderId: string, by: OutgoingOrder): Promise<RequestVerdict> {
    const market = await this.#marketOf(by);
    if ('result' in market) return market;
    const request = binanceRequest(by, this.capabilities, { ...market, working: 0, stops: 0 });
    if ('why' in request) return notSupported(request.why);
    this.#orders.leaves(by.clientOrderId, { symbol: by.instrument.symbol, isStop: false });
    const params = {
      ...request.body,
      cancelReplaceMode: 'STOP_ON_FAILURE',
      cancelOrigClientOrderId: clientOrderId,
      ...UNTOUCHED,
    };
    const path = `${ORDER_PATH}/cancelReplace`;
    try {
      const text = await this.client.text({
        lane: 'order',
        method: 'post',
        path,
        weight: 1,
        signed: true,
        places: true,
        params,
      });
      const { newOrderResponse: order } = readAnswer(BINANCE_ANSWERS.replaced, text, 'an amendment');
      this.#requireSent(order, by);
      return { result: 'accepted', name: 'accepted', words: '', order: await this.#shown(order, by.instrument.symbol) };
    } catch (error) {
      return verdictOf(error, 'amend');
    }
  }

  async find(clientOrderId: string): Promise<LookUpAnswer> {
    try {
      for (const { name, pair } of this.#marketsOf(clientOrderId)) {
        const order = await this.#lookUp(pair, clientOrderId);
        if (order !== null) return { found: 'order', order: await this.#shown(order, name) };
      }
      return { found: 'absent' };
    } catch {
      return { found: 'unreadable' };
    }
  }

  async openOrders(): Promise<readonly VenueOrder[]> {
    await this.#markets.refresh();
    const { pairs } = this.#markets;
    const path = 'api/v3/openOrders';
    const what = 'the open orders';
    const found: BinanceOrder[] = [];
    if (pairs.length > EACH_MAX) {
      found.push(...(await this.client.read(what, BINANCE_ANSWERS.orders, { path, weight: 80, signed: true })));
    } else {
      for (const { pair: symbol } of pairs) {
        const ask = { path, weight: 6, signed: true, params: { symbol } };
        const open = await this.client.read(what, BINANCE_ANSWERS.orders, ask);
        if (open.some((order) => order.symbol !== symbol)) throw garbled(what, 'there are others among them');
        found.push(...open);
      }
    }
    this.#orders.keepListed(new Set(found.map(({ clientOrderId }) => clientOrderId)));
    return found.flatMap((order) => {
      const pair = this.#markets.pairOf(order.symbol);
      return pair === null ? [] : [this.#orders.shown(order, pair.name)];
    });
  }

  async positions(): ReturnType<VenueBroker['positions']> {
    const held = await this.#account.positions(this.#markets.pairs);
    return held.map(({ symbol, quantity }) => ({ symbol, quantity, price: this.#markets.averageOf(symbol) }));
  }

  account(): Promise<VenueAccount> {
    return this.#account.read();
  }

  async executionsSince(sinceMs: number): Promise<readonly VenueExecution[]> {
    const theirsMs = this.#clock() + (await this.client.offsetMs());
    const found: VenueExecution[] = [];
    for (const pair of this.#markets.pairs) {
      for (const fill of await tradesSince(this.client, pair, { sinceMs, untilMs: theirsMs })) {
        this.#fills.note(fill, pair);
        const worth = await this.#markets.worthOf(fill.commissionAsset, pair, fill.timeMs);
        const clientOrderId = await this.#clientIdOf(pair, fill.orderId);
        found.push(executionOf({ ...fill, clientOrderId }, pair, worth));
      }
    }
    return found.sort((a, b) => a.timeMs - b.timeMs);
  }

  clockOffsetMs(): Promise<number> {
    return this.client.measureOffset('query');
  }

  async listen(onMessage: (message: VenueMessage) => void, signal: AbortSignal): Promise<string> {
    let offsetMs: number;
    try {
      // A refused subscription says of no offset that it is old: where our clock was put, none would ever be taken.
      offsetMs = await this.client.measureOffset('query');
    } catch (error) {
      return (error as Error).message;
    }
    const { apiKey, apiSecret, tradingStreamUrl: url } = this.#settings;
    return listenToBinance({
      apiKey,
      apiSecret,
      url,
      recvWindowMs: this.client.recvWindowMs,
      venueMs: () => this.#clock() + offsetMs,
      ...this.#stream,
      signal,
      onOpened: () => onMessage({ kind: 'opened' }),
      onDoubt: (words) => onMessage({ kind: 'unreadable', words }),
      onReport: (report) => {
        for (const message of this.#messagesOf(report)) onMessage(message);
      },
    });
  }

  #messagesOf(report: BinanceReport): VenueMessage[] {
    const pair = this.#markets.pairOf(report.s);
    if (pair === null) return [];
    const { i: orderId, z: executed, t: tradeId, l: quantity, L: price, n: commission, N: asset, T: timeMs } = report;
    // A cancel has an id of its own; that of the order stands beside it.
    const clientOrderId = report.C === undefined || report.C === null || report.C === '' ? report.c : report.C;
    const shown = { symbol: report.s, orderId, clientOrderId, side: report.S, status: report.X };
    const plain = (): VenueOrder =>
      this.#orders.shown({ ...shown, origQty: report.q, executedQty: executed }, pair.name);
    if (report.x !== 'TRADE') return [{ kind: 'order', order: plain() }];
    if (!tradeId || !quantity || !price || !timeMs) {
      return [
        { kind: 'unreadable', words: 'an execution without number, price or quantity' },
        { kind: 'order', order: plain() },
      ];
    }
    const fill = { symbol: report.s, tradeId, orderId, clientOrderId, side: report.S, quantity, price };
    const whole = { ...fill, commission: commission ?? 0n, commissionAsset: asset ?? '', timeMs };
    const worth = whole.commission === 0n ? 0 : this.#markets.knownWorth(whole.commissionAsset, pair);
    if (worth === null) {
      const words = `a commission in ${whole.commissionAsset}, whose worth is not known yet`;
      return [
        { kind: 'unreadable', words },
        { kind: 'order', order: plain() },
      ];
    }
    this.#fills.note(whole, pair);
    return [{ kind: 'execution', execution: executionOf(whole, pair, worth), order: plain() }];
  }

  /** The answer is about the order that was sent. */
  #requireSent({ clientOrderId, symbol, side }: BinanceOrder, sent: OutgoingOrder): void {
    const isIt = clientOrderId === sent.clientOrderId && side === sent.side;
    if (!isIt || this.#markets.pairOf(symbol)?.name !== sent.instrument.symbol)
      throw garbled('an order', 'it is of another order');
  }

  async #place(sent: OutgoingOrder, params: Parameters): Promise<RequestVerdict> {
    const ask = {
      lane: 'order',
      method: 'post',
      path: ORDER_PATH,
      weight: 1,
      signed: true,
      places: true,
      params,
    } as const;
    try {
      const order = readAnswer(BINANCE_ANSWERS.order, await this.client.text(ask), 'an order');
      this.#requireSent(order, sent);
      const shown = this.#orders.shown(order, sent.instrument.symbol);
      return { result: 'accepted', name: 'accepted', words: '', order: shown };
    } catch (error) {
      const verdict = verdictOf(error, 'submit');
      if (verdict.result === 'refused') this.#orders.forget(sent.clientOrderId);
      if (verdict.name === 'market-closed') this.#markets.doubt();
      return verdict;
    }
  }

  /** What is known of the market of an order; a verdict where that is not enough for it to leave. */
  async #marketOf({ instrument: { symbol } }: OutgoingOrder): Promise<MarketNow | RequestVerdict> {
    try {
      const { rules, average } = await this.#markets.now(symbol);
      if (rules.status === 'TRADING') return { rules, average, ...this.#orders.working(symbol) };
      const words = `${rules.symbol} is ${rules.status} at Binance: no order is taken`;
      return { result: 'not-processed', name: 'market-closed', words, retryAfterMs: this.#markets.refreshMs };
    } catch (error) {
      return { result: 'not-processed', name: 'not-sent', words: (error as Error).message };
    }
  }

  /** Null where Binance says that there is none of this id. */
  async #lookUp(symbol: string, clientOrderId: string): Promise<BinanceOrder | null> {
    const params = { symbol, origClientOrderId: clientOrderId };
    try {
      const ask = { lane: 'query', method: 'get', path: ORDER_PATH, weight: 4, signed: true, params } as const;
      const order = readAnswer(BINANCE_ANSWERS.order, await this.client.text(ask), 'an order');
      const isIt = order.clientOrderId === clientOrderId && order.symbol === symbol;
      if (!isIt) throw garbled('an order', 'it is another one');
      return order;
    } catch (error) {
      if (isAbsence(error)) return null;
      throw error;
    }
  }

  /** Our id of an order, which trades do not say. */
  async #clientIdOf({ pair: symbol, name }: Pair & { readonly pair: string }, orderId: string): Promise<string> {
    const known = this.#orders.clientIdOf(symbol, orderId);
    if (known !== undefined) return known;
    const ask = { path: ORDER_PATH, weight: 4, signed: true, params: { symbol, orderId } };
    const order = await this.client.read('an order', BINANCE_ANSWERS.order, ask);
    if (order.orderId !== orderId || order.symbol !== symbol) throw garbled('an order', 'it is another one');
    return this.#orders.shown(order, name).clientOrderId;
  }

  /** An order as it stands, once every trade of a purchase is known: by them it is told what was received. */
  async #shown(order: BinanceOrder, name: string): Promise<VenueOrder> {
    const { symbol, orderId, side, executedQty } = order;
    if (side > 0 && !this.#fills.isWhole(symbol, orderId, executedQty)) {
      const pair = this.#markets.pairOf(symbol)!;
      for (const fill of await tradesSince(this.client, pair, { orderId })) this.#fills.note(fill, pair);
    }
    return this.#orders.shown(order, name);
  }

  /** Binance asks for the symbol of an order: that of one that left before a restart may be any. */
  #marketsOf(clientOrderId: string): readonly (Pair & { readonly pair: string })[] {
    const known = this.#orders.symbolOf(clientOrderId);
    return this.#markets.pairs.filter(({ name }) => known === undefined || name === known);
  }
}
