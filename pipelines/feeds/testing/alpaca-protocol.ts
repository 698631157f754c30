import { decode, encode } from '@msgpack/msgpack';
import type { Bar } from '../../../features/bar.ts';
import type { StreamProtocol } from './stream-protocol.ts';

interface AlpacaRequest {
  readonly action: string;
  readonly bars?: string[];
  readonly updatedBars?: string[];
  readonly quotes?: string[];
}

const frame = (...messages: unknown[]): Buffer => Buffer.from(encode(messages));

function barMessage(type: 'b' | 'u', symbol: string, bar: Bar): Buffer {
  const { open: o, high: h, low: l, close: c, volume: v } = bar;
  return frame({ T: type, S: symbol, o, h, l, c, v, t: new Date(bar.openTimeMs), n: 7, vw: (o + c) / 2 });
}

/** Alpaca's market data: lists of messages in MessagePack, times as its timestamp extension. */
export const alpacaProtocol: StreamProtocol = {
  vendor: 'alpaca',
  binary: true,
  greeting: [frame({ T: 'success', msg: 'connected' })],
  answer: (message, mood) => {
    const request = decode(message) as AlpacaRequest;
    if (request.action === 'auth') {
      const refused = frame({ T: 'error', code: 402, msg: 'auth failed' });
      return { frames: [mood.credentials === 'refused' ? refused : frame({ T: 'success', msg: 'authenticated' })] };
    }
    if (request.action !== 'subscribe' || mood.subscriptions === 'unanswered') return { frames: [] };
    if (mood.subscriptions === 'refused')
      return { frames: [frame({ T: 'error', code: 405, msg: 'symbol limit exceeded' })] };
    const { bars = [], updatedBars = [], quotes = [] } = request;
    return { frames: [frame({ T: 'subscription', trades: [], quotes, bars, updatedBars })], subscribed: true };
  },
  bar: (symbol, bar) => barMessage('b', symbol, bar),
  revision: (symbol, bar) => barMessage('u', symbol, bar),
  unclosed: () => null,
  quote: ({ symbol, bid, bidSize, ask, askSize, timeMs }) =>
    frame({
      T: 'q',
      S: symbol,
      bx: 'V',
      bp: bid,
      bs: bidSize,
      ax: 'V',
      ap: ask,
      as: askSize,
      t: new Date(timeMs),
      c: ['R'],
      z: 'C',
    }),
  garbage: [
    Buffer.from([0xc1, 0xff, 0x00]),
    Buffer.from(encode({ T: 'b' })),
    frame({ T: 'b', S: 'AAPL', o: 'much', h: 1, l: 1, c: 1, v: 1, t: new Date(0) }),
    Buffer.from(encode([{ T: 'q', S: 'AAPL' }])).subarray(0, 6),
  ],
};
