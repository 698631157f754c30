import type { Clock } from '../../../infra/clock.ts';
import type { ConnectOptions, StreamConnection, StreamConnector } from '../../feeds/stream-connection.ts';
import { openBinanceSocket } from './binance-socket.ts';
import { parseBinanceKline } from './binance-stream-kline.ts';
import { parseBinanceTicker } from './binance-stream-ticker.ts';

export interface BinanceStreamSettings {
  /** `wss://stream.binance.com:9443`, or what stands in for it. */
  readonly streamUrl: string;
}

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
  const { onMessage, onClose, signal } = options;
  return openBinanceSocket({
    streamUrl,
    channels: kinds.flatMap((kind) => [...names.keys()].map((name) => `${name.toLowerCase()}@${kind}`)),
    onEvent: (event) => {
      const { e } = event as { e?: unknown };
      if (e === 'kline') onMessage(parseBinanceKline(event, symbolOf));
      else if (e === undefined || e === 'bookTicker') onMessage(parseBinanceTicker(event, symbolOf, clock()));
      else onMessage({ kind: 'invalid', reason: `an event ${JSON.stringify(e)} that was not asked for` });
    },
    onInvalid: (reason) => onMessage({ kind: 'invalid', reason }),
    onClose,
    signal,
  });
}
