import { setImmediate as turn } from 'node:timers/promises';

/**
 * What `feed` brings, and `between` every `paceMs` while nothing comes. What comes without a wait is handed on first.
 * An error of `between` ends it at once; the feed is then to be stopped by its own signal.
 */
export async function* meanwhile<T>(
  feed: AsyncIterable<T>,
  paceMs: number,
  between: () => Promise<void>,
): AsyncGenerator<T> {
  const iterator = feed[Symbol.asyncIterator]();
  let waiting = false;
  try {
    for (;;) {
      const coming = iterator.next();
      waiting = true;
      // Whoever waits hears of its failure below; nobody does once `between` has failed.
      coming.catch(() => undefined);
      const settled = coming.then(
        () => true,
        () => true,
      );
      for (let came = await Promise.race([settled, turn(false)]); !came;) {
        await between();
        // Cleared, not aborted: an error made for each close was a tenth of a session's time.
        let timer: NodeJS.Timeout | undefined;
        const pause = new Promise<false>((resolve) => (timer = setTimeout(resolve, paceMs, false)));
        came = await Promise.race([settled, pause]);
        clearTimeout(timer);
      }
      const { done, value } = await coming;
      waiting = false;
      if (done === true) return;
      yield value as T;
    }
  } finally {
    // One that still waits for its source would only return with what comes next.
    if (waiting) void iterator.return?.();
    else await iterator.return?.();
  }
}
