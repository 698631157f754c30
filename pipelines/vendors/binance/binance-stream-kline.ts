import { z } from 'zod';
import type { StreamMessage } from '../../feeds/stream-connection.ts';
import { invalidFrame, priceText, sizeText } from '../../feeds/stream-values.ts';

/** A `kline` event; `k.x` says whether the minute that starts at `k.t` has closed. */
const kline = z.object({
  s: z.string(),
  k: z.object({
    t: z.number().int(),
    i: z.literal('1m'),
    o: priceText,
    h: priceText,
    l: priceText,
    c: priceText,
    v: sizeText,
    x: z.boolean(),
  }),
});

/**
 * The bar in neutral words; a minute under way is only a sign of life. `symbolOf` turns Binance's name back into ours.
 */
export function parseBinanceKline(event: unknown, symbolOf: (name: string) => string): StreamMessage {
  const result = kline.safeParse(event);
  if (!result.success) return invalidFrame('kline', result.error);
  const { s, k } = result.data;
  if (!k.x) return { kind: 'beat' };
  const { t, o, h, l, c, v } = k;
  return { kind: 'bar', bar: { symbol: symbolOf(s), openTimeMs: t, open: o, high: h, low: l, close: c, volume: v } };
}
