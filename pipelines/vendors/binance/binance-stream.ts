import { WebsocketClient } from 'binance';
import type { Clock } from '../../../infra/clock.ts';
import { Handshake } from '../../feeds/handshake.ts';
import type { ConnectOptions, StreamConnection, StreamConnector } from '../../feeds/stream-connection.ts';
import { parseBinanceKline } from './binance-stream-kline.ts';
import { parseBinanceTicker } from './binance-stream-ticker.ts';

export interface BinanceStreamSettings {
  /** `wss://stream.binance.com:9443`, or what stands in for it. */
  readonly streamUrl: string;
}

/** The SDK asks for at most so many channels in one message, each of which is acknowledged. */
const CHANNELS_PER_REQUEST = 250;
const SOCKET = 'main';

/** Binance's spot stream of minute klines and best prices. */
export function createBinanceStream(settings: BinanceStreamSettings, clock: Clock): StreamConnector {
  return { vendor: 'binance', connect: (options) => connect(settings, options, clock) };
}

function connect(
  { streamUrl }: BinanceStreamSettings,
  options: ConnectOptions,
  clock: Clock,
): Promise<StreamConnection> {
  const names = new Map(options.symbols.map((symbol) => [symbol.replace('/', ''), symbol]));
  const symbolOf = (name: string): string => names.get(name) ?? name;
  const kinds = options.quotes ? ['kline_1m', 'bookTicker'] : ['kline_1m'];
  const channels = kinds.flatMap((kind) => [...names.keys()].map((name) => `${name.toLowerCase()}@${kind}`));
  let unacknowledged = Math.ceil(channels.length / CHANNELS_PER_REQUEST);
  const said = { error: 'the connection failed' };
  const client = new WebsocketClient({ wsUrl: streamUrl.replace(/\/+$/, '') }, listeningLogger(said));
  // Closing by force also calls off the SDK's own reconnecting, which it plans before it tells of a lost connection.
  const handshake = new Handshake('binance', options, () => client.closeAll(true));
  client.on('response', (response) => {
    if ((response as { result?: unknown }).result !== null) return;
    unacknowledged -= 1;
    if (unacknowledged === 0) handshake.opened();
  });
  client.on('message', (event) => {
    const { e } = event as { e?: unknown };
    if (e === 'kline') options.onMessage(parseBinanceKline(event, symbolOf));
    else if (e === undefined || e === 'bookTicker') options.onMessage(parseBinanceTicker(event, symbolOf, clock()));
    else options.onMessage({ kind: 'invalid', reason: `an event ${JSON.stringify(e)} that was not asked for` });
  });
  client.on('exception', (exception: unknown) => heardException(exception, { handshake, options, said }));
  client.on('reconnecting', () => handshake.closed('the connection was lost'));
  client.on('close', () => handshake.closed('the connection was closed'));
  const lost = (error: unknown): void => handshake.closed(error instanceof Error ? error.message : String(error));
  client.subscribe(channels, SOCKET).catch(lost);
  return handshake.result;
}

/** The SDK tells only its log why a socket failed. */
function listeningLogger(said: { error: string }) {
  const nothing = (): void => undefined;
  const error = (...words: unknown[]): void => {
    if (typeof words[0] === 'string') said.error = words[0];
  };
  return { trace: nothing, info: nothing, error };
}

interface Listener {
  readonly handshake: Handshake;
  readonly options: ConnectOptions;
  readonly said: { readonly error: string };
}

/** Refused requests, frames that are no JSON and failures of the socket come the same way. */
function heardException(exception: unknown, { handshake, options, said }: Listener): void {
  const { message, eventData, error } = exception as {
    message?: unknown;
    eventData?: unknown;
    error?: { msg?: unknown };
  };
  if (error?.msg !== undefined) handshake.refused('invalid-request', String(error.msg));
  else if (eventData !== undefined) options.onMessage({ kind: 'invalid', reason: String(message) });
  else handshake.closed(said.error);
}
