import type { BarColumns } from '../features/bar.ts';

/**
 * A strategy asked for a bar that has not closed, or for one before history starts. A fault in the strategy, never in
 * the data.
 */
export class OutsideViewError extends Error {
  readonly barsAgo: number;
  readonly length: number;

  constructor(symbol: string, barsAgo: number, length: number) {
    super(
      `${symbol}: bar ${barsAgo} bars ago was asked for; the view holds ${length} closed bars, 0 ago is the newest. ` +
        'Bars that have not closed cannot be read.',
    );
    this.name = 'OutsideViewError';
    this.barsAgo = barsAgo;
    this.length = length;
  }
}

/** A symbol's bars and where the closed ones end. Moved by the source of events, never by a strategy. */
export interface BarSeries {
  /** Replaced when a live feed's columns grow. */
  bars: BarColumns;
  /** Index of the newest closed bar, -1 before the first. */
  last: number;
}

/**
 * One symbol's closed bars as a strategy may see them: 0 is the bar that has just closed, 1 the one before. The series
 * is a private field, so a later bar cannot be reached by any index.
 */
export class BarView {
  readonly symbol: string;
  readonly #series: BarSeries;

  constructor(series: BarSeries) {
    this.symbol = series.bars.symbol;
    this.#series = series;
  }

  /** Number of closed bars. */
  get length(): number {
    return this.#series.last + 1;
  }

  openTimeMs(barsAgo = 0): number {
    return this.#series.bars.openTimeMs[this.#index(barsAgo)]!;
  }

  closeTimeMs(barsAgo = 0): number {
    return this.#series.bars.closeTimeMs[this.#index(barsAgo)]!;
  }

  open(barsAgo = 0): number {
    return this.#series.bars.open[this.#index(barsAgo)]!;
  }

  high(barsAgo = 0): number {
    return this.#series.bars.high[this.#index(barsAgo)]!;
  }

  low(barsAgo = 0): number {
    return this.#series.bars.low[this.#index(barsAgo)]!;
  }

  close(barsAgo = 0): number {
    return this.#series.bars.close[this.#index(barsAgo)]!;
  }

  volume(barsAgo = 0): number {
    return this.#series.bars.volume[this.#index(barsAgo)]!;
  }

  #index(barsAgo: number): number {
    const index = this.#series.last - barsAgo;
    return barsAgo >= 0 && index >= 0 && (index | 0) === index ? index : this.#refuse(barsAgo);
  }

  /** Apart from `#index`, so that the check itself is small enough to be inlined. */
  #refuse(barsAgo: number): never {
    throw new OutsideViewError(this.symbol, barsAgo, this.length);
  }
}
