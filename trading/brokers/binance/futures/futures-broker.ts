import { USDMClient } from 'binance';
import type { Instrument } from '../../../../features/instrument.ts';
import { MINUTE_MS } from '../../../../features/timeframe.ts';
import type { Clock } from '../../../../infra/clock.ts';
import type { RequestVerdict, VenueAccount, VenueExecution, VenueOrder } from '../../venue/request-verdict.ts';
import type {
  LookUpAnswer,
  OutgoingOrder,
  VenueBeginning,
  VenueBroker,
  VenueMessage,
} from '../../venue/venue-broker.ts';
import { BinanceClient, type BinanceExchange, type BinanceTradingSettings } from '../binance-client.ts';
import { BinanceMarkets } from '../binance-markets.ts';
import { FuturesAccount, type FuturesMargin } from './futures-account.ts';
import { futuresCapabilities } from './futures-capabilities.ts';
import { paymentsSince } from './futures-income.ts';
import { FuturesMessages } from './futures-messages.ts';
import { FuturesOrders } from './futures-orders.ts';
import { FUTURES_ANSWERS } from './futures-answer.ts';
import { FUTURES_MARKETS } from './futures-rules.ts';
import { listenToFutures, type FuturesListenOptions, type MarginCalled } from './futures-updates.ts';
import { readAnswer } from '../binance-answer.ts';
import { verdictOf } from '../binance-verdict.ts';

export interface FuturesSettings extends BinanceTradingSettings {
  readonly margin: FuturesMargin;
}

const FUTURES: BinanceExchange = {
  name: 'binance-futures',
  sdk: (...made) => new USDMClient(...made),
  timePath: 'fapi/v1/time',
  weightLimit: 2400,
  unauthorised:
    'Check BINANCE_FUTURES_API_KEY and BINANCE_FUTURES_API_SECRET: a key of the test network is none of the ' +
    'exchange, and one of the exchange needs leave for futures. Those of the test network are made at ' +
    'https://demo.binance.com.',
  unreached: 'Check the network and BINANCE_FUTURES_URL, and start it again.',
};
const KEY_PATH = 'fapi/v1/listenKey';
/** A call for margin is repeated as long as it holds; it is told as often. */
const CALL_AGAIN_MS = MINUTE_MS;

type Stream = Pick<FuturesListenOptions, 'pingMs' | 'pongMs' | 'keepMs'>;

/**
 * Binance's USD-M futures through its SDK: orders by REST, what waits for a price by the algo service, what becomes of
 * both by the stream of user data.
 */
export class FuturesBroker implements VenueBroker {
  readonly name = FUTURES.name;
  readonly capabilities;
  readonly client: BinanceClient;
  readonly #settings: FuturesSettings;
  readonly #clock: Clock;
  readonly #stream: Stream;
  readonly #markets: BinanceMarkets;
  readonly #account: FuturesAccount;
  readonly #orders: FuturesOrders;
  readonly #messages: FuturesMessages;
  readonly #calledMs = new Map<string, number>();

  constructor(settings: FuturesSettings, { clock, stream = {} }: { readonly clock: Clock; readonly stream?: Stream }) {
    this.client = new BinanceClient(settings, clock, FUTURES);
    this.#settings = settings;
    this.#clock = clock;
    this.#stream = stream;
    this.#markets = new BinanceMarkets(this.client, clock, FUTURES_MARKETS);
    this.#account = new FuturesAccount(this.client, settings.margin);
    // It leaves within the deadline, is taken up within the window, and shown within another.
    this.capabilities = futuresCapabilities(this.client.deadlineMs + 2 * this.client.recvWindowMs);
    this.#orders = new FuturesOrders(this.client, this.#markets, this.capabilities);
    this.#messages = new FuturesMessages(this.#orders.known, this.#markets);
  }

  async prepare(instruments: readonly Instrument[], begun: VenueBeginning | null): Promise<VenueBeginning> {
    const ruled = await this.#markets.prepare(instruments);
    await this.#account.prepare(this.#markets.pairs);
    // Whatever is held of a contract is the session's: an account has one position in it.
    return begun ?? { instruments: ruled, held: {} };
  }

  submit(order: OutgoingOrder): Promise<RequestVerdict> {
    return this.#orders.submit(order);
  }

  cancel(clientOrderId: string): Promise<RequestVerdict> {
    return this.#orders.cancel(clientOrderId);
  }

  amend(clientOrderId: string, by: OutgoingOrder): Promise<RequestVerdict> {
    return this.#orders.amend(clientOrderId, by);
  }

  find(clientOrderId: string): Promise<LookUpAnswer> {
    return this.#orders.find(clientOrderId);
  }

  async openOrders(): Promise<readonly VenueOrder[]> {
    await this.#markets.refresh();
    return this.#orders.open();
  }

  positions(): ReturnType<VenueBroker['positions']> {
    return this.#account.positions(this.#markets);
  }

  account(): Promise<VenueAccount> {
    return this.#account.read();
  }

  async executionsSince(sinceMs: number): Promise<readonly VenueExecution[]> {
    const untilMs = this.#clock() + (await this.client.offsetMs());
    return this.#orders.executions(sinceMs, untilMs);
  }

  paymentsSince(sinceMs: number): ReturnType<typeof paymentsSince> {
    return paymentsSince(this.client, this.#markets, sinceMs);
  }

  clockOffsetMs(): Promise<number> {
    return this.client.measureOffset('query');
  }

  listen(onMessage: (message: VenueMessage) => void, signal: AbortSignal): Promise<string> {
    const { apiKey, apiSecret, tradingStreamUrl: url } = this.#settings;
    const tell = (messages: readonly VenueMessage[]): void => messages.forEach(onMessage);
    return listenToFutures({
      apiKey,
      apiSecret,
      url,
      recvWindowMs: this.client.recvWindowMs,
      ...this.#stream,
      signal,
      makeKey: () => this.#makeKey(),
      keepKey: () => this.#keepKey(),
      onOpened: () => onMessage({ kind: 'opened' }),
      onDoubt: (words) => onMessage({ kind: 'unreadable', words }),
      onPayment: () => onMessage({ kind: 'payment' }),
      onMarginCall: (call) => tell(this.#marginCall(call)),
      onOrder: (report) => tell(this.#messages.ofOrder(report)),
      onAlgo: (report) => tell(this.#messages.ofAlgo(report)),
    });
  }

  #marginCall({ symbol, equity, needed }: MarginCalled): VenueMessage[] {
    const market = this.#markets.pairOf(symbol);
    const nowMs = this.#clock();
    if (market === null || nowMs - (this.#calledMs.get(symbol) ?? -Infinity) < CALL_AGAIN_MS) return [];
    this.#calledMs.set(symbol, nowMs);
    return [{ kind: 'margin-call', symbol: market.name, equity, needed }];
  }

  async #makeKey(): Promise<string> {
    const text = await this.client.text({ lane: 'query', method: 'post', path: KEY_PATH, weight: 1 });
    return readAnswer(FUTURES_ANSWERS.listenKey, text, 'a key of the stream').listenKey;
  }

  async #keepKey(): Promise<boolean> {
    try {
      await this.client.text({ lane: 'query', method: 'put', path: KEY_PATH, weight: 1 });
      return true;
    } catch (error) {
      // -1125: there is no such key.
      if (verdictOf(error, 'submit').result === 'refused') return false;
      throw error;
    }
  }
}
