import type { BarView } from '../bar-view.ts';
import { memoriesOf, memoryOf, type Json, type Memory } from './memory.ts';
import { HOLD, ruleSignal, type Remembering, type Signal } from './strategy.ts';

/** How far the first of two averages is above the second; NaN while warming up. */
export interface Difference extends Memory {
  update(view: BarView): number;
}

/** What a cross of the first over the second says, above and below. */
export function crossSignals([first, second]: readonly [string, string]): [Signal, Signal] {
  return [
    ruleSignal('BUY', `${first} crossed above ${second}`),
    ruleSignal('SELL', `${first} crossed below ${second}`),
  ];
}

/**
 * Acts when a difference crosses zero: the previous bar was at or beyond the other side and this bar is strictly
 * beyond. NaN means warming up: neither bar of a cross may be one.
 */
export class CrossStrategy implements Remembering {
  readonly #difference: Difference;
  readonly #buy: Signal;
  readonly #sell: Signal;
  /** A field: an imported binding takes five loads. */
  readonly #hold: Signal = HOLD;
  #previous = NaN;

  /** @param words what crosses what, for the reasons: `SMA(10)` and `SMA(30)` */
  constructor(words: readonly [string, string], difference: Difference) {
    [this.#buy, this.#sell] = crossSignals(words);
    this.#difference = difference;
  }

  get #memory(): Memory {
    const previous: Memory = {
      save: () => memoryOf({ previous: this.#previous }).save(),
      restore: (state) => {
        const kept = { previous: NaN };
        memoryOf(kept).restore(state);
        this.#previous = kept.previous;
      },
    };
    return memoriesOf({ previous, difference: this.#difference });
  }

  save(): Json {
    return this.#memory.save();
  }

  restore(state: Json): void {
    this.#memory.restore(state);
  }

  decide(view: BarView): Signal {
    const now = this.#difference.update(view);
    const before = this.#previous;
    this.#previous = now;
    if (now > 0 && before <= 0) return this.#buy;
    if (now < 0 && before >= 0) return this.#sell;
    return this.#hold;
  }
}
