import { Alpaca } from '@alpacahq/alpaca-trade-api';
import { InputError } from '../../../infra/errors.ts';
import { Handshake } from '../../feeds/handshake.ts';
import type { ConnectOptions, StreamConnection, StreamConnector } from '../../feeds/stream-connection.ts';
import { pairOf } from '../symbols.ts';
import type { VendorErrorKind } from '../vendor-error.ts';
import type { AlpacaFeed } from './alpaca-client.ts';
import { parseAlpacaStreamBar } from './alpaca-stream-bar.ts';
import { parseAlpacaStreamQuote } from './alpaca-stream-quote.ts';

export interface AlpacaStreamSettings {
  readonly keyId: string;
  readonly secretKey: string;
  /** `wss://stream.data.alpaca.markets`, or what stands in for it. */
  readonly streamUrl: string;
  readonly feed: AlpacaFeed;
}

type MarketDataStream = ReturnType<Alpaca['marketData']['stockStream']>;

/** Alpaca's refusals, in the words that its SDK makes of the error codes. Everything else is a frame gone wrong. */
const REFUSALS: Readonly<Record<string, VendorErrorKind>> = {
  'not authenticated': 'unauthorised',
  'auth failed': 'unauthorised',
  'auth timeout': 'unavailable',
  'symbol limit exceeded': 'forbidden',
  // The connection that a reconnect follows may still count for some seconds.
  'connection limit exceeded': 'rate-limited',
  'slow client': 'unavailable',
  'v2 not enabled': 'forbidden',
  'insufficient subscription': 'forbidden',
  'invalid syntax': 'invalid-request',
  'internal error': 'unavailable',
};

/** Alpaca's market-data stream: minute bars, their revisions and quotes of stocks, or of crypto. */
export function createAlpacaStream(settings: AlpacaStreamSettings): StreamConnector {
  return { vendor: 'alpaca', connect: (options) => connect(settings, options) };
}

function connect(settings: AlpacaStreamSettings, options: ConnectOptions): Promise<StreamConnection> {
  const symbols = [...options.symbols];
  const stream = openStream(settings, symbols);
  const handshake = new Handshake('alpaca', options, () => {
    stream.removeAllListeners();
    stream.disconnect();
  });
  let lastError = 'the connection was closed';
  stream.onError((text) => {
    lastError = text;
    const kind = Object.hasOwn(REFUSALS, text) ? REFUSALS[text] : undefined;
    if (kind !== undefined) handshake.refused(kind, text);
    else if (text.startsWith('failed to ')) options.onMessage({ kind: 'invalid', reason: text });
  });
  stream.on('subscription', () => {
    const granted = new Set(stream.getSubscriptions().bars);
    const missing = symbols.filter((symbol) => !granted.has(symbol));
    if (missing.length > 0) handshake.refused('forbidden', `no subscription to bars of ${missing.join(', ')}`);
    else handshake.opened();
  });
  stream.onBar((bar) => options.onMessage(parseAlpacaStreamBar('bar', bar)));
  stream.onUpdatedBar((bar) => options.onMessage(parseAlpacaStreamBar('revision', bar)));
  stream.onQuote((quote) => options.onMessage(parseAlpacaStreamQuote(quote)));
  stream.onDisconnect(() => handshake.closed(lastError));
  // Before the socket opens these are noted only, and go out as one message after logging in.
  stream.subscribeForBars(symbols);
  stream.subscribeForUpdatedBars(symbols);
  if (options.quotes) stream.subscribeForQuotes(symbols);
  stream.connect();
  return handshake.result;
}

/** One socket carries stocks or crypto. The SDK's own reconnecting is off: the feed has to know of every gap. */
function openStream({ keyId, secretKey, streamUrl, feed }: AlpacaStreamSettings, symbols: string[]): MarketDataStream {
  const pairs = symbols.filter((symbol) => pairOf(symbol) !== undefined);
  if (pairs.length > 0 && pairs.length < symbols.length) {
    throw new InputError('alpaca streams stocks and crypto over different connections.', 'Start a feed for each.');
  }
  const { marketData } = new Alpaca({ keyId, secret: secretKey });
  const base = streamUrl.replace(/\/+$/, '');
  if (pairs.length > 0) return marketData.cryptoStream({ url: `${base}/v1beta3/crypto/us`, reconnect: false });
  return marketData.stockStream({ feed, url: `${base}/v2/${feed}`, reconnect: false });
}
