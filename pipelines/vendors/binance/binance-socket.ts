import { WebsocketClient } from 'binance';
import { Handshake } from '../../feeds/handshake.ts';
import type { StreamConnection } from '../../feeds/stream-connection.ts';

/** The SDK asks for at most so many channels in one message, each of which is acknowledged. */
const CHANNELS_PER_REQUEST = 250;
const SOCKET = 'main';

/** What is asked of one socket, and who hears of it. */
export interface SocketOptions {
  readonly streamUrl: string;
  readonly channels: readonly string[];
  readonly onEvent: (event: unknown) => void;
  /** A frame is no JSON. */
  readonly onInvalid: (reason: string) => void;
  /** Called once, after the socket was opened, when it ended by itself. */
  readonly onClose: (reason: string) => void;
  readonly signal: AbortSignal;
}

/** Opens one socket of Binance's public streams; resolves when every channel is acknowledged. @throws VendorError */
export function openBinanceSocket(options: SocketOptions): Promise<StreamConnection> {
  const { streamUrl, channels, onEvent } = options;
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
  client.on('message', onEvent);
  client.on('exception', (exception: unknown) => heardException(exception, { handshake, options, said }));
  client.on('reconnecting', () => handshake.closed('the connection was lost'));
  client.on('close', () => handshake.closed('the connection was closed'));
  const lost = (error: unknown): void => handshake.closed(error instanceof Error ? error.message : String(error));
  client.subscribe([...channels], SOCKET).catch(lost);
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
  readonly options: SocketOptions;
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
  else if (eventData !== undefined) options.onInvalid(String(message));
  else handshake.closed(said.error);
}
