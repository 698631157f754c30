import type { Market, MarketStep } from '../market.ts';
import { createMarketStep } from '../market.ts';

/**
 * Walks a market's columns in event time: every bar opens at `openTimeMs` and closes at `closeTimeMs`; closes come
 * before opens of the same millisecond, so that a decision at a close can be filled at the open that follows it. Bars
 * of several symbols at one time make one step, in universe order. Moves the ends of the series at closes.
 */
export class Timeline {
  readonly #market: Market;
  readonly #step: MarketStep;
  /** Next bar of each symbol, and whether it has opened. */
  readonly #next: Int32Array;
  readonly #opened: Uint8Array;
  /** One symbol needs no merge. Plain fields for it: each typed array read or written costs 1 to 2 ns a bar. */
  readonly #alone: boolean = false;
  #row = 0;
  #isOpen = false;
  /** When each symbol's next event happens, Infinity at its end. */
  readonly #timeMs: Float64Array;

  constructor(market: Market) {
    const symbols = market.series.length;
    this.#market = market;
    this.#step = createMarketStep(symbols);
    this.#next = Int32Array.from(market.series, ({ last }) => last + 1);
    this.#opened = new Uint8Array(symbols);
    this.#timeMs = new Float64Array(symbols);
    this.#alone = symbols === 1;
    this.#row = market.series[0]!.last + 1;
    this.#step.count = 1;
    for (let symbol = 0; symbol < symbols; symbol++) this.#schedule(symbol);
  }

  /** Time of the newest step, 0 before the first. */
  get timeMs(): number {
    return this.#step.timeMs;
  }

  /**
   * The next step, or null after the last bar has closed. The same object is returned every time.
   * @param opens false when no order waits for an open: those of a single symbol, which change nothing then, are passed
   *   over
   */
  next(opens = true): MarketStep | null {
    return this.#alone ? this.#nextOfOne(opens) : this.#nextOfMany();
  }

  /** Time of the next step, Infinity after the last; `opens` as in `next`. */
  nextTimeMs(opens = true): number {
    if (!this.#alone) return this.#timeMs.reduce((least, timeMs) => Math.min(least, timeMs), Infinity);
    const { bars } = this.#market.series[0]!;
    if (this.#row >= bars.length) return Infinity;
    return (opens && !this.#isOpen ? bars.openTimeMs : bars.closeTimeMs)[this.#row]!;
  }

  /** Bar of the single symbol that closes next, -1 while it is open or there are several symbols. */
  get nextRow(): number {
    return this.#alone && !this.#isOpen ? this.#row : -1;
  }

  /** The bars of the single symbol before `row` have closed, and nobody had to see them one by one. */
  passTo(row: number): void {
    const series = this.#market.series[0]!;
    this.#row = row;
    series.last = row - 1;
    this.#step.kind = 'close';
    this.#step.index[0] = row - 1;
    this.#step.timeMs = series.bars.closeTimeMs[row - 1]!;
  }

  #nextOfMany(): MarketStep | null {
    const times = this.#timeMs;
    let timeMs = Infinity;
    let closing = 0;
    for (let symbol = 0; symbol < times.length; symbol++) {
      const at = times[symbol]!;
      if (at > timeMs || at === Infinity) continue;
      closing = at < timeMs ? this.#opened[symbol]! : closing | this.#opened[symbol]!;
      timeMs = at;
    }
    if (timeMs === Infinity) return null;
    const step = this.#step;
    step.kind = closing === 1 ? 'close' : 'open';
    step.timeMs = timeMs;
    let count = 0;
    for (let symbol = 0; symbol < times.length; symbol++) {
      if (times[symbol] !== timeMs || this.#opened[symbol] !== closing) continue;
      step.symbols[count] = symbol;
      step.index[count] = this.#next[symbol]!;
      count += 1;
      this.#pass(symbol, closing);
    }
    step.count = count;
    return step;
  }

  /** A single symbol's bars simply open and close in turn. */
  #nextOfOne(opens: boolean): MarketStep | null {
    const step = this.#step;
    const row = this.#row;
    const series = this.#market.series[0]!;
    const { bars } = series;
    if (row >= bars.length) return null;
    step.index[0] = row;
    if (opens && !this.#isOpen) {
      this.#isOpen = true;
      step.kind = 'open';
      step.timeMs = bars.openTimeMs[row]!;
      return step;
    }
    if (step.kind !== 'close') step.kind = 'close';
    step.timeMs = bars.closeTimeMs[row]!;
    this.#isOpen = false;
    this.#row = row + 1;
    series.last = row;
    return step;
  }

  #pass(symbol: number, closing: number): void {
    if (closing === 1) {
      this.#market.series[symbol]!.last = this.#next[symbol]!;
      this.#next[symbol]! += 1;
      this.#opened[symbol] = 0;
    } else {
      this.#opened[symbol] = 1;
    }
    this.#schedule(symbol);
  }

  #schedule(symbol: number): void {
    const { bars } = this.#market.series[symbol]!;
    const index = this.#next[symbol]!;
    const column = this.#opened[symbol] === 1 ? bars.closeTimeMs : bars.openTimeMs;
    this.#timeMs[symbol] = index < bars.length ? column[index]! : Infinity;
  }
}
