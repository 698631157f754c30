import type { Bar } from '../../../features/bar.ts';
import type { StreamProtocol } from './stream-protocol.ts';

const frame = (message: unknown): Buffer => Buffer.from(JSON.stringify(message));
const joined = (symbol: string): string => symbol.replace('/', '');

function kline(symbol: string, bar: Bar, closed: boolean): Buffer {
  const s = joined(symbol);
  const [o, h, l, c, v] = [bar.open, bar.high, bar.low, bar.close, bar.volume].map(String);
  const times = { t: bar.openTimeMs, T: bar.closeTimeMs - 1 };
  const k = { ...times, s, i: '1m', f: 1, L: 2, o, c, h, l, v, n: 3, x: closed, q: '1', V: '1', Q: '1', B: '0' };
  return frame({ stream: `${s.toLowerCase()}@kline_1m`, data: { e: 'kline', E: bar.closeTimeMs, s, k } });
}

/**
 * Binance's combined spot streams: one JSON object a message, prices as text, and the minute under way every now and
 * then.
 */
export const binanceProtocol: StreamProtocol = {
  vendor: 'binance',
  binary: false,
  greeting: [],
  answer: (message, mood) => {
    const { method, id } = JSON.parse(message.toString()) as { method: string; id: number };
    if (method !== 'SUBSCRIBE' || mood.subscriptions === 'unanswered') return { frames: [] };
    if (mood.subscriptions === 'refused' || mood.credentials === 'refused') {
      return { frames: [frame({ error: { code: 2, msg: 'Invalid request: unknown stream' }, id })] };
    }
    return { frames: [frame({ result: null, id })], subscribed: true };
  },
  bar: (symbol, bar) => kline(symbol, bar, true),
  revision: () => null,
  unclosed: (symbol, bar) => kline(symbol, bar, false),
  quote: ({ symbol, bid, bidSize, ask, askSize }) => {
    const s = joined(symbol);
    const data = { u: 1, s, b: String(bid), B: String(bidSize), a: String(ask), A: String(askSize) };
    return frame({ stream: `${s.toLowerCase()}@bookTicker`, data });
  },
  garbage: [
    Buffer.from('{"stream":"btcusdt@kline_1m","da'),
    frame({ stream: 'btcusdt@kline_1m', data: { e: 'kline', s: 'BTCUSDT', k: { x: true } } }),
    frame({ stream: 'btcusdt@kline_1m', data: { e: 'trade', s: 'BTCUSDT' } }),
  ],
};
