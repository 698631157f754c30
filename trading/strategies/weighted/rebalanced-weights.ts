import { InputError, SignalboxError } from '../../../infra/errors.ts';
import type { PortfolioParameters } from '../../../models/experiment/rule-parameters.ts';
import type { BarView } from '../../bar-view.ts';
import { periodOf } from '../allocated/rebalance-period.ts';
import { refused } from '../../orders/approved-order.ts';
import { memoriesOf, memoryOf, type Json, type Memory } from '../memory.ts';
import { isPrice } from '../priced-bars.ts';
import { HOLD, ruleSignal, type Signal } from '../strategy.ts';
import { HeldWeights } from './held-weights.ts';
import { latestWeights } from './latest-weights.ts';

const UNSETTLED: Signal = Object.freeze({ ...HOLD, fault: refused('weights-unsettled') });

/** What `find` finds, where the numbers let it: a market may show returns that no weights settle on. */
function settled<Found>(find: () => Found): Found | 'unsettled' {
  try {
    return find();
  } catch (error) {
    if (error instanceof SignalboxError && !(error instanceof InputError)) return 'unsettled';
    throw error;
  }
}

/**
 * Weights of all symbols, found anew at the first close of each day, week or month from the bars that have closed by
 * then; before the first, as soon as there are bars enough. What has to shrink is said at once, what has to grow at the
 * next close, when the first has made room.
 */
export class RebalancedWeights implements Memory {
  readonly #parameters: PortfolioParameters;
  readonly #held: HeldWeights;
  /** By symbol: the weight that is still to be said, NaN for none. */
  readonly #wanted: Float64Array;
  /** Of the last time that weights were found. */
  readonly #kept = { period: NaN };

  constructor(parameters: PortfolioParameters, symbols: number) {
    this.#parameters = parameters;
    this.#held = new HeldWeights(symbols);
    this.#wanted = new Float64Array(symbols).fill(NaN);
  }

  /** What is said at a moment at which bars have closed: one signal a view, in their order. */
  decide(views: readonly BarView[]): Signal[] {
    this.#held.follow(views);
    const nowMs = views.reduce((latest, view) => (view.length > 0 ? Math.max(latest, view.closeTimeMs()) : latest), 0);
    const period = periodOf(this.#parameters.rebalance, nowMs);
    const found = period === this.#kept.period ? null : this.#find(views);
    if (found !== null) this.#kept.period = period;
    if (found === 'unsettled') return views.map(() => UNSETTLED);
    const finds = found === 'found';
    const shrinks = (at: number): boolean => this.#wanted[at]! < this.#held.weight(at);
    const waits = finds && views.some((_, at) => shrinks(at));
    const said = views.map((view, at) => {
      const closed = view.length > 0 && view.closeTimeMs() === nowMs && isPrice(view.close());
      if (Number.isNaN(this.#wanted[at]!) || !closed || (waits && !shrinks(at))) return null;
      return this.#wanted[at]!;
    });
    said.forEach((weight, at) => {
      if (weight === null) return;
      this.#held.bring(at, weight);
      this.#wanted[at] = NaN;
    });
    return said.map((weight) => (weight === null ? HOLD : this.#signal(weight)));
  }

  /** Signed units of a symbol were executed. */
  onFill(symbol: number, quantity: number): void {
    this.#held.units[symbol]! += quantity;
  }

  save(): Json {
    return this.#memory().save();
  }

  restore(state: Json): void {
    this.#memory().restore(state);
  }

  /** Finds the weights and notes those that are off by more than the band. Null without bars enough. */
  #find(views: readonly BarView[]): 'found' | 'unsettled' | null {
    const found = settled(() => latestWeights(views, this.#parameters));
    if (found === null || found === 'unsettled') return found;
    const { weights, places } = found;
    this.#held.forgetUnfilled();
    const wanted = new Float64Array(views.length);
    places.forEach((place, column) => (wanted[place] = weights[column]!));
    wanted.forEach((weight, at) => {
      const off = Math.abs(weight - this.#held.weight(at));
      this.#wanted[at] = off > this.#parameters.band ? weight : NaN;
    });
    return 'found';
  }

  #signal(weight: number): Signal {
    const words = `${this.#parameters.method}: weight ${weight.toFixed(4)}`;
    return { ...ruleSignal(weight > 0 ? 'BUY' : 'SELL', words), target: weight };
  }

  #memory(): Memory {
    const held = this.#held;
    return memoriesOf({
      held: memoryOf(held),
      wanted: memoryOf({ weights: this.#wanted }),
      found: memoryOf(this.#kept),
    });
  }
}
