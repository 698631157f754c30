import type { Engine } from './engine.ts';
import type { Lane } from './engine-parts.ts';

/**
 * Passes over the bars of one symbol that lead to no more than a mark: it is for the driver to know that nothing works
 * or is due at the broker, and that no price of what rests there is reached. Equity is marked at each of them, so that
 * the same session comes of it.
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

  /** The first bar from `row` on, at most `end`, whose close may lead to more than a mark: `row` itself for none. */
  until(row: number, end: number): number {
    const { strategy, working, parent } = this.#lane!;
    if (working !== 0 || parent !== 0 || !this.#engine.risk.state.isUnmoved) return row;
    return Math.max(row, Math.min(end, strategy.quietUntil!(row)));
  }

  /** Marks the bars from `row` to `to` (excluded), which `until` and the broker let pass. */
  pass(row: number, to: number): void {
    const { risk, portfolio, signals } = this.#engine;
    const { bars } = this.#lane!.series;
    const last = { timeMs: bars.closeTimeMs[to - 1]! };
    portfolio.markQuiet(bars, { from: row, to });
    risk.state.onMark(last);
    signals.noteHold(0, last);
    this.#engine.bars += to - row;
  }
}
