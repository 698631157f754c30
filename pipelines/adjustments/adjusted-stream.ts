import type { Bar } from '../../features/bar.ts';
import { FeatureStream, type FeatureStreamState } from '../../features/feature-matrix.ts';
import type { FeatureSet } from '../../features/feature-set.ts';
import { BarAdjuster, type AdjusterState } from './bar-adjuster.ts';
import type { DatedAction } from './corporate-action.ts';

/**
 * The memory of a computation after its last row: of the kernels, and of the adjustment of each series where there is
 * any.
 */
export interface ComputationState extends FeatureStreamState {
  readonly adjusters?: readonly AdjusterState[];
}

/** A feature stream over raw bars: each is adjusted by the actions up to it before the kernels see it. */
export class AdjustedStream {
  readonly #stream: FeatureStream;
  #adjusters: readonly BarAdjuster[] | null;
  readonly #symbols: readonly string[];
  readonly #adjusted: (Bar | null)[];

  /** `actions`: those known in this vintage, one list per symbol, in order. `state` continues where it was saved. */
  constructor(
    set: FeatureSet,
    symbols: readonly string[],
    actions: readonly (readonly DatedAction[])[],
    state: ComputationState | null = null,
  ) {
    this.#stream = state === null ? new FeatureStream(set, symbols) : FeatureStream.restore(set, state);
    this.#symbols = symbols;
    const adjusts = actions.some((list) => list.length > 0);
    this.#adjusters = adjusts ? symbols.map((symbol, s) => new BarAdjuster(symbol, actions[s]!)) : null;
    this.#adjusted = symbols.map(() => null);
    this.#adjusters?.forEach((adjuster, s) => {
      if (state?.adjusters !== undefined) adjuster.restore(state.adjusters[s]!);
    });
  }

  /** More actions may come: asked for before the first bar, because a dividend is relative to the bar before it. */
  expectActions(): this {
    this.#adjusters ??= this.#symbols.map((symbol) => new BarAdjuster(symbol, []));
    return this;
  }

  /** One more action of symbol `s`, which comes into effect after every bar so far; `expectActions` came first. */
  addAction(s: number, action: DatedAction): void {
    this.#adjusters![s]!.add(action);
  }

  /** Takes the raw bars that closed at `closeTimeMs`, one place per symbol and null for none. */
  advance(closeTimeMs: number, bars: readonly (Bar | null)[]): void {
    if (this.#adjusters === null) {
      this.#stream.advance(closeTimeMs, bars);
      return;
    }
    for (let s = 0; s < bars.length; s++) {
      const bar = bars[s]!;
      this.#adjusted[s] = bar === null ? null : this.#adjusters[s]!.adjust(bar);
    }
    this.#stream.advance(closeTimeMs, this.#adjusted);
  }

  /** The row of symbol `s` after the last bars into `row`. */
  copyRow(s: number, row: Float64Array): void {
    this.#stream.copyRow(s, row);
  }

  save(): ComputationState {
    const state = this.#stream.save();
    if (this.#adjusters === null) return state;
    return { ...state, adjusters: this.#adjusters.map((adjuster) => adjuster.save()) };
  }
}
