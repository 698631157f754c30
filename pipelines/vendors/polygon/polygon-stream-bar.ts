import { z } from 'zod';
import type { StreamMessage } from '../../feeds/stream-connection.ts';
import { invalidFrame, price, size } from '../../feeds/stream-values.ts';

const values = { o: price, h: price, l: price, c: price, v: size, s: z.number().int() };
/** `AM` (stocks) and `XA` (crypto): a minute that has ended; `s` is its start in epoch milliseconds. */
const streamBar = z.union([z.object({ sym: z.string(), ...values }), z.object({ pair: z.string(), ...values })]);

/** The bar in neutral words; `symbolOf` turns Polygon's name back into ours. */
export function parsePolygonStreamBar(frame: unknown, symbolOf: (name: string) => string): StreamMessage {
  const result = streamBar.safeParse(frame);
  if (!result.success) return invalidFrame('bar', result.error);
  const { o, h, l, c, v, s } = result.data;
  const name = 'sym' in result.data ? result.data.sym : result.data.pair;
  const bar = { symbol: symbolOf(name), openTimeMs: s, open: o, high: h, low: l, close: c, volume: v };
  return { kind: 'bar', bar };
}
