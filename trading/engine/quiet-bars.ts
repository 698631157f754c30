import type { Engine } from './engine.ts';
import type { Lane } from './engine-parts.ts';

/**
 * Passes over the bars of one symbol that lead to no more than a mark: it is for the driver to know that nothing works,
 * rests or is due at the broker. Equity is marked at each of them, so that the same session comes of it.
 */
export class QuietBars {
  readonly #engine: Engine;
  readonly #lane: Lane | null;

  constructor(engine: Engine) {
    this.#engine = engine;
    const strategy = engine.onlyLane?.strategy;
    // One that places orders by itself looks at each close, and what holding costs is booked day by day.
    const told = strategy?.quietUntil !== undefined && strategy.orders === undefined;
    const tells = told && engine.financing === null;
    this.#lane = tells ? engine.onlyLane : null;
  }

  /** There is one symbol, and its strategy can tell how long it will hold. */
  get areTold(): boolean {
    return this.#lane !== null;
  }

  /**
   * Marks the bars from `row` on, before `end`, up to the first whose close may lead to more. Returns that one: `row`
   * itself where it cannot be passed.
   */
  pass(row: number, end: number): number {
    const { risk, portfolio, signals } = this.#engine;
    const { strategy, working, series } = this.#lane!;
    if (working !== 0 || !risk.state.isUnmoved) return row;
    const to = Math.min(end, strategy.quietUntil!(row));
    if (to <= row) return row;
    const last = { timeMs: series.bars.closeTimeMs[to - 1]! };
    portfolio.markQuiet(series.bars, { from: row, to });
    risk.state.onMark(last);
    signals.noteHold(0, last);
    this.#engine.bars += to - row;
    return to;
  }
}
