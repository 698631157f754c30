import type { trading } from '@alpacahq/alpaca-trade-api/rest';
import type { z } from 'zod';
import type { Clock } from '../../../infra/clock.ts';
import type { RequestVerdict, VenueExecution, VenueOrder, VenuePayment } from '../venue/request-verdict.ts';
import type { LookUpAnswer, OutgoingOrder, VenueBroker, VenueHours, VenueMessage } from '../venue/venue-broker.ts';
import { ALPACA_ANSWERS, garbled, readAnswer } from './alpaca-answer.ts';
import { alpacaCapabilities } from './alpaca-capabilities.ts';
import { AlpacaClient, type AlpacaTradingSettings } from './alpaca-client.ts';
import { alpacaReplacement, alpacaRequest } from './alpaca-request.ts';
import { AlpacaSuccessors } from './alpaca-successors.ts';
import { listenToAlpaca, type ListenOptions } from './alpaca-updates.ts';
import { FEE_LATE_MS, FEES, saleOf, type DollarFee, type FeeOf } from './alpaca-fees.ts';
import { isAbsence, verdictOf } from './alpaca-verdict.ts';

/** Most orders, and most activities, of one answer. */
const ORDERS_PAGE = 500;
const ACTIVITIES_PAGE = 100;
const FILLS: trading.ActivityType[] = ['FILL', 'CFEE'];
/** Ids of orders that are remembered; an older one is asked for again. */
const IDS_MAX = 10_000;

const notSupported = (words: string): RequestVerdict => ({ result: 'refused', name: 'not-supported', words });

/** Alpaca's trading API through its SDK, by REST and by the stream of trade updates. */
export class AlpacaBroker implements VenueBroker {
  readonly name = 'alpaca';
  readonly capabilities = alpacaCapabilities;
  readonly client: AlpacaClient;
  readonly #clock: Clock;
  readonly #stream: Omit<ListenOptions, 'onMessage' | 'signal'>;
  /** Alpaca's ids of our orders, by ours. */
  readonly #ids = new Map<string, string>();
  readonly #successors = new AlpacaSuccessors();
  /** Orders or executions of coins were seen. */
  #tradesCoins = false;
  /** Ours by Alpaca's: activities name only those. */
  readonly #clientIds = new Map<string, string>();

  constructor(
    settings: AlpacaTradingSettings,
    { clock, stream = {} }: { readonly clock: Clock; readonly stream?: Pick<ListenOptions, 'pingMs' | 'pongMs'> },
  ) {
    this.client = new AlpacaClient(settings, clock);
    this.#clock = clock;
    const { keyId, secretKey, tradingUrl } = settings;
    this.#stream = {
      keyId,
      secretKey,
      url: `${tradingUrl.replace(/\/+$/, '').replace(/^http/, 'ws')}/stream`,
      ...stream,
    };
  }

  async submit(order: OutgoingOrder): Promise<RequestVerdict> {
    const request = alpacaRequest(order);
    if ('why' in request) return notSupported(request.why);
    return this.#ask('submit', order, (init) =>
      this.client.orders.postOrderRaw({ postOrderRequest: request.body }, init),
    );
  }

  async cancel(clientOrderId: string): Promise<RequestVerdict> {
    const orderId = await this.#idOf(clientOrderId);
    if (typeof orderId !== 'string') return orderId;
    try {
      await this.client.text('cancel', (init) => this.client.orders.deleteOrderByOrderIDRaw({ orderId }, init));
      return { result: 'accepted', name: 'accepted', words: '' };
    } catch (error) {
      return verdictOf(error, 'cancel', this.#clock);
    }
  }

  async amend(clientOrderId: string, by: OutgoingOrder): Promise<RequestVerdict> {
    const request = alpacaReplacement(by);
    if ('why' in request) return notSupported(request.why);
    const orderId = await this.#idOf(clientOrderId);
    if (typeof orderId !== 'string') return orderId;
    this.#successors.changes(clientOrderId);
    return this.#ask('amend', by, (init) =>
      this.client.orders.patchOrderByOrderIdRaw({ orderId, patchOrderRequest: request.body }, init),
    );
  }

  async find(clientOrderId: string): Promise<LookUpAnswer> {
    try {
      const order = await this.#lookUp('query', clientOrderId);
      return order === null ? { found: 'absent' } : { found: 'order', order };
    } catch {
      return { found: 'unreadable' };
    }
  }

  async openOrders(): Promise<readonly VenueOrder[]> {
    const found = new Map<string, VenueOrder>();
    let until: string | undefined;
    for (;;) {
      const page = await this.client.read('the open orders', ALPACA_ANSWERS.openOrders, (init) =>
        this.client.orders.getAllOrdersRaw(
          { status: 'open', limit: ORDERS_PAGE, nested: true, ...(until === undefined ? {} : { until }) },
          init,
        ),
      );
      const before = found.size;
      for (const { order } of page)
        for (const one of [order, ...order.legs]) found.set(one.venueOrderId, this.#note(await this.#whole(one)));
      if (page.length < ORDERS_PAGE) return [...found.values()];
      if (found.size === before) throw garbled('the open orders', 'the same page came again');
      until = page.at(-1)!.submittedAt;
    }
  }

  positions(): ReturnType<VenueBroker['positions']> {
    return this.client.read('the positions', ALPACA_ANSWERS.positions, (init) =>
      this.client.positions.getAllOpenPositionsRaw(init),
    );
  }

  account(): ReturnType<VenueBroker['account']> {
    return this.client.read('the account', ALPACA_ANSWERS.account, (init) => this.client.accounts.getAccountRaw(init));
  }

  async executionsSince(sinceMs: number): Promise<readonly VenueExecution[]> {
    const named: VenueExecution[] = [];
    for (const execution of await this.#executions(sinceMs)) named.push(await this.#named(execution));
    return named;
  }

  async #executions(sinceMs: number): Promise<readonly VenueExecution[]> {
    const asked = { what: 'the executions', types: FILLS, schema: ALPACA_ANSWERS.fills, sinceMs };
    const rows = await this.#activities(asked);
    const found = new Map(rows.map(({ execution }) => [execution.executionId, execution]));
    return [...found.values()];
  }

  /** Fees in dollars, which Alpaca takes of sales of coins. Nothing is asked where none were traded. */
  async paymentsSince(sinceMs: number): Promise<readonly VenuePayment[]> {
    if (!this.#tradesCoins) return [];
    const what = 'the fees';
    const rows = await this.#activities({ what, types: ['CFEE'], schema: FEES, sinceMs });
    const fees = new Map(rows.flatMap(({ fee }) => (fee === null ? [] : [[fee.paymentId, fee] as const])));
    const payments: VenuePayment[] = [];
    for (const fee of fees.values()) {
      const { paymentId, cost, timeMs } = fee;
      const of = await this.#saleOf(fee);
      if (of === null) continue;
      const order = of.venueOrderId === null ? null : await this.#byId('an order', { orderId: of.venueOrderId });
      const { symbol, clientOrderId } = order === null ? { symbol: of.symbol, clientOrderId: null } : this.#note(order);
      payments.push({ paymentId, symbol, kind: 'fee', cash: -cost, timeMs, clientOrderId });
    }
    return payments;
  }

  async #saleOf(fee: DollarFee): Promise<FeeOf | null> {
    if (fee.venueOrderId !== null) return { symbol: '', venueOrderId: fee.venueOrderId };
    return saleOf(fee, await this.#executions(fee.timeMs - FEE_LATE_MS));
  }

  /** All pages of what the account has done. */
  async #activities<T extends { readonly token: string }>(asked: {
    readonly what: string;
    readonly types: trading.ActivityType[];
    readonly schema: z.ZodType<T[]>;
    readonly sinceMs: number;
  }): Promise<readonly T[]> {
    const { what, types, schema, sinceMs } = asked;
    const found = new Map<string, T>();
    let pageToken: string | undefined;
    for (;;) {
      const page = await this.client.read(what, schema, (init) =>
        this.client.activities.getAccountActivitiesRaw(
          {
            activityTypes: types,
            // The bound itself is left out by Alpaca.
            after: new Date(sinceMs - 1),
            direction: 'asc',
            pageSize: ACTIVITIES_PAGE,
            ...(pageToken === undefined ? {} : { pageToken }),
          },
          init,
        ),
      );
      const before = found.size;
      for (const row of page) found.set(row.token, row);
      if (page.length < ACTIVITIES_PAGE) return [...found.values()];
      if (found.size === before) throw garbled(what, 'the same page came again');
      pageToken = page.at(-1)!.token;
    }
  }

  async clockOffsetMs(): Promise<number> {
    let sentMs = 0;
    const theirsMs = await this.client.read('the time', ALPACA_ANSWERS.clock, (init) => {
      sentMs = this.#clock();
      return this.client.clock.legacyClockRaw(init);
    });
    return theirsMs - (sentMs + this.#clock()) / 2;
  }

  hours(): Promise<VenueHours | null> {
    return this.client.read('the hours of the market', ALPACA_ANSWERS.hours, (init) =>
      this.client.clock.legacyClockRaw(init),
    );
  }

  listen(onMessage: ListenOptions['onMessage'], signal: AbortSignal): Promise<string> {
    return listenToAlpaca({
      ...this.#stream,
      signal,
      onMessage: (message) => {
        const told = this.#told(message);
        if (told !== null) onMessage(told);
      },
    });
  }

  /** A message with its order under the name by which that goes; null where others say all of it. */
  #told(message: VenueMessage): VenueMessage | null {
    if (message.kind !== 'order' && message.kind !== 'execution') return message;
    const order = this.#successors.told(message.order);
    if (order === null) return { kind: 'unreadable', words: 'an order that has taken the place of one not known' };
    if (this.#successors.gaveWay(order)) return null;
    this.#note(order);
    if (message.kind === 'order') return { kind: 'order', order };
    return { kind: 'execution', order, execution: this.#ofWhole(message.execution, order.clientOrderId) };
  }

  /** An execution under the name by which its order goes. */
  #ofWhole(execution: VenueExecution, clientOrderId: string): VenueExecution {
    const { cumulative, venueOrderId } = execution;
    const sum = cumulative === null ? null : cumulative + this.#successors.before(venueOrderId);
    return { ...execution, clientOrderId, cumulative: sum };
  }

  /** An order under the name by which it goes: what it has replaced is asked for where that is not known. */
  async #whole(order: VenueOrder): Promise<VenueOrder> {
    const told = this.#successors.told(order);
    if (told !== null) return told;
    await this.#whole(await this.#byId('an order', { orderId: order.replaces! }));
    return this.#successors.told(order)!;
  }

  /** The newest that Alpaca itself has put in the place of an order; it, where there is none. */
  async #newest(order: VenueOrder): Promise<VenueOrder> {
    const told = await this.#whole(order);
    if (told.status !== 'replaced' || told.replacedBy === undefined) return told;
    const known = this.#clientIds.get(told.replacedBy);
    if (known !== undefined && known !== told.clientOrderId) return told;
    const next = await this.#byId('an order', { orderId: told.replacedBy });
    const whole = this.#note(await this.#whole(next));
    return whole.clientOrderId === told.clientOrderId ? this.#newest(next) : told;
  }

  async #ask(
    of: 'submit' | 'amend',
    { clientOrderId, side, instrument: { symbol } }: OutgoingOrder,
    call: Parameters<AlpacaClient['text']>[1],
  ): Promise<RequestVerdict> {
    try {
      const order = readAnswer(ALPACA_ANSWERS.order, await this.client.text('order', call), `an order's ${of}`);
      const isIt = order.clientOrderId === clientOrderId && order.side === side && order.symbol === symbol;
      if (!isIt) throw garbled(`an order's ${of}`, 'it is of another order');
      return { result: 'accepted', name: 'accepted', words: '', order: this.#note(order) };
    } catch (error) {
      return verdictOf(error, of, this.#clock);
    }
  }

  /** Alpaca's id of one of our orders; where it cannot be told, what that makes of the request that needs it. */
  async #idOf(clientOrderId: string): Promise<string | RequestVerdict> {
    const known = this.#ids.get(clientOrderId);
    if (known !== undefined) return known;
    try {
      const order = await this.#lookUp('cancel', clientOrderId);
      if (order !== null) return order.venueOrderId;
      return { result: 'refused', name: 'not-found', words: 'Alpaca knows no order of this id' };
    } catch (error) {
      // The request itself has not left.
      const { name, words, retryAfterMs } = verdictOf(error, 'cancel', this.#clock);
      return { result: 'not-processed', name, words, retryAfterMs };
    }
  }

  /** Null where Alpaca says that there is none of this id. */
  async #lookUp(lane: 'cancel' | 'query', clientOrderId: string): Promise<VenueOrder | null> {
    try {
      const text = await this.client.text(lane, (init) =>
        this.client.orders.getOrderByClientOrderIdRaw({ clientOrderId }, init),
      );
      const order = readAnswer(ALPACA_ANSWERS.order, text, 'an order');
      if (order.clientOrderId !== clientOrderId) throw garbled('an order', 'it is another one');
      const isGroup = order.legs.length === 0 && /"order_class"\s*:\s*"(oco|bracket|oto)"/.test(text);
      return this.#note(isGroup ? await this.#withLegs(order) : await this.#newest(order));
    } catch (error) {
      if (isAbsence(error)) return null;
      throw error;
    }
  }

  /** The same order with the leg that rests beside it: only a question by Alpaca's own id brings it. */
  async #withLegs({ venueOrderId: orderId }: VenueOrder): Promise<VenueOrder> {
    return this.#byId('an order with its legs', { orderId, nested: true });
  }

  async #byId(what: string, asked: { readonly orderId: string; readonly nested?: boolean }): Promise<VenueOrder> {
    const order = await this.client.read(what, ALPACA_ANSWERS.order, (init) =>
      this.client.orders.getOrderByOrderIDRaw(asked, init),
    );
    if (order.venueOrderId !== asked.orderId) throw garbled(what, 'it is another one');
    return order;
  }

  /** An execution with our id of its order, which activities do not say. */
  async #named(execution: VenueExecution): Promise<VenueExecution> {
    this.#tradesCoins ||= execution.symbol.includes('/');
    if (execution.venueOrderId === '') return execution;
    const known = this.#clientIds.get(execution.venueOrderId);
    if (known !== undefined) return this.#ofWhole(execution, known);
    const order = await this.#whole(await this.#byId('an order', { orderId: execution.venueOrderId }));
    return this.#ofWhole(execution, this.#note(order).clientOrderId);
  }

  #note(order: VenueOrder): VenueOrder {
    const { clientOrderId, venueOrderId, symbol } = order;
    this.#tradesCoins ||= symbol.includes('/');
    for (const leg of order.legs) this.#note(leg);
    this.#ids.set(clientOrderId, venueOrderId);
    this.#clientIds.set(venueOrderId, clientOrderId);
    if (this.#ids.size > IDS_MAX) this.#ids.delete(this.#ids.keys().next().value!);
    if (this.#clientIds.size > IDS_MAX) this.#clientIds.delete(this.#clientIds.keys().next().value!);
    return order;
  }
}
