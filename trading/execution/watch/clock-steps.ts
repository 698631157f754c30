import type { Clock } from '../../../infra/clock.ts';

/** A clock that is put by less than this in ms is only corrected. */
const STEP_MS = 500;

/**
 * Whether our clock was put. What waits for so long, and what is proven by time that has passed, is reckoned by the
 * same clock: without this it would wait for as long as the clock was put back, or be proven at once.
 */
export class ClockSteps {
  readonly #clock: Clock;
  readonly #steady: Clock;
  #apartMs: number;

  /** @param steady goes on evenly, whatever becomes of `clock` */
  constructor(clock: Clock, steady: Clock) {
    this.#clock = clock;
    this.#steady = steady;
    this.#apartMs = clock() - steady();
  }

  /** By how much it was put forward since the last look, in ms; below 0 where back, 0 where it was not put. */
  look(): number {
    const stepMs = this.#clock() - this.#steady() - this.#apartMs;
    if (Math.abs(stepMs) < STEP_MS) return 0;
    this.#apartMs += stepMs;
    return stepMs;
  }
}
