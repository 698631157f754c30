import { Window } from '../rolling/window.ts';

/** Values that a first fit waits for, where the window is no shorter. */
const FIRST_FIT = 126;

/** Inputs until the first fit of a kernel that fits on `window` values. */
export function firstFit(window: number, least = 0): number {
  return Math.min(window, Math.max(FIRST_FIT, least));
}

/** When a kernel fits its model anew: at `first` values, then every `every` values, on the last `window` of them. */
export class FitSchedule {
  readonly history: Window;
  readonly every: number;
  /** Values until the next fit. */
  wait: number;
  /** Whether a fit was due already. */
  begun = false;

  constructor(window: number, every: number, first = firstFit(window)) {
    this.history = new Window(window);
    this.every = every;
    this.wait = first;
  }

  /** Takes a value; true where a fit is due. */
  push(x: number): boolean {
    this.history.push(x);
    this.wait -= 1;
    if (this.wait > 0) return false;
    this.wait = this.every;
    this.begun = true;
    return true;
  }

  /** The last values in order of time, at most `window` of them: a view that the next value changes. */
  values(): Float64Array {
    const { values, start, length, count } = this.history;
    return values.subarray(start + length - count, start + length);
  }
}
