import type { FeedClock } from '../feed-clock.ts';

/** A clock that runs `speed` times as fast as the machine's from `startMs` on, for feeds over real sockets. */
export function createFastClock(startMs: number, speed: number): FeedClock {
  const begun = performance.now();
  return {
    now: () => Math.floor(startMs + (performance.now() - begun) * speed),
    after: (delayMs, callback) => {
      const timer = setTimeout(callback, delayMs / speed);
      return () => clearTimeout(timer);
    },
  };
}
