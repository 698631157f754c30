import type { Bar } from '../bar.ts';
import { FEATURE_TIMEFRAMES, timeframeMs } from '../timeframe.ts';
import { RollingLow } from '../rolling/rolling-extreme.ts';
import { Window } from '../rolling/window.ts';

/** Values that a first fit waits for, where the window is no shorter. */
const FIRST_FIT = 126;

/** Inputs until the first fit of a kernel that fits on `window` values. */
export function firstFit(window: number, least = 0): number {
  return Math.min(window, Math.max(FIRST_FIT, least));
}

/** Bar sizes, shortest first. */
const SIZES_MS = FEATURE_TIMEFRAMES.map((timeframe) => timeframeMs(timeframe)!);

/**
 * When a kernel fits its model anew: at `first` values, then whenever the clock, in steps of `every` bar lengths from
 * 1970 on, has moved by one. It depends on the times of the last bars alone: where history begins is forgotten with the
 * first fit on a full window. A bar is as long as the shortest way from open to open of late: its close may be that of
 * the last trade, and a day in spring has 23 hours.
 */
export class FitSchedule {
  readonly history: Window;
  readonly every: number;
  readonly first: number;
  readonly gaps: RollingLow;
  /** Whether a fit was due already. */
  begun = false;
  openTimeMs = NaN;

  constructor(window: number, every: number, first = firstFit(window)) {
    this.history = new Window(window);
    this.every = every;
    this.first = first;
    this.gaps = new RollingLow(first);
  }

  /** Takes the value of a bar; true where a fit is due. */
  push(x: number, { openTimeMs }: Pick<Bar, 'openTimeMs'>): boolean {
    this.history.push(x);
    const before = this.openTimeMs;
    this.openTimeMs = openTimeMs;
    if (before !== before) return this.#isDue(false);
    const gap = this.gaps.push(openTimeMs - before);
    const step = (SIZES_MS.find((size) => size >= gap) ?? gap) * this.every;
    return this.#isDue(Math.floor(openTimeMs / step) !== Math.floor(before / step));
  }

  #isDue(moved: boolean): boolean {
    if (this.history.count < this.first || (this.begun && !moved)) return false;
    this.begun = true;
    return true;
  }

  /** The last values in order of time, at most `window` of them: a view that the next value changes. */
  values(): Float64Array {
    const { values, start, length, count } = this.history;
    return values.subarray(start + length - count, start + length);
  }
}
