/** A process that was stopped, or whose machine slept, finds that all of its time has passed at once. */
const SLICE_MS = 250;

/**
 * Waits until another thread has put something at a place of `control`, which is taken from there. Time in which this
 * process stood still does not count: the thread that is to answer stood still with it.
 * @returns what was there; 0 where nothing came within `waitMs`
 */
export function waitFor(control: Int32Array, place: number, waitMs: number): number {
  for (let waitedMs = 0; ;) {
    const found = Atomics.exchange(control, place, 0);
    if (found !== 0 || waitedMs >= waitMs) return found;
    const sliceMs = Math.min(SLICE_MS, waitMs - waitedMs);
    // A notice of the answer before may come late: it wakes whoever waits for the next, and counts as no time.
    if (Atomics.wait(control, place, 0, sliceMs) === 'timed-out') waitedMs += sliceMs;
  }
}
