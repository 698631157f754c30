import { z } from 'zod';
import type { StreamMessage } from '../../feeds/stream-connection.ts';
import { invalidFrame, price, size } from '../../feeds/stream-values.ts';

/** A `b` or `u` frame as Alpaca's SDK hands it on: the open of a closed minute and its values. */
const streamBar = z.object({
  symbol: z.string(),
  timestamp: z.date(),
  open: price,
  high: price,
  low: price,
  close: price,
  volume: size,
});

/**
 * The bar in neutral words; `revision` for a `u` frame, in which Alpaca takes back what trades reported late have
 * changed.
 */
export function parseAlpacaStreamBar(kind: 'bar' | 'revision', frame: unknown): StreamMessage {
  const result = streamBar.safeParse(frame);
  if (!result.success) return invalidFrame(kind, result.error);
  const { timestamp, ...bar } = result.data;
  return { kind, bar: { ...bar, openTimeMs: timestamp.getTime() } };
}
