import type { Clock } from '../../../infra/clock.ts';
import { createAlpacaStream } from '../../vendors/alpaca/alpaca-stream.ts';
import { createBinanceStream } from '../../vendors/binance/binance-stream.ts';
import { createPolygonStream } from '../../vendors/polygon/polygon-stream.ts';
import type { StreamConnector } from '../stream-connection.ts';
import { alpacaProtocol } from './alpaca-protocol.ts';
import { binanceProtocol } from './binance-protocol.ts';
import { polygonProtocol } from './polygon-protocol.ts';
import type { StreamProtocol } from './stream-protocol.ts';

/** A vendor's real client and the stand-in for its server. */
export interface VendorStream {
  readonly protocol: StreamProtocol;
  /** Symbols as users write them. */
  readonly symbols: readonly string[];
  connector(streamUrl: string, clock: Clock): StreamConnector;
}

/** Every vendor's stream. */
export const VENDOR_STREAMS: readonly VendorStream[] = [
  {
    protocol: alpacaProtocol,
    symbols: ['AAPL', 'MSFT', 'SPY'],
    connector: (streamUrl) => createAlpacaStream({ keyId: 'key', secretKey: 'secret', streamUrl, feed: 'iex' }),
  },
  {
    protocol: polygonProtocol,
    symbols: ['AAPL', 'MSFT', 'SPY'],
    connector: (streamUrl) => createPolygonStream({ apiKey: 'key', streamUrl }),
  },
  {
    protocol: binanceProtocol,
    symbols: ['BTC/USDT', 'ETH/USDT', 'SOLUSDT'],
    connector: (streamUrl, clock) => createBinanceStream({ streamUrl }, clock),
  },
];
