import { z } from 'zod';
import type { StreamMessage } from '../../feeds/stream-connection.ts';
import { invalidFrame, size } from '../../feeds/stream-values.ts';

const values = { bp: size, ap: size, bs: size.optional(), as: size.optional(), t: z.number().int() };
/** `Q` (stocks) and `XQ` (crypto); `t` in epoch milliseconds. */
const streamQuote = z.union([z.object({ sym: z.string(), ...values }), z.object({ pair: z.string(), ...values })]);

/** The quote in neutral words; `symbolOf` turns Polygon's name back into ours. */
export function parsePolygonStreamQuote(frame: unknown, symbolOf: (name: string) => string): StreamMessage {
  const result = streamQuote.safeParse(frame);
  if (!result.success) return invalidFrame('quote', result.error);
  const { bp, ap, bs = 0, as = 0, t } = result.data;
  const name = 'sym' in result.data ? result.data.sym : result.data.pair;
  return { kind: 'quote', quote: { symbol: symbolOf(name), timeMs: t, bid: bp, bidSize: bs, ask: ap, askSize: as } };
}
