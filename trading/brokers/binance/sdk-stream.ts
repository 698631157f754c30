import { WebsocketClient } from 'binance';
import { exactJson } from './binance-answer.ts';
import { scrubbed } from './binance-verdict.ts';

export interface SdkStreamOptions {
  readonly apiKey: string;
  readonly apiSecret: string;
  /** Without its path. */
  readonly url: string;
  readonly recvWindowMs: number;
  /** How often the connection is tried while nothing comes, and how long an answer may take. */
  readonly pingMs?: number | undefined;
  readonly pongMs?: number | undefined;
  readonly onOpened: () => void;
  /** Something was told that cannot be read, or that no order explains. */
  readonly onDoubt: (words: string) => void;
  readonly signal: AbortSignal;
}

/** What one stream is: how it is opened, and what its messages say. */
export interface SdkStream {
  /** Opens the connection by the SDK's client; resolves once it is subscribed to. */
  readonly open: (client: WebsocketClient, end: (why: string) => void) => Promise<unknown>;
  readonly take: (message: unknown, end: (why: string) => void) => void;
  /** It is over: what was begun for it is to be ended. */
  readonly close?: () => void;
}

const PING_MS = 10_000;
const PONG_MS = 5_000;
/** From opening the connection to being told of orders. */
const OPEN_MS = 15_000;
const SILENT = { trace: () => undefined, info: () => undefined, error: () => undefined };

/**
 * Listens by Binance's SDK until the connection ends, which it does once a day; resolves with why. The SDK's own
 * reconnecting is off: the session has to know of every gap, and asks for what it missed.
 */
export function listenBySdk(options: SdkStreamOptions, stream: SdkStream): Promise<string> {
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
      stream.close?.();
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
      if (!over) stream.take(message, end);
    });
    client.on('reconnecting', () => end(lastError));
    client.on('close', () => end(lastError));
    void stream.open(client, end).then(
      () => {
        clearTimeout(opening);
        if (!over) onOpened();
      },
      (error: unknown) => end(`it was not subscribed to: ${wordsOf(error)}`),
    );
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
}: SdkStreamOptions): WebsocketClient {
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

/** The SDK throws texts, answers and errors, with the request and its signature in them. */
function wordsOf(error: unknown): string {
  if (typeof error === 'string') return error;
  const { message, error: inner } = (error ?? {}) as { message?: unknown; error?: { code?: unknown; msg?: unknown } };
  if (inner !== undefined && inner !== null && typeof inner.msg === 'string')
    return `${String(inner.code)} ${inner.msg}`;
  return typeof message === 'string' && message !== '' ? message : 'the connection failed';
}
