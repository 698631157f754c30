import type { FeedClock } from '../feed-clock.ts';

/** A clock that stands still while anything happens and then jumps to the next timer: hours of a feed in milliseconds. */
export class VirtualClock implements FeedClock {
  #nowMs: number;
  #number = 0;
  readonly #timers = new Map<number, { timeMs: number; callback: () => void }>();

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const id = this.#number++;
    this.#timers.set(id, { timeMs: this.#nowMs + Math.max(0, delayMs), callback });
    return () => this.#timers.delete(id);
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve));
  }

  /** Jumps from timer to timer until `work` has ended. Throws when nothing is left that could end it. */
  async runUntil<T>(work: Promise<T>): Promise<T> {
    let ended = false;
    const end = (): void => {
      ended = true;
    };
    work.then(end, end);
    for (;;) {
      // Every promise of the feed settles before an immediate runs.
      await new Promise((resolve) => setImmediate(resolve));
      if (ended) return work;
      const next = this.#earliest();
      if (next === null) throw new Error('nothing is left to wait for');
      this.#nowMs = Math.max(this.#nowMs, next.timeMs);
      this.#timers.delete(next.id);
      next.callback();
    }
  }

  #earliest(): { id: number; timeMs: number; callback: () => void } | null {
    let earliest: { id: number; timeMs: number; callback: () => void } | null = null;
    for (const [id, timer] of this.#timers) {
      if (earliest === null || timer.timeMs < earliest.timeMs) earliest = { id, ...timer };
    }
    return earliest;
  }
}
