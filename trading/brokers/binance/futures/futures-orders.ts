import type { RequestVerdict, VenueExecution, VenueOrder } from '../../venue/request-verdict.ts';
import type { VenueCapabilities } from '../../venue/capabilities.ts';
import type { LookUpAnswer, OutgoingOrder } from '../../venue/venue-broker.ts';
import { garbled, readAnswer } from '../binance-answer.ts';
import type { BinanceAsk, BinanceClient } from '../binance-client.ts';
import { BinanceFills, executionOf } from '../binance-fills.ts';
import type { BinanceMarkets, Market } from '../binance-markets.ts';
import { BinanceOrders } from '../binance-orders.ts';
import type { Parameters } from '../binance-request.ts';
import { tradesSince, type TradesAt } from '../binance-trades.ts';
import { isAbsence, verdictOf } from '../binance-verdict.ts';
import type { MarketNow } from '../checked-order.ts';
import { FUTURES_ANSWERS, type FuturesAlgo, type FuturesOrder } from './futures-answer.ts';
import { algoOrderId, forcedBy, isConditional } from './futures-messages.ts';
import { futuresRequest } from './futures-request.ts';

const ORDER = 'fapi/v1/order';
const ALGO = 'fapi/v1/algoOrder';
const TRADES: TradesAt = { path: 'fapi/v1/userTrades', answer: FUTURES_ANSWERS.trades };
/** Up to so many contracts, asking for the open orders of each weighs less than asking for all. */
const EACH_MAX = 40;
/** Of the algo service, what it says where a cancel came about. */
const CANCELLED = '200';

const notSupported = (words: string): RequestVerdict => ({ result: 'refused', name: 'not-supported', words });
const ABSENT: RequestVerdict = { result: 'refused', name: 'not-found', words: 'no contract of the session has it' };

/**
 * Orders of USD-M futures. What waits for a price is the algo service's: under our id there, and, once it was
 * triggered, an order of the exchange of another id. Both are one order here.
 */
export class FuturesOrders {
  readonly #client: BinanceClient;
  readonly #markets: BinanceMarkets;
  readonly #capabilities: VenueCapabilities;
  /** No commission is taken out of a position: what was executed is what is held. */
  readonly known = new BinanceOrders(new BinanceFills());

  constructor(client: BinanceClient, markets: BinanceMarkets, capabilities: VenueCapabilities) {
    this.#client = client;
    this.#markets = markets;
    this.#capabilities = capabilities;
  }

  async submit(order: OutgoingOrder): Promise<RequestVerdict> {
    const market = await this.#marketOf(order);
    if ('result' in market) return market;
    const request = futuresRequest(order, this.#capabilities, market);
    if ('why' in request) return notSupported(request.why);
    const { clientOrderId, terms } = order;
    // Ids are unique among open orders only: what was sent before is looked up, whatever was proven of it.
    if (this.known.hasLeft(clientOrderId)) {
      const before = await this.#sentBefore(clientOrderId);
      if (before !== null) return before;
    }
    const { symbol } = order.instrument;
    this.known.leaves(clientOrderId, { symbol, isStop: request.isAlgo });
    const verdict = await this.#place(order, request);
    if (verdict.name !== 'would-trigger' || terms?.type !== 'stop') return verdict;
    // The stop's price was passed before it was there: what it was to become is sent.
    const instead = futuresRequest({ ...order, terms: null }, this.#capabilities, market);
    if ('why' in instead) return verdict;
    this.known.leaves(clientOrderId, { symbol, isStop: false });
    return this.#place(order, instead);
  }

  async #sentBefore(clientOrderId: string): Promise<RequestVerdict | null> {
    const found = await this.find(clientOrderId);
    if (found.found === 'absent') return null;
    if (found.found === 'order') {
      const words = 'it was sent before, and is there';
      return { result: 'refused', name: 'duplicate-id', words, order: found.order };
    }
    return { result: 'unknown', name: 'timed-out', words: 'it was sent before, and cannot be looked up' };
  }

  async #place(
    { clientOrderId, side, instrument: { symbol: name } }: OutgoingOrder,
    { isAlgo, body: params }: { readonly isAlgo: boolean; readonly body: Parameters },
  ): Promise<RequestVerdict> {
    const path = isAlgo ? ALGO : ORDER;
    const ask = { lane: 'order', method: 'post', path, weight: 1, signed: true, places: true, params } as const;
    try {
      const text = await this.#client.text(ask);
      const answer = isAlgo
        ? readAnswer(FUTURES_ANSWERS.algo, text, 'a conditional order')
        : readAnswer(FUTURES_ANSWERS.order, text, 'an order');
      const sentAs = 'clientAlgoId' in answer ? answer.clientAlgoId : answer.clientOrderId;
      const isIt = sentAs === clientOrderId && answer.side === side;
      if (!isIt || this.#markets.pairOf(answer.symbol)?.name !== name)
        throw garbled('an order', 'it is of another order');
      const order = 'clientAlgoId' in answer ? await this.#algoShown(answer, name) : this.#shown(answer, name);
      return { result: 'accepted', name: 'accepted', words: '', order };
    } catch (error) {
      const verdict = verdictOf(error, 'submit');
      if (verdict.result === 'refused') this.known.forget(clientOrderId);
      if (verdict.name === 'market-closed') this.#markets.doubt();
      return verdict;
    }
  }

  async cancel(clientOrderId: string): Promise<RequestVerdict> {
    const isStop = this.known.isStop(clientOrderId);
    if (isStop === false) return this.#cancelPlain(clientOrderId);
    const verdict = await this.#cancelAlgo(clientOrderId);
    if (verdict.result !== 'refused') return verdict;
    // It was triggered, or it never was one that waits.
    return isStop === true ? this.#cancelTriggered(clientOrderId, verdict) : this.#cancelPlain(clientOrderId);
  }

  async #cancelAlgo(clientAlgoId: string): Promise<RequestVerdict> {
    try {
      const text = await this.#client.text(this.#ask('delete', ALGO, { clientAlgoId }));
      const { code } = readAnswer(FUTURES_ANSWERS.algoCancelled, text, 'a cancel');
      if (code !== CANCELLED) throw garbled('a cancel', `it ended with ${code}`);
      return { result: 'accepted', name: 'accepted', words: '' };
    } catch (error) {
      return verdictOf(error, 'cancel');
    }
  }

  /** What a conditional order became is cancelled by the exchange's number of it. */
  async #cancelTriggered(clientOrderId: string, refusal: RequestVerdict): Promise<RequestVerdict> {
    try {
      const algo = await this.#lookUpAlgo(clientOrderId);
      if (algo === null || algo.actualOrderId === null) return refusal;
      return await this.#cancelOne(algo.symbol, { orderId: algo.actualOrderId }, clientOrderId);
    } catch (error) {
      return verdictOf(error, 'cancel');
    }
  }

  async #cancelPlain(clientOrderId: string): Promise<RequestVerdict> {
    let verdict = ABSENT;
    for (const { pair } of this.#marketsOf(clientOrderId)) {
      verdict = await this.#cancelOne(pair, { origClientOrderId: clientOrderId }, clientOrderId);
      if (verdict.name !== 'not-cancelable') return verdict;
    }
    return verdict;
  }

  async #cancelOne(symbol: string, by: Parameters, clientOrderId: string): Promise<RequestVerdict> {
    try {
      const text = await this.#client.text(this.#ask('delete', ORDER, { symbol, ...by }));
      const ended = readAnswer(FUTURES_ANSWERS.order, text, 'a cancel');
      requireAsked(ended, symbol, by);
      const order = this.#shown({ ...ended, clientOrderId }, this.#markets.pairOf(symbol)!.name);
      return { result: 'accepted', name: 'accepted', words: '', order };
    } catch (error) {
      return verdictOf(error, 'cancel');
    }
  }

  /**
   * The exchange changes no conditional order, and a limit under its old id only: the old one is cancelled, and once
   * that is proven, untouched, the new one is placed.
   */
  async amend(clientOrderId: string, by: OutgoingOrder): Promise<RequestVerdict> {
    const market = await this.#marketOf(by);
    if ('result' in market) return market;
    const request = futuresRequest(by, this.#capabilities, { ...market, working: 0, stops: 0 });
    if ('why' in request) return notSupported(request.why);
    const cancelled = await this.cancel(clientOrderId);
    if (cancelled.result !== 'accepted') return cancelled;
    if ((cancelled.order?.filled ?? 0) > 0) return notSupported('a part of it was filled: its rest is cancelled');
    this.known.leaves(by.clientOrderId, { symbol: by.instrument.symbol, isStop: request.isAlgo });
    return this.#place(by, request);
  }

  async find(clientOrderId: string): Promise<LookUpAnswer> {
    try {
      const isStop = this.known.isStop(clientOrderId);
      const algo = isStop === false ? null : await this.#lookUpAlgo(clientOrderId);
      const market = algo === null ? null : this.#markets.pairOf(algo.symbol);
      if (algo !== null && market !== null) return { found: 'order', order: await this.#algoShown(algo, market.name) };
      for (const { name, pair } of isStop === true ? [] : this.#marketsOf(clientOrderId)) {
        const order = await this.#lookUp(pair, { origClientOrderId: clientOrderId });
        if (order !== null) return { found: 'order', order: this.#shown(order, name) };
      }
      return { found: 'absent' };
    } catch {
      return { found: 'unreadable' };
    }
  }

  /** Every order that has not ended, conditional ones among them. @throws SignalboxError */
  async open(): Promise<VenueOrder[]> {
    const orders = await this.#listed('fapi/v1/openOrders', (ask) =>
      this.#client.read('the open orders', FUTURES_ANSWERS.orders, ask),
    );
    const algos = await this.#listed('fapi/v1/openAlgoOrders', (ask) =>
      this.#client.read('the open conditional orders', FUTURES_ANSWERS.algos, ask),
    );
    const found: VenueOrder[] = [];
    for (const algo of algos) {
      const market = this.#markets.pairOf(algo.symbol);
      if (market !== null) found.push(await this.#algoShown(algo, market.name));
    }
    for (const order of orders) {
      const market = this.#markets.pairOf(order.symbol);
      if (market === null) continue;
      const clientOrderId = await this.#nameOf(market, order);
      // A conditional one that was triggered may be listed by both.
      if (found.some((one) => one.clientOrderId === clientOrderId)) continue;
      found.push(this.#shown({ ...order, clientOrderId }, market.name));
    }
    this.known.keepListed(new Set(found.map(({ clientOrderId }) => clientOrderId)));
    return found;
  }

  async #listed<T extends { readonly symbol: string }>(
    path: string,
    read: (ask: Omit<BinanceAsk, 'lane' | 'method'>) => Promise<readonly T[]>,
  ): Promise<readonly T[]> {
    const { pairs } = this.#markets;
    if (pairs.length > EACH_MAX) return read({ path, weight: 40, signed: true });
    const found: T[] = [];
    for (const { pair: symbol } of pairs) {
      const open = await read({ path, weight: 1, signed: true, params: { symbol } });
      if (open.some((order) => order.symbol !== symbol))
        throw garbled('the open orders', 'there are others among them');
      found.push(...open);
    }
    return found;
  }

  /** Executions of a time by the venue's clock, oldest first. @throws SignalboxError */
  async executions(sinceMs: number, untilMs: number): Promise<VenueExecution[]> {
    const found: VenueExecution[] = [];
    for (const market of this.#markets.pairs) {
      for (const fill of await tradesSince(this.#client, market, { sinceMs, untilMs }, TRADES)) {
        const worth = await this.#markets.worthOf(fill.commissionAsset, market, fill.timeMs);
        const clientOrderId = await this.#clientIdOf(market, fill.orderId);
        const forced = forcedBy(clientOrderId);
        found.push({ ...executionOf({ ...fill, clientOrderId }, market, worth), forced });
      }
    }
    return found.sort((a, b) => a.timeMs - b.timeMs);
  }

  /** Our id of an order, which trades do not say. */
  async #clientIdOf(market: Market, orderId: string): Promise<string> {
    const known = this.known.clientIdOf(market.pair, orderId);
    if (known !== undefined) return known;
    const ask = { path: ORDER, weight: 1, signed: true, params: { symbol: market.pair, orderId } };
    const order = await this.#client.read('an order', FUTURES_ANSWERS.order, ask);
    requireAsked(order, market.pair, { orderId });
    const clientOrderId = await this.#nameOf(market, order);
    return this.#shown({ ...order, clientOrderId }, market.name).clientOrderId;
  }

  /** Under which id an order of the exchange was placed: a conditional one by the id that the algo service knows. */
  async #nameOf({ pair: symbol, name }: Market, { orderId, clientOrderId, origType }: FuturesOrder): Promise<string> {
    const known = this.known.clientIdOf(symbol, orderId);
    if (known !== undefined) return known;
    if (!isConditional(origType) || forcedBy(clientOrderId) !== undefined) return clientOrderId;
    const ask = { path: 'fapi/v1/allAlgoOrders', weight: 5, signed: true, params: { symbol, limit: 1000 } };
    const algos = await this.#client.read('the conditional orders', FUTURES_ANSWERS.algos, ask);
    for (const { actualOrderId, clientAlgoId } of algos) {
      if (actualOrderId === null) continue;
      this.known.name(symbol, actualOrderId, clientAlgoId);
      this.known.recall(clientAlgoId, { symbol: name, isStop: true });
    }
    return this.known.clientIdOf(symbol, orderId) ?? clientOrderId;
  }

  #shown(order: FuturesOrder, name: string): VenueOrder {
    return this.known.shown(order, name);
  }

  /** A conditional order as it stands: what it became says what was executed. */
  async #algoShown(algo: FuturesAlgo, name: string): Promise<VenueOrder> {
    const { symbol, algoId, clientAlgoId: clientOrderId, side, quantity: origQty, algoStatus, actualOrderId } = algo;
    this.known.recall(clientOrderId, { symbol: name, isStop: true });
    if (algoStatus === 'triggered' && actualOrderId !== null) {
      const became = await this.#lookUp(symbol, { orderId: actualOrderId });
      if (became === null) throw garbled('a conditional order', 'what it became is not there');
      return this.#shown({ ...became, clientOrderId }, name);
    }
    const status = algoStatus === 'triggered' ? 'working' : algoStatus;
    const orderId = algoOrderId(algoId);
    return this.known.shown({ symbol, orderId, clientOrderId, side, status, origQty, executedQty: 0n }, name);
  }

  /** Null where Binance says that there is none of this id. */
  async #lookUp(symbol: string, by: Parameters): Promise<FuturesOrder | null> {
    const text = await this.#lookedUp(ORDER, { symbol, ...by });
    if (text === null) return null;
    const order = readAnswer(FUTURES_ANSWERS.order, text, 'an order');
    requireAsked(order, symbol, by);
    return order;
  }

  async #lookUpAlgo(clientAlgoId: string): Promise<FuturesAlgo | null> {
    const text = await this.#lookedUp(ALGO, { clientAlgoId });
    if (text === null) return null;
    const algo = readAnswer(FUTURES_ANSWERS.algo, text, 'a conditional order');
    if (algo.clientAlgoId !== clientAlgoId) throw garbled('a conditional order', 'it is another one');
    return algo;
  }

  async #lookedUp(path: string, params: Parameters): Promise<string | null> {
    try {
      return await this.#client.text({ lane: 'query', method: 'get', path, weight: 1, signed: true, params });
    } catch (error) {
      if (isAbsence(error)) return null;
      throw error;
    }
  }

  #ask(method: 'delete', path: string, params: Parameters): BinanceAsk {
    return { lane: 'cancel', method, path, weight: 1, signed: true, params };
  }

  /** What is known of the market of an order; a verdict where that is not enough for it to leave. */
  async #marketOf({ instrument: { symbol } }: OutgoingOrder): Promise<MarketNow | RequestVerdict> {
    try {
      const { rules, average } = await this.#markets.now(symbol);
      if (rules.status === 'TRADING') return { rules, average, ...this.known.working(symbol) };
      const words = `${rules.symbol} is ${rules.status} at Binance: no order is taken`;
      return { result: 'not-processed', name: 'market-closed', words, retryAfterMs: this.#markets.refreshMs };
    } catch (error) {
      return { result: 'not-processed', name: 'not-sent', words: (error as Error).message };
    }
  }

  /** Binance asks for the symbol of an order: that of one that left before a restart may be any. */
  #marketsOf(clientOrderId: string): readonly Market[] {
    const known = this.known.symbolOf(clientOrderId);
    return this.#markets.pairs.filter(({ name }) => known === undefined || name === known);
  }
}

/** An answer is about the order that was asked for. @throws GarbledAnswer */
function requireAsked(order: FuturesOrder, symbol: string, by: Parameters): void {
  const isIt = by.orderId === undefined ? order.clientOrderId === by.origClientOrderId : order.orderId === by.orderId;
  if (!isIt || order.symbol !== symbol) throw garbled('an order', 'it is another one');
}
