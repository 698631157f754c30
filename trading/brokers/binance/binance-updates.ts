import type { WebsocketClient } from 'binance';
import { BINANCE_ANSWERS, type BinanceReport } from './binance-answer.ts';
import { listenBySdk, type SdkStreamOptions } from './sdk-stream.ts';

/** `url` is that of the WebSocket API. */
export interface ListenOptions extends SdkStreamOptions {
  /** Now, by the venue's clock. */
  readonly venueMs: () => number;
  readonly onReport: (report: BinanceReport) => void;
}

const CONNECTION = 'mainWSAPI';

/** Binance's user data of the spot market by its WebSocket API until the connection ends; resolves with why. */
export function listenToBinance(options: ListenOptions): Promise<string> {
  return listenBySdk(options, {
    open: (client) => subscribe(client, options),
    take: (message, end) => take(message, options, end),
  });
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
