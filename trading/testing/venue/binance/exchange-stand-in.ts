import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../../../infra/clock.ts';
import { endWithout, send, spoil, type Answer } from '../faulty-answer.ts';
import { FaultyStream, type FaultyStreamOptions } from '../faulty-stream.ts';
import { NO_FAULTS, type FaultScript } from '../stand-in-faults.ts';
import { ExchangeRefusal } from './exchange-refusal.ts';
import { wideJson } from './spot-order.ts';

/** A request as it arrived. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly asked: Readonly<Record<string, string>>;
}

/** The key that the venue knows. */
export const BINANCE_KEYS = { apiKey: 'BINANCESTANDINKEY', apiSecret: 'binance-stand-in-secret' };
const AHEAD_MAX_MS = 1_000;

export interface ExchangeOptions {
  readonly clock: Clock;
  /** The venue's clock minus ours. */
  readonly skewMs?: number;
  /** How long an order, and a trade, stays hidden from whoever asks. */
  readonly shownAfterMs?: number;
}

/** What a request is about to be answered with, and to whom. */
export interface ExchangeRequest {
  readonly method: string;
  readonly path: string;
  readonly asked: Readonly<Record<string, string>>;
}

/** Binance's own code beside a status, unless a fault names another; pages of its firewall and of 5xx have none. */
const CODES: Readonly<Record<number, number | undefined>> = {
  400: -1102,
  401: -2015,
  409: -2021,
  418: -1003,
  422: -1102,
  429: -1003,
};

/** An exchange of Binance on the loopback: who asks, by which clock, with what faults. Its books are its own. */
export abstract class ExchangeStandIn {
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
  readonly #options: ExchangeOptions;
  #turning: NodeJS.Timeout | null = null;

  protected constructor(
    options: ExchangeOptions,
    stream: Pick<FaultyStreamOptions, 'path' | 'onConnect' | 'onMessage' | 'malformed'>,
  ) {
    this.#options = options;
    this.#http = createServer((request, response) => void this.#serve(request, response));
    this.stream = new FaultyStream({ ...stream, server: this.#http, faults: () => this.faults });
  }

  /** Time passes: at most one execution of each order a turn. */
  protected abstract turn(): void;

  /** What anybody may ask; undefined where it is none of that. @throws ExchangeRefusal */
  protected abstract toAnybody(request: ExchangeRequest): unknown;

  /**
   * What whoever has the key may ask without a signature; undefined where it is none of that.
   * @throws ExchangeRefusal
   */
  protected toKeyHolder(request: ExchangeRequest): unknown {
    void request;
    return undefined;
  }

  /** What is signed. @throws ExchangeRefusal */
  protected abstract toAccount(request: ExchangeRequest): unknown;

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  get streamUrl(): string {
    return this.url.replace('http', 'ws');
  }

  /** From here on time passes by itself, in turns of `ms`. */
  run(ms: number): void {
    this.#turning = setInterval(() => this.turn(), ms);
  }

  async stop(): Promise<void> {
    if (this.#turning !== null) clearInterval(this.#turning);
    this.stream.close();
    this.#http.closeAllConnections();
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }

  /** Bound: the books' clock. */
  readonly now = (): number => this.#options.clock() + (this.#options.skewMs ?? 0);

  /** Whoever asks is shown what is older than that. */
  protected get shownUntilMs(): number {
    return this.now() - (this.#options.shownAfterMs ?? 0);
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
      const [, code = CODES[fault.status], msg] = /^(-\d+)? ?(.*)$/.exec(fault.message)!;
      return send(response, [fault.status, code === undefined ? { msg } : { code: Number(code), msg }]);
    }
    const answer = this.#answer(String(request.headers['x-mbx-apikey'] ?? ''), method, url);
    if (fault === null) return send(response, answer);
    if ('when' in fault) return void endWithout(fault, response);
    spoil(fault, response, answer);
  }

  #answer(key: string, method: string, url: URL): Answer {
    try {
      const asked = Object.fromEntries(url.searchParams);
      const request = { method, path: url.pathname, asked };
      const open = this.toAnybody(request) ?? (key === BINANCE_KEYS.apiKey ? this.toKeyHolder(request) : undefined);
      if (open !== undefined) return [200, wideJson(open)];
      const { signature = '' } = asked;
      const said = url.search.slice(1).replace(/&signature=.*$/, '');
      const why = this.signatureWhy({ key, said, signature, asked });
      if (why !== null) throw why;
      return [200, wideJson(this.toAccount(request))];
    } catch (error) {
      if (!(error instanceof ExchangeRefusal)) throw error;
      return [error.status, { code: error.code, msg: error.message }];
    }
  }

  /** Why a request is not taken for one of the account. */
  protected signatureWhy(said: {
    key: string;
    said: string;
    signature: string;
    asked: Record<string, string>;
  }): ExchangeRefusal | null {
    if (said.key !== BINANCE_KEYS.apiKey) {
      return new ExchangeRefusal(-2015, 'Invalid API-key, IP, or permissions for action.', 401);
    }
    const right = createHmac('sha256', BINANCE_KEYS.apiSecret).update(said.said).digest('hex');
    if (said.signature !== right) return new ExchangeRefusal(-1022, 'Signature for this request is not valid.');
    const timestamp = Number(said.asked.timestamp);
    const nowMs = this.now();
    if (timestamp < nowMs + AHEAD_MAX_MS && nowMs - timestamp <= Number(said.asked.recvWindow ?? 5000)) return null;
    return new ExchangeRefusal(-1021, 'Timestamp for this request is outside of the recvWindow.');
  }
}
