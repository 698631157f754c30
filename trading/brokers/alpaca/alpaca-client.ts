import { errors, trading } from '@alpacahq/alpaca-trade-api/rest';
import type { z } from 'zod';
import { steadyBeside, type Clock } from '../../../infra/clock.ts';
import { SignalboxError } from '../../../infra/errors.ts';
import { RequestLimiter, type Lane } from '../../execution/request-limiter.ts';
import { DeadlinePassed } from '../venue/request-failure.ts';
import { tapedFetch } from '../venue/request-tape.ts';
import { readAnswer } from './alpaca-answer.ts';
import { AlpacaRefusal, connectionWords, readRefusal, verdictOf } from './alpaca-verdict.ts';

export interface AlpacaTradingSettings {
  readonly keyId: string;
  readonly secretKey: string;
  /** `https://paper-api.alpaca.markets`, or what stands in for it. */
  readonly tradingUrl: string;
  readonly requestsPerMinute: number;
  /** Of one request, its wait for a turn included; 10 s by default. */
  readonly deadlineMs?: number | undefined;
}

const DEADLINE_MS = 10_000;

/** One call of the SDK, to be ended by `signal`. */
type Call = (init: { readonly signal: AbortSignal }) => Promise<{ readonly raw: Response }>;

const UNAUTHORISED =
  'Check ALPACA_API_KEY_ID and ALPACA_API_SECRET_KEY: a key of paper trading is none of live trading. ' +
  'Both are made at https://app.alpaca.markets, under API Keys of the paper account.';

/**
 * The trading calls of Alpaca's SDK. Its own retries, limiter and deadline are off: it may not repeat an order, its
 * limiter is first come, first served, and the deadline is ours. Answers are read as text and parsed by us.
 */
export class AlpacaClient {
  readonly orders: trading.OrdersApi;
  readonly positions: trading.PositionsApi;
  readonly accounts: trading.AccountsApi;
  readonly activities: trading.AccountActivitiesApi;
  readonly clock: trading.ClockApi;
  readonly limiter: RequestLimiter;
  readonly #deadlineMs: number;
  readonly #ours: Clock;
  readonly #url: string;

  constructor(settings: AlpacaTradingSettings, clock: Clock) {
    const { keyId, secretKey, tradingUrl, requestsPerMinute } = settings;
    this.#url = tradingUrl.replace(/\/+$/, '');
    const configuration = new trading.Configuration({
      basePath: this.#url,
      keyId,
      secret: secretKey,
      timeoutMs: 0,
      // A redirect would take the keys along to another server.
      redirect: 'error',
      fetchApi: tapedFetch(clock),
    });
    this.orders = new trading.OrdersApi(configuration);
    this.positions = new trading.PositionsApi(configuration);
    this.accounts = new trading.AccountsApi(configuration);
    this.activities = new trading.AccountActivitiesApi(configuration);
    this.clock = new trading.ClockApi(configuration);
    this.#deadlineMs = settings.deadlineMs ?? DEADLINE_MS;
    this.limiter = new RequestLimiter({ perMinute: requestsPerMinute, clock: steadyBeside(clock) });
    this.#ours = clock;
  }

  /**
   * The text of an answer. Throws `AlpacaRefusal` for one that is no success, `DeadlinePassed`, which says whether the
   * request had left, or what else the SDK threw.
   */
  async text(lane: Lane, call: Call): Promise<string> {
    const deadline = new AbortController();
    let sent = false;
    const timer = setTimeout(() => deadline.abort(new DeadlinePassed(this.#deadlineMs, sent)), this.#deadlineMs);
    try {
      await this.limiter.turn(lane, deadline.signal);
      sent = true;
      const { raw } = await call({ signal: deadline.signal });
      return await raw.text();
    } catch (thrown) {
      const error = thrown instanceof errors.ApiError ? await readRefusal(thrown) : thrown;
      const verdict = verdictOf(error, 'submit', this.#ours);
      if (verdict.name === 'rate-limited') this.limiter.pause(verdict.retryAfterMs ?? 0);
      if (deadline.signal.aborted) throw deadline.signal.reason as Error;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The answer to a question. @throws SignalboxError that says what was asked, of whom, and what came of it. */
  async read<T>(what: string, schema: z.ZodType<T>, call: Call): Promise<T> {
    let text: string;
    try {
      text = await this.text('query', call);
    } catch (error) {
      throw this.#failure(what, error);
    }
    return readAnswer(schema, text, what);
  }

  #failure(what: string, error: unknown): SignalboxError {
    const { words } = verdictOf(error, 'submit', this.#ours);
    const said = words === '' ? connectionWords(error).words : words;
    const remedy =
      error instanceof AlpacaRefusal && (error.status === 401 || error.status === 403)
        ? UNAUTHORISED
        : 'Check the network, ALPACA_TRADING_URL and https://status.alpaca.markets, and start it again.';
    return new SignalboxError(`alpaca did not tell ${what} at ${this.#url}: ${said}`, { remedy });
  }
}
