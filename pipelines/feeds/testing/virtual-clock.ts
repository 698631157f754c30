import type { FeedClock } from '../feed-clock.ts';

interface Timer {
  readonly timeMs: number;
  /** Timers of one time go off in the order in which they were set. */
  readonly number: number;
  /** Null once it has been called off. */
  callback: (() => void) | null;
}

/**
 * A clock that stands still while anything happens and then jumps to the next timer: hours of a feed in milliseconds.
 */
export class VirtualClock implements FeedClock {
  #nowMs: number;
  #number = 0;
  /** A binary heap, the next timer first: a vendor sets tens of thousands. */
  readonly #timers: Timer[] = [];

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer: Timer = { timeMs: this.#nowMs + Math.max(0, delayMs), number: this.#number++, callback };
    this.#push(timer);
    return () => {
      timer.callback = null;
    };
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
      const next = this.#pop();
      if (next === undefined) throw new Error('nothing is left to wait for');
      this.#nowMs = Math.max(this.#nowMs, next.timeMs);
      next.callback!();
    }
  }

  #push(timer: Timer): void {
    const heap = this.#timers;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(timer, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = timer;
  }

  /** The next timer that has not been called off. */
  #pop(): Timer | undefined {
    for (;;) {
      const [first] = this.#timers;
      const last = this.#timers.pop();
      if (first === undefined || last === undefined) return undefined;
      if (first !== last) this.#sink(last);
      if (first.callback !== null) return first;
    }
  }

  #sink(timer: Timer): void {
    const heap = this.#timers;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
      if (!before(heap[child]!, timer)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = timer;
  }
}

function before(a: Timer, b: Timer): boolean {
  return a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.number < b.number);
}
