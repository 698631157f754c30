import { systemClock } from '../../infra/clock.ts';

/** Time for a feed: what time it is, and a call back later. Tests pass a clock that jumps. */
export interface FeedClock {
  now(): number;
  /** Calls `callback` once after `delayMs`; the function returned calls that off. */
  after(delayMs: number, callback: () => void): () => void;
}

/** Timers count up to this; a longer one would call at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** The machine's clock and timers. */
export const systemFeedClock: FeedClock = {
  now: systemClock,
  after: (delayMs, callback) => {
    let timer: NodeJS.Timeout;
    const wait = (leftMs: number): void => {
      const longer = leftMs > TIMER_MS_MAX;
      timer = setTimeout(longer ? () => wait(leftMs - TIMER_MS_MAX) : callback, Math.min(leftMs, TIMER_MS_MAX));
    };
    wait(delayMs);
    return () => clearTimeout(timer);
  },
};
