import { z } from 'zod';
import type { StreamMessage } from '../../feeds/stream-connection.ts';
import { invalidFrame, sizeText } from '../../feeds/stream-values.ts';

/** A `bookTicker` event: best bid `b` (size `B`) and ask `a` (size `A`). Spot events carry no time. */
const ticker = z.object({ s: z.string(), b: sizeText, B: sizeText, a: sizeText, A: sizeText });

/** The quote in neutral words, at the time it was received. `symbolOf` turns Binance's name back into ours. */
export function parseBinanceTicker(
  event: unknown,
  symbolOf: (name: string) => string,
  receivedMs: number,
): StreamMessage {
  const result = ticker.safeParse(event);
  if (!result.success) return invalidFrame('bookTicker', result.error);
  const { s, b, B, a, A } = result.data;
  return { kind: 'quote', quote: { symbol: symbolOf(s), timeMs: receivedMs, bid: b, bidSize: B, ask: a, askSize: A } };
}
