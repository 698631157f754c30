import { systemClock } from '../../infra/clock.ts';

/** Time for a feed: what time it is, and a call back later. Tests pass a clock that jumps. */
export interface FeedClock {
  now(): number;
  /** Calls `callback` once after `delayMs`; the function returned calls that off. */
  after(delayMs: number, callback: () => void): () => void;
}

/** The machine's clock and timers. */
export const systemFeedClock: FeedClock = {
  now: systemClock,
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
