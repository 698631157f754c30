import { MainClient, type USDMClient } from 'binance';
import type { z } from 'zod';
import { MINUTE_MS } from '../../../features/timeframe.ts';
import { steadyBeside, systemClock, type Clock } from '../../../infra/clock.ts';
import { SignalboxError } from '../../../infra/errors.ts';
import { RequestLimiter, type Lane } from '../../execution/request-limiter.ts';
import { DeadlinePassed } from '../venue/request-failure.ts';
import { tapeRequest } from '../venue/request-tape.ts';
import { BINANCE_ANSWERS, readAnswer } from './binance-answer.ts';
import { givenAnswer, NotSent, scrubbed, verdictOf, withoutRequest } from './binance-verdict.ts';

export interface BinanceTradingSettings {
  readonly apiKey: string;
  /** The secret of an HMAC key, or the private key (PEM) of an Ed25519 or RSA one. */
  readonly apiSecret: string;
  /** `https://testnet.binance.vision`, or what stands in for it. */
  readonly tradingUrl: string;
  readonly tradingStreamUrl: string;
  readonly weightPerMinute: number;
  /** Orders in any 10 s; 40 by default, of the 50 that every account may send. */
  readonly ordersPer10s?: number | undefined;
  /** Of one request, its wait for a turn included; 10 s by default. */
  readonly deadlineMs?: number | undefined;
  /** How long after it was signed a request is taken up at most; 5 s by default. */
  readonly recvWindowMs?: number | undefined;
}

const DEADLINE_MS = 10_000;
const RECV_WINDOW_MS = 5_000;
const ORDERS_PER_10S = 40;
const ANSWER_MAX_BYTES = 64 * 1024 * 1024;
/** From this share of the weight that Binance counts for our address, nothing leaves until its minute is over. */
const FULL_SHARE = 0.95;

type Sdk = MainClient | USDMClient;

/** How one of Binance's exchanges is asked. */
export interface BinanceExchange {
  /** What the session's broker is called. */
  readonly name: string;
  readonly sdk: (...made: ConstructorParameters<typeof MainClient>) => Sdk;
  readonly timePath: string;
  /** Weight that an address may use in a minute. */
  readonly weightLimit: number;
  /** What to do where keys are refused, and where nobody answers. */
  readonly unauthorised: string;
  readonly unreached: string;
}

/** One request to Binance. */
export interface BinanceAsk {
  readonly lane: Lane;
  readonly method: 'get' | 'post' | 'put' | 'delete';
  readonly path: string;
  /** By Binance's count. */
  readonly weight: number;
  /** Public ones, and those of listen keys, need no signature. */
  readonly signed?: boolean;
  /** It places an order: there is a limit of its own for these. */
  readonly places?: boolean;
  readonly params?: Readonly<Record<string, string | number | boolean>>;
}

/** The spot market. */
const SPOT: BinanceExchange = {
  name: 'binance',
  sdk: (...made) => new MainClient(...made),
  timePath: 'api/v3/time',
  weightLimit: 6000,
  unauthorised:
    'Check BINANCE_API_KEY and BINANCE_API_SECRET: a key of the test network is none of the exchange, and may be ' +
    'bound to addresses. Keys of the spot test network are made at https://testnet.binance.vision.',
  unreached: 'Check the network and BINANCE_TRADING_URL, and start it again.',
};

/**
 * Signed requests by Binance's SDK. Its clock, its five minutes of patience and its way of reading answers are off: the
 * offset is measured here, the deadline is ours, and ids keep their digits. Orders leave by its generic calls, because
 * its named ones print every order whose id does not begin as its author's do.
 */
export class BinanceClient {
  readonly limiter: RequestLimiter;
  readonly #orders: RequestLimiter;
  readonly #settings: BinanceTradingSettings;
  readonly #clock: Clock;
  readonly #url: string;
  readonly #exchange: BinanceExchange;
  /** The venue's clock minus ours; null while it is to be measured. */
  #offsetMs: number | null = null;

  constructor(settings: BinanceTradingSettings, clock: Clock, exchange: BinanceExchange = SPOT) {
    this.#settings = settings;
    this.#exchange = exchange;
    this.#clock = clock;
    this.#url = settings.tradingUrl.replace(/\/+$/, '');
    const steady = steadyBeside(clock);
    this.limiter = new RequestLimiter({ perMinute: settings.weightPerMinute, clock: steady });
    const perMinute = settings.ordersPer10s ?? ORDERS_PER_10S;
    this.#orders = new RequestLimiter({ perMinute, windowMs: 10_000, clock: steady });
  }

  get deadlineMs(): number {
    return this.#settings.deadlineMs ?? DEADLINE_MS;
  }

  get recvWindowMs(): number {
    return this.#settings.recvWindowMs ?? RECV_WINDOW_MS;
  }

  /** The venue's clock minus ours, as it was last measured. @throws SignalboxError */
  async offsetMs(): Promise<number> {
    return this.#offsetMs ?? this.measureOffset('query');
  }

  /** @throws SignalboxError */
  async measureOffset(lane: Lane): Promise<number> {
    let sentMs = 0;
    const ask = { lane, method: 'get', path: this.#exchange.timePath, weight: 1 } as const;
    const text = await this.#asked('the time', ask, () => (sentMs = this.#clock()));
    const { serverTime } = readAnswer(BINANCE_ANSWERS.time, text, 'the time');
    // The earlier of what it may be: a request from the future is refused, one from the past is not.
    this.#offsetMs = Math.floor(serverTime - (sentMs + this.#clock()) / 2);
    return this.#offsetMs;
  }

  /**
   * The text of an answer. Throws `DeadlinePassed`, which says whether the request had left, `BinanceRefusal` or
   * `BrokenConnection`: none of them carries a secret.
   */
  async text(ask: BinanceAsk, onLeave: () => void = () => undefined): Promise<string> {
    if (ask.signed === true && this.#offsetMs === null) await this.#measured(ask.lane);
    const deadline = new AbortController();
    let sent = false;
    const timer = setTimeout(() => deadline.abort(new DeadlinePassed(this.deadlineMs, sent)), this.deadlineMs);
    const api = this.#api(deadline.signal);
    try {
      if (ask.places === true) await this.#orders.turn('order', deadline.signal);
      await this.limiter.turn(ask.lane, deadline.signal, ask.weight);
      sent = true;
      onLeave();
      return await taped(this.#clock, ask, async () => String(await callOf(api, ask)));
    } catch (error) {
      if (deadline.signal.aborted) throw deadline.signal.reason as Error;
      throw this.#heeded(withoutRequest(error, this.#clock()));
    } finally {
      clearTimeout(timer);
      this.#heedWeight(Number(api.getRateLimitStates()['x-mbx-used-weight-1m']));
    }
  }

  /** The answer to a question. @throws SignalboxError that says what was asked, of whom, and what came of it. */
  async read<T>(what: string, schema: z.ZodType<T>, ask: Omit<BinanceAsk, 'lane' | 'method'>): Promise<T> {
    return readAnswer(schema, await this.#asked(what, { ...ask, lane: 'query', method: 'get' }), what);
  }

  async #asked(what: string, ask: BinanceAsk, onLeave?: () => void): Promise<string> {
    try {
      return await this.text(ask, onLeave);
    } catch (error) {
      throw this.#failure(what, error);
    }
  }

  /** A request does not leave with a time that is not known: what failed is then not the request itself. */
  async #measured(lane: Lane): Promise<void> {
    try {
      await this.measureOffset(lane);
    } catch (error) {
      throw error instanceof SignalboxError ? new NotSent(error.message) : error;
    }
  }

  /** What Binance says beside its refusal: to wait, or that our clock is off. */
  #heeded(error: Error): Error {
    const { name, retryAfterMs } = verdictOf(error, 'submit');
    if (name === 'rate-limited' || name === 'forbidden') this.limiter.pause(retryAfterMs ?? 0);
    if (name === 'clock-skew') this.#offsetMs = null;
    return error;
  }

  /** Before the limit is reached, others that leave from this address counted in: a ban lasts minutes to days. */
  #heedWeight(used: number): void {
    if (!(used >= this.#exchange.weightLimit * FULL_SHARE)) return;
    const theirsMs = this.#clock() + (this.#offsetMs ?? 0);
    this.limiter.pause(MINUTE_MS - (theirsMs % MINUTE_MS));
  }

  /** The SDK takes a signal only when it is made: a few objects, no connection. */
  #api(signal: AbortSignal): Sdk {
    const { apiKey, apiSecret } = this.#settings;
    const options = {
      api_key: apiKey,
      api_secret: apiSecret,
      baseUrl: this.#url,
      recvWindow: this.recvWindowMs,
      disableTimeSync: true,
      parseExceptions: false,
    };
    const api = this.#exchange.sdk(options, {
      signal,
      timeout: 0,
      // A redirect would take the key along to another server.
      maxRedirects: 0,
      maxContentLength: ANSWER_MAX_BYTES,
      responseType: 'text',
      transformResponse: [(text: unknown) => text],
    });
    // The SDK signs with the machine's clock.
    api.setTimeOffset(Math.floor((this.#offsetMs ?? 0) + this.#clock() - systemClock()));
    return api;
  }

  #failure(what: string, error: unknown): SignalboxError {
    const { unauthorised, unreached, name: of } = this.#exchange;
    if (error instanceof NotSent) return new SignalboxError(error.message, { remedy: unreached });
    const { name, words } = verdictOf(error, 'submit');
    const remedy = name === 'unauthorised' ? unauthorised : unreached;
    return new SignalboxError(scrubbed(`${of} did not tell ${what} at ${this.#url}: ${words}`), { remedy });
  }
}

/** The same call; what it sends and is answered is seen, without what the SDK signs it with. */
async function taped(clock: Clock, { method, path, params }: BinanceAsk, call: () => Promise<string>): Promise<string> {
  const body = params === undefined ? null : JSON.stringify(params);
  const tell = tapeRequest(clock, { method: method.toUpperCase(), path: `/${path}`, body });
  try {
    const answer = await call();
    tell({ status: 200, answer });
    return answer;
  } catch (error) {
    tell(givenAnswer(error));
    throw error;
  }
}

function callOf(api: Sdk, { method, path, signed, params = {} }: BinanceAsk): Promise<unknown> {
  if (signed !== true) return api[method](path, params) as Promise<unknown>;
  if (method === 'get') return api.getPrivate(path, params) as Promise<unknown>;
  if (method === 'post') return api.postPrivate(path, params) as Promise<unknown>;
  if (method === 'put') return api.putPrivate(path, params) as Promise<unknown>;
  return api.deletePrivate(path, params) as Promise<unknown>;
}
