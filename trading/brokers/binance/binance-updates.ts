import { WebsocketClient } from 'binance';
import { BINANCE_ANSWERS, exactJson, type BinanceReport } from './binance-answer.ts';
import { scrubbed } from './binance-verdict.ts';

export interface ListenOptions {
  readonly apiKey: string;
  readonly apiSecret: string;
  /** Of the WebSocket API, without its path. */
  readonly url: string;
  readonly recvWindowMs: number;
  /** Now, by the venue's clock. */
  readonly venueMs: () => number;
  /** How often the connection is tried while nothing comes, and how long an answer may take. */
  readonly pingMs?: number | undefined;
  readonly pongMs?: number | undefined;
  readonly onOpened: () => void;
  readonly onReport: (report: BinanceReport) => void;
  /** Something was told that cannot be read, or that no order explains. */
  readonly onDoubt: (words: string) => void;
  readonly signal: AbortSignal;
}

const PING_MS = 10_000;
const PONG_MS = 5_000;
/** From opening the connection to being told of orders. */
const OPEN_MS = 15_000;
const SILENT = { trace: () => undefined, info: () => undefined, error: () => undefined };
const CONNECTION = 'mainWSAPI';

/**
 * Binance's user data by its WebSocket API until the connection ends, which it does once a day; resolves with why. The
 * SDK's own reconnecting is off: the session has to know of every gap, and asks for what it missed.
 */
export function listenToBinance(options: ListenOptions): Promise<string> {
  const { signal, onOpened } = options;
  return new Promise((resolve) => {
    const client = clientOf(options);
    let lastError = 'the connection was closed';
    let over = false;
    const end = (why: string): void => {
      if (over) return;
      over = true;
      resolve(scrubbed(why));
      clearTimeout(opening);
      signal.removeEventListener('abort', onAbort);
      client.removeAllListeners();
      client.closeAll(true);
    };
    const opening = setTimeout(() => end(`no subscription within ${OPEN_MS / 1000} s`), OPEN_MS);
    const onAbort = (): void => end('the session ended it');
    signal.addEventListener('abort', onAbort, { once: true });
    client.on('exception', (error) => {
      const words = wordsOf(error);
      lastError = words;
      if (words.startsWith('Failed to parse')) options.onDoubt('a message that is no JSON');
    });
    client.on('message', (message) => {
      if (!over) take(message, options, end);
    });
    client.on('reconnecting', () => end(lastError));
    client.on('close', () => end(lastError));
    const subscribed = subscribe(client, options).then(
      () => {
        clearTimeout(opening);
        if (!over) onOpened();
      },
      (error: unknown) => end(`it was not subscribed to: ${wordsOf(error)}`),
    );
    void subscribed;
    if (signal.aborted) onAbort();
  });
}

function clientOf({
  apiKey,
  apiSecret,
  url,
  recvWindowMs,
  pingMs = PING_MS,
  pongMs = PONG_MS,
}: ListenOptions): WebsocketClient {
  const settings = {
    api_key: apiKey,
    api_secret: apiSecret,
    wsUrl: url.replace(/\/+$/, ''),
    recvWindow: recvWindowMs,
    pingInterval: pingMs,
    pongTimeout: pongMs,
    // Longer than it takes us to close it.
    reconnectTimeout: 60_000,
    beautify: false,
    customParseJSONFn: (text: string) => exactJson(text) as object,
  };
  const client = new WebsocketClient(settings, SILENT);
  // A session that is logged on takes keys of one kind only; a signed subscription takes all.
  client.setAuthOnConnect(false);
  return client;
}

async function subscribe(client: WebsocketClient, { recvWindowMs, venueMs }: ListenOptions): Promise<unknown> {
  await client.connect(CONNECTION);
  const params = { timestamp: venueMs(), recvWindow: recvWindowMs, signRequest: true };
  const send = client.sendWSAPIRequest.bind(client) as (
    connection: string,
    method: string,
    asked: typeof params,
  ) => Promise<unknown>;
  return send(CONNECTION, 'userDataStream.subscribe.signature', params);
}

/** What a message says. One that cannot be read is told as such: what it said is to be asked for. */
function take(message: unknown, { onReport, onDoubt }: ListenOptions, end: (why: string) => void): void {
  const { e: event, ...more } = (message ?? {}) as { e?: unknown; a?: unknown };
  if (event === 'eventStreamTerminated') return end('binance ended the subscription');
  if (event === 'serverShutdown') return end('the server shuts down');
  // Money came or went without a trade.
  if (event === 'balanceUpdate') return onDoubt(`the balance of ${String(more.a)} was changed from outside`);
  if (event !== 'executionReport') return;
  const read = BINANCE_ANSWERS.report.safeParse(more);
  if (read.success) onReport(read.data);
  else onDoubt(`an update of an order without ${read.error.issues[0]!.path.join('.') || 'fields'}`);
}

/** The SDK throws texts, answers and errors, with the request and its signature in them. */
function wordsOf(error: unknown): string {
  if (typeof error === 'string') return error;
  const { message, error: inner } = (error ?? {}) as { message?: unknown; error?: { code?: unknown; msg?: unknown } };
  if (inner !== undefined && inner !== null && typeof inner.msg === 'string')
    return `${String(inner.code)} ${inner.msg}`;
  return typeof message === 'string' && message !== '' ? message : 'the connection failed';
}
