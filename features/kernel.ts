import type { Bar, BarColumns } from './bar.ts';
import type { EventKernel } from './events/event-kernel.ts';
import type { EventTimeline } from './events/event-timeline.ts';

/**
 * An incremental feature over bars. `next` takes the next closed bar and returns the first output, NaN while warming
 * up. A kernel with several outputs leaves all of them in `out`. Everything a kernel remembers lies in its own fields
 * (numbers, booleans, typed arrays, kernels and arrays of kernels), so that `kernel-state.ts` can save and restore any
 * of them; anything derived from the parameters alone may lie there too. Kernel classes therefore keep their fields
 * public; callers see this interface alone.
 */
export interface BarKernel {
  next(bar: Bar): number;
  readonly out?: Float64Array;
}

/** An incremental feature over one series of finite numbers. */
export interface SeriesKernel {
  next(x: number): number;
  readonly out?: Float64Array;
}

/** An incremental feature over two series of finite numbers. */
export interface PairKernel {
  next(x: number, y: number): number;
  readonly out?: Float64Array;
}

/** A positional parameter. One without `fallback` must be given. */
export interface Parameter {
  readonly name: string;
  readonly fallback?: number;
  readonly min: number;
  readonly max: number;
  readonly integer: boolean;
}

/** A named choice between conventions; the first is the default, which the reference cases use. */
export interface Choice {
  readonly name: string;
  readonly values: readonly string[];
  readonly meaning: string;
}

/** Values of the positional parameters in their order. */
type Numbers = readonly number[];
/** Chosen convention of every named option. */
export type Choices = Readonly<Record<string, string>>;

interface Described {
  readonly name: string;
  /** Raise it whenever a change could alter an output; it is part of a feature set's hash. */
  readonly version: number;
  /** What it measures, and where the formula comes from. */
  readonly source: string;
  readonly parameters: readonly Parameter[];
  readonly choices?: readonly Choice[];
  /** Names of the outputs; absent when there is one, which then needs no name. */
  readonly outputs?: readonly string[];
  /** Leading inputs for which some output is NaN, given input without gaps. */
  warmUp(numbers: Numbers, choices: Choices): number;
  /** True when the first value may come earlier than `warmUp` says, depending on the data; it never comes later. */
  readonly warmUpIsBound?: boolean;
  /** What is wrong with this combination of parameters, or null. */
  check?(numbers: Numbers): string | null;
}

export interface BarFeature extends Described {
  readonly inputs: 'bar';
  create(numbers: Numbers, choices: Choices): BarKernel;
  /**
   * The same values over whole columns, bit for bit, for the default choices; `outputs` have bars.length places each.
   */
  batch?(numbers: Numbers, bars: BarColumns, outputs: readonly Float64Array[]): void;
}

export interface SeriesFeature extends Described {
  readonly inputs: 'series';
  /** Stands for the close when no series is written; false when one must be written. */
  readonly closeImplied: boolean;
  create(numbers: Numbers, choices: Choices): SeriesKernel;
  /** As for bars. `x` holds finite numbers only. */
  batch?(numbers: Numbers, x: Float64Array, outputs: readonly Float64Array[]): void;
}

export interface PairFeature extends Described {
  /**
   * `pair` takes two series of one symbol, `close` one series and the close, `symbol` the closes of this symbol and of
   * a named one.
   */
  readonly inputs: 'pair' | 'close' | 'symbol';
  /** The named symbol is looked at by a series of it, the close when none is written. */
  readonly otherSeries?: true;
  create(numbers: Numbers, choices: Choices): PairKernel;
}

export interface CrossFeature extends Described {
  readonly inputs: 'cross';
  /**
   * Replaces the `count` first numbers, the values of the symbols present at one time, by their standing among them.
   */
  combine(values: Float64Array, count: number, choices: Choices): void;
}

export interface EventFeature extends Described {
  /** Words in place of a series: a kind of events, a measure and a span, of which `numbers` has the milliseconds. */
  readonly inputs: 'events';
  create(numbers: Numbers, choices: Choices, events: EventTimeline): EventKernel;
}

export type FeatureDefinition = BarFeature | SeriesFeature | PairFeature | CrossFeature | EventFeature;

/** Longest window a parameter may ask for: memory stays bounded whatever a user writes. */
const LONGEST_WINDOW = 100_000;

/** A window length in bars. */
export function period(name: string, fallback?: number, min = 1): Parameter {
  const base = { name, min, max: LONGEST_WINDOW, integer: true };
  return fallback === undefined ? base : { ...base, fallback };
}

/** A positive multiple. */
export function multiple(name: string, fallback: number): Parameter {
  return { name, fallback, min: 1e-6, max: 1e6, integer: false };
}
