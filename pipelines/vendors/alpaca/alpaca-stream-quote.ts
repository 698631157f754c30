import { z } from 'zod';
import type { StreamMessage } from '../../feeds/stream-connection.ts';
import { invalidFrame, size } from '../../feeds/stream-values.ts';

/** A `q` frame as Alpaca's SDK hands it on. A side without an offer has price and size 0. */
const streamQuote = z.object({
  symbol: z.string(),
  timestamp: z.date(),
  bidPrice: size,
  bidSize: size,
  askPrice: size,
  askSize: size,
});

/** The quote in neutral words. */
export function parseAlpacaStreamQuote(frame: unknown): StreamMessage {
  const result = streamQuote.safeParse(frame);
  if (!result.success) return invalidFrame('quote', result.error);
  const { symbol, timestamp, bidPrice, bidSize, askPrice, askSize } = result.data;
  return {
    kind: 'quote',
    quote: { symbol, timeMs: timestamp.getTime(), bid: bidPrice, bidSize, ask: askPrice, askSize },
  };
}
