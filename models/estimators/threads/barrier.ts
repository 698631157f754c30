/** Places in the shared control array of a team of threads. */
const WAITING = 0;
const PHASE = 1;
/** Set to 1 when the work was given up. */
export const STOPPED = 2;
export const CONTROL_LENGTH = 3;

/**
 * Turns before a thread goes to sleep, about a nanosecond each. Peers are some ten microseconds behind on an idle
 * machine, where waking up takes longer than waiting; on a busy one a peer may have no processor at all, and turning
 * only keeps it from one. So a wait in vain halves the turns and one that was worth it doubles them (boosting on two
 * threads beside five busy processes, best of eight: 0.92 s; 1.66 s with 2,000 turns; 3.5 s with 400,000).
 */
const SPINS_MIN = 1_000;
const SPINS_MAX = 100_000;
/** Longest sleep before a thread looks whether the work was given up. */
const SLEEP_MS = 50;

/** Thrown in every thread of a team whose work was given up. */
export class TeamStopped extends Error {}

/** A place where each thread of a team waits for all others. `control` is shared. */
export class Barrier {
  readonly #control: Int32Array;
  readonly #threads: number;
  #spins = SPINS_MAX;

  constructor(control: Int32Array, threads: number) {
    this.#control = control;
    this.#threads = threads;
  }

  /**
   * Returns when all threads have arrived; what they wrote before is then seen by all. Throws TeamStopped when the work
   * was given up.
   */
  wait(): void {
    const control = this.#control;
    const threads = this.#threads;
    if (Atomics.load(control, STOPPED) === 1) throw new TeamStopped('given up');
    if (threads === 1) return;
    const phase = Atomics.load(control, PHASE);
    if (Atomics.add(control, WAITING, 1) === threads - 1) {
      Atomics.store(control, WAITING, 0);
      Atomics.add(control, PHASE, 1);
      Atomics.notify(control, PHASE);
      return;
    }
    for (let spin = 0; spin < this.#spins; spin++) {
      if (Atomics.load(control, PHASE) === phase) continue;
      this.#spins = Math.min(SPINS_MAX, 2 * this.#spins);
      return;
    }
    this.#spins = Math.max(SPINS_MIN, this.#spins >> 1);
    while (Atomics.load(control, PHASE) === phase) {
      Atomics.wait(control, PHASE, phase, SLEEP_MS);
      if (Atomics.load(control, STOPPED) === 1) throw new TeamStopped('given up');
    }
  }
}
