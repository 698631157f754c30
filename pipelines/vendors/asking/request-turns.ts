import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Sleep } from '../../../infra/sleep.ts';

export interface RequestTurnsOptions {
  readonly name: string;
  readonly perMinute: number;
  readonly sleep: Sleep;
}

/** Resolves when one more request may be sent; rejects with the signal's reason. */
export type TakeTurn = (signal?: AbortSignal) => Promise<void>;

/** At most so many requests at once. */
const BURST_MAX = 10;

/**
 * Turns that never exceed `perMinute` in any 60 s, nor ten at once. The library counts in windows that begin with their
 * first request, so that a window of a minute lets through twice its limit where two meet. So the minute is cut into
 * equal parts with up to ten turns in each, and every turn is a window of its own, taken in rotation: one request, and
 * free again when a part's length has passed since. Ten requests in any part, 60 s are a whole number of parts. Limits
 * that do not divide are rounded down, by a tenth at most (95 to 90).
 */
export function createRequestTurns({ name, perMinute, sleep }: RequestTurnsOptions): TakeTurn {
  const parts = Math.ceil(perMinute / BURST_MAX);
  const turns = Math.floor(perMinute / parts);
  const limiter = new RateLimiterMemory({ points: 1, duration: 60 / parts });
  let next = 0;
  return async (signal) => {
    const turn = `${name} ${next++ % turns}`;
    for (;;) {
      try {
        await limiter.consume(turn);
        return;
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        await sleep(Math.max(1, error.msBeforeNext), signal);
      }
    }
  };
}
