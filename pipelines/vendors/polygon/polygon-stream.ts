import { parseStorable } from '../../../infra/logging/storable-text.ts';
import { websocketClient } from '@polygon.io/client-js';
import { InputError } from '../../../infra/errors.ts';
import { Handshake } from '../../feeds/handshake.ts';
import type { ConnectOptions, StreamConnection, StreamConnector } from '../../feeds/stream-connection.ts';
import { pairOf } from '../symbols.ts';
import { polygonStock } from './polygon-ticker.ts';
import type { VendorErrorKind } from '../vendor-error.ts';
import { parsePolygonStreamBar } from './polygon-stream-bar.ts';
import { parsePolygonStreamQuote } from './polygon-stream-quote.ts';
import { parsePolygonStatus } from './polygon-stream-status.ts';

export interface PolygonStreamSettings {
  readonly apiKey: string;
  /** `wss://socket.polygon.io`, `wss://delayed.polygon.io`, or what stands in for them. */
  readonly streamUrl: string;
}

/** What the SDK hands out is a W3C WebSocket; its package has no types. */
interface Socket {
  onmessage: (event: { data: unknown }) => void;
  onclose: (event: { code: number; reason: string }) => void;
  onerror: () => void;
  send(text: string): void;
  close(): void;
}

const REFUSALS: Readonly<Record<string, VendorErrorKind>> = {
  auth_failed: 'unauthorised',
  auth_timeout: 'unavailable',
  not_authorized: 'forbidden',
  error: 'forbidden',
  // The connection that a reconnect follows may still count for some seconds.
  max_connections: 'rate-limited',
};

/** Polygon's stream of minute aggregates and quotes, of stocks or of crypto. */
export function createPolygonStream(settings: PolygonStreamSettings): StreamConnector {
  return { vendor: 'polygon', connect: async (options) => new PolygonSession(settings, options).result };
}

class PolygonSession {
  readonly #options: ConnectOptions;
  readonly #socket: Socket;
  readonly #handshake: Handshake;
  /** Our symbols by Polygon's names for them. */
  readonly #symbols: ReadonlyMap<string, string>;
  readonly #channels: readonly string[];
  readonly #unacknowledged: Set<string>;

  constructor({ apiKey, streamUrl }: PolygonStreamSettings, options: ConnectOptions) {
    const crypto = isCrypto(options.symbols);
    this.#options = options;
    this.#symbols = new Map(
      options.symbols.map((symbol) => [crypto ? symbol.replace('/', '-') : polygonStock(symbol), symbol]),
    );
    const kinds = crypto ? ['XA', 'XQ'] : ['AM', 'Q'];
    const wanted = options.quotes ? kinds : kinds.slice(0, 1);
    this.#channels = wanted.flatMap((kind) => [...this.#symbols.keys()].map((name) => `${kind}.${name}`));
    this.#unacknowledged = new Set(this.#channels);
    const client = websocketClient(apiKey, streamUrl.replace(/\/+$/, ''));
    // The SDK logs in when the socket opens and never reconnects.
    this.#socket = (crypto ? client.crypto() : client.stocks()) as unknown as Socket;
    this.#handshake = new Handshake('polygon', options, () => this.#socket.close());
    this.#socket.onmessage = ({ data }) => this.#hear(data);
    this.#socket.onerror = () => this.#handshake.closed('the connection failed');
    this.#socket.onclose = ({ code, reason }) => this.#handshake.closed(`closed with code ${code} ${reason}`.trim());
  }

  get result(): Promise<StreamConnection> {
    return this.#handshake.result;
  }

  #hear(data: unknown): void {
    const frames = parseFrames(data);
    if (frames === null)
      return this.#options.onMessage({ kind: 'invalid', reason: 'a message that is not a JSON list' });
    for (const frame of frames) this.#frame(frame);
  }

  #frame(frame: unknown): void {
    const symbolOf = (name: string): string => this.#symbols.get(name) ?? name;
    const ev = (frame as { ev?: unknown } | null)?.ev;
    if (ev === 'AM' || ev === 'XA') this.#options.onMessage(parsePolygonStreamBar(frame, symbolOf));
    else if (ev === 'Q' || ev === 'XQ') this.#options.onMessage(parsePolygonStreamQuote(frame, symbolOf));
    else if (ev === 'status') this.#status(frame);
    else this.#options.onMessage({ kind: 'invalid', reason: `an event ${JSON.stringify(ev)} that was not asked for` });
  }

  #status(frame: unknown): void {
    const said = parsePolygonStatus(frame);
    if (said === null) return this.#options.onMessage({ kind: 'invalid', reason: 'a status without one' });
    const { status, message } = said;
    if (status === 'auth_success') {
      this.#socket.send(JSON.stringify({ action: 'subscribe', params: this.#channels.join(',') }));
      return;
    }
    const refusal = Object.hasOwn(REFUSALS, status) ? REFUSALS[status] : undefined;
    if (refusal !== undefined) return this.#handshake.refused(refusal, message || status);
    const channel = /^subscribed to: *(.+)$/.exec(message)?.[1];
    if (channel !== undefined) this.#unacknowledged.delete(channel);
    if (this.#unacknowledged.size === 0) this.#handshake.opened();
  }
}

/** One socket carries stocks or crypto. */
function isCrypto(symbols: readonly string[]): boolean {
  const pairs = symbols.filter((symbol) => pairOf(symbol) !== undefined);
  if (pairs.length === 0 || pairs.length === symbols.length) return pairs.length > 0;
  throw new InputError('polygon streams stocks and crypto over different connections.', 'Start a feed for each.');
}

function parseFrames(data: unknown): unknown[] | null {
  if (typeof data !== 'string') return null;
  try {
    const frames: unknown = parseStorable(data);
    return Array.isArray(frames) ? frames : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
