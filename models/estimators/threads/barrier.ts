/** Places in the shared control array of a team of threads. */
const WAITING = 0;
const PHASE = 1;
/** Set to 1 when the work was given up. */
export const STOPPED = 2;
export const CONTROL_LENGTH = 3;

/** Turns before a thread goes to sleep: at a barrier per level of a tree its peers are a few microseconds behind. */
const SPINS = 2_000;
/** Longest sleep before a thread looks whether the work was given up. */
const SLEEP_MS = 50;

/** Thrown in every thread of a team whose work was given up. */
export class TeamStopped extends Error {}

/** A place where each thread of a team waits for all others. `control` is shared. */
export class Barrier {
  private readonly control: Int32Array;
  private readonly threads: number;

  constructor(control: Int32Array, threads: number) {
    this.control = control;
    this.threads = threads;
  }

  /** Returns when all threads have arrived; what they wrote before is then seen by all. Throws TeamStopped when the work was given up. */
  wait(): void {
    const { control, threads } = this;
    if (Atomics.load(control, STOPPED) === 1) throw new TeamStopped('given up');
    if (threads === 1) return;
    const phase = Atomics.load(control, PHASE);
    if (Atomics.add(control, WAITING, 1) === threads - 1) {
      Atomics.store(control, WAITING, 0);
      Atomics.add(control, PHASE, 1);
      Atomics.notify(control, PHASE);
      return;
    }
    for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(control, PHASE) !== phase) return;
    while (Atomics.load(control, PHASE) === phase) {
      Atomics.wait(control, PHASE, phase, SLEEP_MS);
      if (Atomics.load(control, STOPPED) === 1) throw new TeamStopped('given up');
    }
  }
}
