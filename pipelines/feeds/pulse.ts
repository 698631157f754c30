import type { FeedClock } from './feed-clock.ts';

/** Something changed: wakes whoever waits for it. A beat while nobody waits is remembered. */
export class Pulse {
  #wake: (() => void) | null = null;
  #pending = false;

  beat(): void {
    if (this.#wake === null) this.#pending = true;
    else this.#wake();
  }

  /** Resolves at the next beat, or after `timeoutMs` where that comes first. One waiter at a time. */
  wait(clock?: FeedClock, timeoutMs = Infinity): Promise<void> {
    if (this.#pending) {
      this.#pending = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      let cancel: (() => void) | null = null;
      this.#wake = () => {
        this.#wake = null;
        cancel?.();
        resolve();
      };
      if (clock !== undefined && timeoutMs < Infinity) cancel = clock.after(timeoutMs, this.#wake);
    });
  }
}
