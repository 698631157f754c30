import type { Bar } from '../bar.ts';
import { FEATURE_TIMEFRAMES, timeframeMs } from '../timeframe.ts';
import { Window } from '../rolling/window.ts';

/** Values that a first fit waits for, where the window is no shorter. */
const FIRST_FIT = 126;

/** Inputs until the first fit of a kernel that fits on `window` values. */
export function firstFit(window: number, least = 0): number {
  return Math.min(window, Math.max(FIRST_FIT, least));
}

/** What a closed bar tells of when it was. */
type Times = Pick<Bar, 'openTimeMs' | 'closeTimeMs'>;

/** Bar sizes, shortest first: a daily bar lasts as long as its session and is one of a day. */
const SIZES_MS = FEATURE_TIMEFRAMES.map((timeframe) => timeframeMs(timeframe)!);

function sizeOf({ openTimeMs, closeTimeMs }: Times): number {
  const length = closeTimeMs - openTimeMs;
  return SIZES_MS.find((size) => size >= length) ?? length;
}

/**
 * When a kernel fits its model anew: at `first` values, then whenever the clock, in steps of `every` bar lengths from
 * 1970 on, has moved by one. It depends on the times of bars alone: where history begins is forgotten with the first
 * fit on a full window.
 */
export class FitSchedule {
  readonly history: Window;
  readonly every: number;
  readonly first: number;
  /** Whether a fit was due already. */
  begun = false;
  openTimeMs = NaN;
  sizeMs = 0;

  constructor(window: number, every: number, first = firstFit(window)) {
    this.history = new Window(window);
    this.every = every;
    this.first = first;
  }

  /** Takes the value of a bar; true where a fit is due. */
  push(x: number, bar: Times): boolean {
    this.history.push(x);
    const size = sizeOf(bar);
    // The last bar of a day may be a shorter one.
    const step = Math.max(size, this.sizeMs) * this.every;
    const moved = Math.floor(bar.openTimeMs / step) !== Math.floor(this.openTimeMs / step);
    this.openTimeMs = bar.openTimeMs;
    this.sizeMs = size;
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
