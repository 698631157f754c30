import { DAY_MS } from './timeframe.ts';
import type { Bar, BarColumns } from './bar.ts';
import { EVENT_MEASURES } from './events/event-kernel.ts';
import { barAt, createBarColumns, sliceBarColumns } from './bar.ts';
import type { FeatureMatrix } from './feature-matrix.ts';
import { computeFeatures, FeatureStream } from './feature-matrix.ts';
import type { FeatureSet } from './feature-set.ts';
import type { FeatureDefinition } from './kernel.ts';

/**
 * What every feature must keep, as functions that return what is wrong, one line each; nothing means that the contract
 * holds. One suite runs them on every registered feature; another shows that each of them can fail.
 */

/** Bars of the contract's own timeframe. */
export const CONTRACT_TIMEFRAME = '1d';

/** Expressions that exercise `definition`: defaults, short and odd windows, every convention, other inputs, nesting. */
export function expressionsOf(definition: FeatureDefinition): string[] {
  const { name, inputs, parameters, choices = [] } = definition;
  const sources = {
    bar: [''],
    series: ['close', 'hl2', 'rsi(5)', 'volume'],
    close: ['ema(5)'],
    cross: ['close', 'rsi(5)'],
    events: EVENT_MEASURES.map((measure) => `news,${measure},5d`),
  };
  const others = 'otherSeries' in definition ? ['AAA', 'BBB,rsi(5)'] : ['AAA', 'BBB'];
  const firsts = inputs === 'symbol' ? others : inputs === 'pair' ? ['close,open', 'rsi(5),volume'] : sources[inputs];
  const fits = (numbers: readonly number[]): boolean =>
    (definition.check?.(numbers) ?? null) === null &&
    numbers.every((value, i) => value >= parameters[i]!.min && value <= parameters[i]!.max);
  const usual = parameters.map(({ fallback, integer }) => fallback ?? (integer ? 10 : 0.4));
  const variants = [
    usual,
    parameters.map(({ min, integer }, i) => (integer ? min + i : usual[i]!)),
    parameters.map(({ min, integer }, i) => (integer ? Math.max(min, 3) + 2 * i : usual[i]! / 2)),
    parameters.map(({ min, integer }, i) => (integer ? min + 17 + 5 * i : usual[i]! * 1.5)),
  ].filter(fits);
  const lists = new Set(variants.map((numbers) => numbers.join(',')));
  const write = (...parts: string[]): string => `${name}(${parts.filter((part) => part !== '').join(',')})`;
  const written = firsts.flatMap((first, i) => [...lists].slice(0, i === 0 ? 4 : 1).map((list) => write(first, list)));
  const conventions = choices.flatMap((choice) =>
    choice.values.map((value) => write(firsts[0]!, usual.join(','), `${choice.name}=${value}`)),
  );
  return [...new Set([...written, ...conventions])];
}

/** A stream over a universe that is moved by hand, a close time at a time, and what it has said so far. */
class StreamRun {
  readonly steps: number;
  readonly #set: FeatureSet;
  readonly #universe: readonly BarColumns[];
  readonly #times: readonly number[];
  readonly #values: readonly Float64Array[];
  readonly #at: number[];
  #step = 0;
  #stream: FeatureStream;

  constructor(set: FeatureSet, universe: readonly BarColumns[]) {
    this.#set = set;
    this.#universe = universe;
    this.#times = [...new Set(universe.flatMap((bars) => [...bars.closeTimeMs]))].sort((a, b) => a - b);
    this.steps = this.#times.length;
    this.#values = universe.map((bars) => new Float64Array(bars.length * set.columns.length));
    this.#at = universe.map(() => 0);
    this.#stream = new FeatureStream(
      set,
      universe.map((bars) => bars.symbol),
    );
  }

  /** Takes the bars of the next close time; none after the last. */
  next(): void {
    if (this.#step >= this.steps) return;
    const at = this.#at;
    const set = this.#set;
    const universe = this.#universe;
    const values = this.#values;
    const time = this.#times[this.#step++]!;
    const bars = universe.map((one, s): Bar | null => (one.closeTimeMs[at[s]!] === time ? barAt(one, at[s]!) : null));
    this.#stream.step(time, bars).forEach((row, s) => {
      if (row === null) return;
      values[s]!.set(row, at[s]! * set.columns.length);
      at[s]! += 1;
    });
  }

  /** Goes on in a stream restored from what this one saves. */
  restore(): void {
    this.#stream = FeatureStream.restore(this.#set, JSON.parse(JSON.stringify(this.#stream.save())));
  }

  matrices(): FeatureMatrix[] {
    const { columns } = this.#set;
    return this.#universe.map(({ symbol, length, closeTimeMs }, s) => ({
      symbol,
      columns,
      length,
      closeTimeMs,
      values: this.#values[s]!,
    }));
  }
}

/**
 * Rows of every symbol by the stream, in the shape of the batch result. `restoreAt` continues in a stream restored from
 * there.
 */
export function streamFeatures(set: FeatureSet, universe: readonly BarColumns[], restoreAt = -1): FeatureMatrix[] {
  const run = new StreamRun(set, universe);
  for (let step = 0; step < run.steps; step++) {
    if (step === restoreAt) run.restore();
    run.next();
  }
  return run.matrices();
}

/** The first place, up to row `rows` of each symbol, at which two results differ in their bits; null when nowhere. */
export function firstDifference(
  a: readonly FeatureMatrix[],
  b: readonly FeatureMatrix[],
  rows = Infinity,
): string | null {
  for (const [s, left] of a.entries()) {
    const right = b[s]!;
    const width = left.columns.length;
    for (let i = 0; i < Math.min(left.length, right.length, rows) * width; i++) {
      if (!Object.is(left.values[i], right.values[i])) {
        const place = `${left.columns[i % width]} of ${left.symbol} at row ${Math.floor(i / width)}`;
        return `${place}: ${left.values[i]} and ${right.values[i]}`;
      }
    }
  }
  return null;
}

/** The batch result against the stream's, bit for bit. */
export function checkStream(set: FeatureSet, universe: readonly BarColumns[]): string[] {
  const difference = firstDifference(computeFeatures(set, universe), streamFeatures(set, universe));
  return difference === null ? [] : [`batch and stream differ: ${difference}`];
}

/** A second computation gives the same, whatever was computed in between. */
export function checkDeterminism(set: FeatureSet, universe: readonly BarColumns[]): string[] {
  const first = computeFeatures(set, universe);
  computeFeatures(
    set,
    universe.map((bars) => corruptAfter(bars, -1)),
  );
  const again = firstDifference(first, computeFeatures(set, universe));
  return again === null ? [] : [`a second computation differs: ${again}`];
}

/**
 * Kernels of one set share nothing: a stream begun while others are under way, on the same bars and on nonsense, and
 * one begun after all of them, give what the first gave alone; and the set is as it was.
 */
export function checkFreshStart(set: FeatureSet, universe: readonly BarColumns[]): string[] {
  const before = JSON.stringify(set);
  const alone = streamFeatures(set, universe);
  const first = new StreamRun(set, universe);
  const nonsense = new StreamRun(
    set,
    universe.map((bars) => corruptAfter(bars, -1)),
  );
  const lateBy = Math.floor(first.steps / 3);
  const late = new StreamRun(set, universe);
  for (let step = 0; step < first.steps + lateBy; step++) {
    first.next();
    nonsense.next();
    if (step >= lateBy) late.next();
  }
  const runs = {
    'beside others': first.matrices(),
    'begun later': late.matrices(),
    anew: streamFeatures(set, universe),
  };
  const wrong = Object.entries(runs).flatMap(([how, rows]) => {
    const difference = firstDifference(alone, rows);
    return difference === null ? [] : [`a stream ${how} differs: ${difference}`];
  });
  return JSON.stringify(set) === before ? wrong : [...wrong, 'the set itself has changed'];
}

/** A stream saved to JSON and restored at a third and at two thirds goes on as if nothing had happened. */
export function checkRestore(set: FeatureSet, universe: readonly BarColumns[]): string[] {
  const whole = streamFeatures(set, universe);
  const steps = Math.max(...universe.map((bars) => bars.length));
  return [Math.floor(steps / 3), Math.floor((2 * steps) / 3)].flatMap((step) => {
    const difference = firstDifference(whole, streamFeatures(set, universe, step));
    return difference === null ? [] : [`restored at step ${step}: ${difference}`];
  });
}

/**
 * Rows up to a bar do not change when every later bar is corrupted, nor when there are none: nothing looks ahead.
 * `cuts`: after how many bars of the first symbol to look; after the first, in the middle and before the last by
 * default.
 */
export function checkPrefix(set: FeatureSet, universe: readonly BarColumns[], cuts?: readonly number[]): string[] {
  const whole = computeFeatures(set, universe);
  const shortest = Math.min(...universe.map((bars) => bars.length));
  return (cuts ?? [1, Math.floor(shortest / 2), shortest - 1]).flatMap((rows) => {
    const until = universe[0]!.closeTimeMs[rows - 1]!;
    const kept = universe.map((bars) => bars.closeTimeMs.findLastIndex((time) => time <= until) + 1);
    const corrupted = computeFeatures(
      set,
      universe.map((bars, s) => corruptAfter(bars, kept[s]! - 1)),
    );
    const cut = computeFeatures(
      set,
      universe.map((bars, s) => sliceBarColumns(bars, 0, kept[s]!)),
    );
    return [corrupted, cut].flatMap((other) => {
      const short = whole.map((matrix, s) => ({ ...matrix, length: kept[s]! }));
      const difference = firstDifference(short, other);
      return difference === null ? [] : [`looks beyond row ${rows - 1}: ${difference}`];
    });
  });
}

/** Some value is missing in the last row of the declared warm-up (unless it is a bound), none from then on. */
export function checkWarmUp(set: FeatureSet, universe: readonly BarColumns[], exact: boolean): string[] {
  const width = set.columns.length;
  return computeFeatures(set, universe).flatMap((matrix) => {
    const complete = (row: number): boolean =>
      matrix.values.subarray(row * width, (row + 1) * width).every((value) => Number.isFinite(value));
    const { warmUpBars } = set;
    const late = Array.from({ length: matrix.length }, (_, row) => row).find(
      (row) => row >= warmUpBars && !complete(row),
    );
    const wrong: string[] = [];
    if (matrix.length <= warmUpBars)
      wrong.push(`${set.expressions.join()}: ${matrix.length} bars are too few to judge ${warmUpBars}`);
    if (late !== undefined) wrong.push(`${set.expressions.join()}: row ${late} is incomplete, declared ${warmUpBars}`);
    if (exact && warmUpBars > 0 && complete(warmUpBars - 1)) {
      wrong.push(`${set.expressions.join()}: row ${warmUpBars - 1} is complete, declared ${warmUpBars}`);
    }
    return wrong;
  });
}

/** Every value after the warm-up is a finite number. */
export function checkFinite(set: FeatureSet, universe: readonly BarColumns[]): string[] {
  const width = set.columns.length;
  return computeFeatures(set, universe).flatMap((matrix) => {
    const start = set.warmUpBars * width;
    const bad = matrix.values.findIndex((value, i) => i >= start && !Number.isFinite(value));
    const column = matrix.columns[bad % width];
    return bad < 0 ? [] : [`${column} is ${matrix.values[bad]} at row ${Math.floor(bad / width)} of ${matrix.symbol}`];
  });
}

/** The bars with everything after row `last` but the times replaced by nonsense. */
function corruptAfter(bars: BarColumns, last: number): BarColumns {
  const copy = createBarColumns(bars.symbol, bars.length);
  for (const field of ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const) {
    copy[field].set(bars[field]);
  }
  for (let i = last + 1; i < bars.length; i++) {
    const level = i % 2 === 0 ? 1e6 + i : 1 + i / 1000;
    copy.open[i] = level * 1.01;
    copy.high[i] = level * 1.5;
    copy.low[i] = level * 0.5;
    copy.close[i] = level;
    copy.volume[i] = i % 3 === 0 ? 0 : 1e9 + i;
  }
  return copy;
}

/** Daily bars (24 hours, no gaps) from a function that gives open, high, low, close and volume of row i. */
export function dailyBars(symbol: string, length: number, row: (i: number) => readonly number[]): BarColumns {
  const bars = createBarColumns(symbol, length);
  for (let i = 0; i < length; i++) {
    const [open, high, low, close, volume] = row(i) as [number, number, number, number, number];
    bars.openTimeMs[i] = i * DAY_MS;
    bars.closeTimeMs[i] = (i + 1) * DAY_MS;
    bars.open[i] = open;
    bars.high[i] = high;
    bars.low[i] = low;
    bars.close[i] = close;
    bars.volume[i] = volume;
  }
  return bars;
}
