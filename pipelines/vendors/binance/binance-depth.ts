import { z } from 'zod';
import type { Clock } from '../../../infra/clock.ts';
import type { DepthChange, DepthSnapshot } from '../../books/book-replica.ts';
import type { Level } from '../../books/book-side.ts';
import type { DepthSource } from '../../books/depth-source.ts';
import { priceText, sizeText } from '../../feeds/stream-values.ts';
import { createDeadlineCall } from '../asking/deadline-call.ts';
import { parseAnswer } from '../http/parse-answer.ts';
import { createBinanceClient, type BinanceSettings } from './binance-client.ts';
import { openBinanceSocket } from './binance-socket.ts';
import type { BinanceStreamSettings } from './binance-stream.ts';

/** Levels of a side that Binance answers with at the most; so many weigh 250 of 6,000 a minute. */
const LIMIT = 5_000;

const levels = z.array(z.tuple([priceText, sizeText])) as unknown as z.ZodType<Level[]>;

/** A `depthUpdate` event; `pu` comes of USD-M futures only. */
const update = z.object({ s: z.string(), U: z.int(), u: z.int(), pu: z.int().optional(), b: levels, a: levels });

/** `GET /api/v3/depth`. */
const answer = z.object({ lastUpdateId: z.int(), bids: levels, asks: levels });

export interface BinanceDepthOptions {
  readonly settings: BinanceSettings & BinanceStreamSettings;
  /** As Binance writes it: `BTCUSDT`. */
  readonly pair: string;
  readonly clock: Clock;
}

/** The spot order book of a pair: changes ten times a second, and snapshots of 5,000 levels a side. No key. */
export function createBinanceDepth({ settings, pair, clock }: BinanceDepthOptions): DepthSource {
  const client = createBinanceClient(settings, clock);
  const call = createDeadlineCall('binance');
  return {
    connect: ({ onChange, onInvalid, onClose, signal }) =>
      openBinanceSocket({
        streamUrl: settings.streamUrl,
        channels: [`${pair.toLowerCase()}@depth@100ms`],
        onEvent: (event) => {
          const change = changeOf(event, pair);
          if (typeof change === 'string') onInvalid(change);
          else onChange(change);
        },
        onInvalid,
        onClose,
        signal,
      }),
    snapshot: (signal) => {
      const where = { vendor: 'binance', endpoint: `the order book of ${pair}` } as const;
      const read = async (ended: AbortSignal): Promise<DepthSnapshot> => {
        const json = await client.read(where, ended, (api) => api.getOrderBook({ symbol: pair, limit: LIMIT }));
        const { lastUpdateId, bids, asks } = parseAnswer(answer, json, where);
        return { last: lastUpdateId, bids, asks, limit: LIMIT };
      };
      return call(where.endpoint, read, { signal });
    },
  };
}

/** A change in neutral words, or what is wrong with the event. */
function changeOf(event: unknown, pair: string): DepthChange | string {
  const result = update.safeParse(event);
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    return `depthUpdate: ${path.join('.') || 'all of it'}: ${message}`;
  }
  const { s, U, u, pu, b, a } = result.data;
  if (s !== pair) return `depthUpdate: a change of ${s}`;
  return { first: U, last: u, before: pu, bids: b, asks: a };
}
