import type { StreamProtocol } from './stream-protocol.ts';

const frame = (...messages: unknown[]): Buffer => Buffer.from(JSON.stringify(messages));
const status = (word: string, message: string): unknown => ({ ev: 'status', status: word, message });

/** Polygon's stocks: lists of messages in JSON, every channel acknowledged by itself. */
export const polygonProtocol: StreamProtocol = {
  vendor: 'polygon',
  binary: false,
  greeting: [frame(status('connected', 'Connected Successfully'))],
  answer: (message, mood) => {
    const { action, params } = JSON.parse(message.toString()) as { action: string; params: string };
    if (action === 'auth') {
      const refused = status('auth_failed', 'authentication failed');
      return { frames: [frame(mood.credentials === 'refused' ? refused : status('auth_success', 'authenticated'))] };
    }
    if (action !== 'subscribe' || mood.subscriptions === 'unanswered') return { frames: [] };
    const channels = params.split(',');
    if (mood.subscriptions === 'refused') {
      return { frames: [frame(status('error', "You don't have access real-time data for this ticker."))] };
    }
    return {
      frames: [frame(...channels.map((channel) => status('success', `subscribed to: ${channel}`)))],
      subscribed: true,
    };
  },
  bar: (sym, { openTimeMs: s, closeTimeMs: e, open: o, high: h, low: l, close: c, volume: v }) =>
    frame({ ev: 'AM', sym, v, av: v, op: o, vw: c, o, c, h, l, a: c, z: 10, s, e }),
  revision: () => null,
  unclosed: () => null,
  quote: ({ symbol: sym, bid: bp, bidSize: bs, ask: ap, askSize: as, timeMs: t }) =>
    frame({ ev: 'Q', sym, bx: 4, bp, bs, ax: 7, ap, as, c: 0, t, q: 1, z: 3 }),
  garbage: [
    Buffer.from('[{"ev":"AM","sym"'),
    Buffer.from('{"ev":"AM"}'),
    frame({ ev: 'AM', sym: 'AAPL', o: 'much', h: 1, l: 1, c: 1, v: 1, s: 0, e: 60_000 }),
    frame({ ev: 'T', sym: 'AAPL' }),
    frame(null),
  ],
};
