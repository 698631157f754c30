import { ExponentialBackoff, type IBackoff } from 'cockatiel';
import type { Random } from '../../infra/random.ts';

const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/**
 * Waits of 1, 2, 4 ... 60 s, each cut at random by up to a half, so that many clients do not come back at one moment.
 */
export class ReconnectDelay {
  readonly #random: Random;
  #backoff: IBackoff<unknown> | null = null;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The wait before the next attempt, in milliseconds. */
  next(): number {
    this.#backoff = this.#backoff === null ? this.#start().next() : this.#backoff.next(undefined);
    return this.#backoff.duration;
  }

  /** The attempt succeeded: the next wait is the shortest again. */
  reset(): void {
    this.#backoff = null;
  }

  #start(): ExponentialBackoff<number> {
    const generator = (attempt = 0, { initialDelay, maxDelay }: { initialDelay: number; maxDelay: number }) => {
      const longest = Math.min(maxDelay, initialDelay * 2 ** attempt);
      const result: [number, number] = [longest * (0.5 + this.#random.next() / 2), attempt + 1];
      return result;
    };
    return new ExponentialBackoff({ initialDelay: FIRST_MS, maxDelay: LONGEST_MS, generator });
  }
}
