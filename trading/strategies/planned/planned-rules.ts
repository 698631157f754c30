import type { BarColumns } from '../../../features/bar.ts';
import { ema } from '../../../features/kernels/ema.ts';
import { crossSignals } from '../cross.ts';
import { ROUNDING } from '../../../features/rounding.ts';
import { seriesKernel } from '../kernel-input.ts';
import { PlannedSignals, type SignalPlan } from './planned-signals.ts';
import { isPrice } from '../priced-bars.ts';
import { createRuleStrategy } from '../rule-strategies.ts';
import type { Strategy, SymbolStrategy } from '../strategy.ts';
import { wholePrices, type WholePrices } from './whole-prices.ts';

/** Makes the strategy of one set of parameters. @throws InputError as `createRuleStrategy` does */
export type MakeRule = (parameters: Readonly<Record<string, unknown>>) => Strategy;

interface Windows {
  readonly fast: number;
  readonly slow: number;
}

type Planner = (bars: BarColumns) => (windows: Windows) => SymbolStrategy | null;

const PLANNERS = new Map<string, Planner>([
  ['sma-cross', simplePlanner],
  ['ema-cross', exponentialPlanner],
]);

/**
 * `createRuleStrategy` for many sets of parameters over the same history: the same decisions, but those of crosses are
 * worked out beforehand from averages that all sets share, so that quiet bars are passed over. Any other strategy, and
 * prices whose averages could not be compared exactly here, are asked bar by bar. The bars must be the session's.
 */
export function planRules(name: string, bars: readonly BarColumns[]): MakeRule {
  const planner = PLANNERS.get(name);
  if (planner === undefined || bars.length !== 1) return (parameters) => createRuleStrategy(name, parameters);
  const plan = planner(bars[0]!);
  return (parameters) => {
    const plain = createRuleStrategy(name, parameters);
    const windows = plain.parameters as unknown as Windows;
    return { ...plain, forSymbol: (symbol) => plan(windows) ?? plain.forSymbol(symbol) };
  };
}

/** Averages of whole numbers by sums from the start: any window is one subtraction, and ties are exact. */
function simplePlanner(bars: BarColumns): ReturnType<Planner> {
  const prices = wholePrices(bars.close);
  return ({ fast, slow }) => {
    if (prices === null || !prices.isExactFor(slow)) return null;
    const plan = simplePlan(prices, { fast, slow });
    return new PlannedSignals(plan, crossSignals([`SMA(${fast})`, `SMA(${slow})`]));
  };
}

/**
 * Both windows are read from the one column of sums, which stays in the processor's cache whatever the pair: 2.6 ns a
 * bar, of the 11 that a pair of `bench sweep` takes with its marks, fills and hash (asked bar by bar: 4.6 times that).
 */
function simplePlan({ sums }: WholePrices, { fast, slow }: Windows): SignalPlan {
  const crosses = new CrossRecorder(sums.length >> 3);
  let previous = NaN;
  for (let end = slow; end < sums.length; end++) {
    const sum = sums[end]!;
    const now = (sum - sums[end - fast]!) * slow - (sum - sums[end - slow]!) * fast;
    if (now > 0) {
      if (previous <= 0) crosses.add(end - 1, 1);
    } else if (now < 0 && previous >= 0) crosses.add(end - 1, 0);
    previous = now;
  }
  return crosses.plan();
}

function exponentialPlanner(bars: BarColumns): ReturnType<Planner> {
  const averages = new Map<number, Float64Array>();
  const priced = bars.close.every(isPrice);
  const averageOf = (window: number): Float64Array => {
    const known = averages.get(window);
    if (known !== undefined) return known;
    const kernel = seriesKernel(ema, [window]);
    const made = bars.close.map((close) => kernel.next(close));
    averages.set(window, made);
    return made;
  };
  return ({ fast, slow }) => {
    if (!priced) return null;
    const plan = exponentialPlan(averageOf(fast), averageOf(slow));
    return new PlannedSignals(plan, crossSignals([`EMA(${fast})`, `EMA(${slow})`]));
  };
}

function exponentialPlan(fast: Float64Array, slow: Float64Array): SignalPlan {
  const crosses = new CrossRecorder(fast.length >> 3);
  let previous = NaN;
  for (let row = 0; row < fast.length; row++) {
    const difference = fast[row]! - slow[row]!;
    const now = Math.abs(difference) <= ROUNDING * fast[row]! ? 0 : difference;
    if (now > 0) {
      if (previous <= 0) crosses.add(row, 1);
    } else if (now < 0 && previous >= 0) crosses.add(row, 0);
    previous = now;
  }
  return crosses.plan();
}

/** Columns that grow by doubling. */
class CrossRecorder {
  #rows: Int32Array;
  #first: Uint8Array;
  #count = 0;

  constructor(room: number) {
    this.#rows = new Int32Array(room + 16);
    this.#first = new Uint8Array(room + 16);
  }

  add(row: number, first: number): void {
    if (this.#count === this.#rows.length) this.#grow();
    this.#rows[this.#count] = row;
    this.#first[this.#count] = first;
    this.#count += 1;
  }

  plan(): SignalPlan {
    return { rows: this.#rows, first: this.#first, count: this.#count };
  }

  #grow(): void {
    const [rows, first] = [new Int32Array(2 * this.#count), new Uint8Array(2 * this.#count)];
    rows.set(this.#rows);
    first.set(this.#first);
    this.#rows = rows;
    this.#first = first;
  }
}
