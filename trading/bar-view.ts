import type { BarColumns } from '../features/bar.ts';

/** A strategy asked for a bar that has not closed, or for one before history starts. A fault in the strategy, never in the data. */
export class OutsideViewError extends Error {
  constructor(symbol: string, barsAgo: number, length: number) {
    super(
      `${symbol}: bar ${barsAgo} bars ago was asked for; the view holds ${length} closed bars, 0 ago is the newest. ` +
        'Bars that have not closed cannot be read.',
    );
    this.name = 'OutsideViewError';
  }
}

/** Moves a view's end: held by the engine, never by a strategy. */
export type MoveView = (bars: BarColumns, last: number) => void;

/**
 * One symbol's closed bars as a strategy may see them: 0 is the bar that has just closed, 1 the one before. The columns are
 * private fields, so a later bar cannot be reached by any index.
 */
export class BarView {
  readonly symbol: string;
  #bars: BarColumns;
  #last = -1;

  private constructor(bars: BarColumns) {
    this.symbol = bars.symbol;
    this.#bars = bars;
  }

  /** A view before the first bar, and the one handle that moves its end. */
  static create(bars: BarColumns): { view: BarView; move: MoveView } {
    const view = new BarView(bars);
    const move: MoveView = (columns, last) => {
      // A pointer stored again and again runs the collector's write barrier: columns change only when a live feed's grow.
      if (view.#bars !== columns) view.#bars = columns;
      view.#last = last;
    };
    return { view, move };
  }

  /** Number of closed bars. */
  get length(): number {
    return this.#last + 1;
  }

  openTimeMs(barsAgo = 0): number {
    return this.#bars.openTimeMs[this.#index(barsAgo)]!;
  }

  closeTimeMs(barsAgo = 0): number {
    return this.#bars.closeTimeMs[this.#index(barsAgo)]!;
  }

  open(barsAgo = 0): number {
    return this.#bars.open[this.#index(barsAgo)]!;
  }

  high(barsAgo = 0): number {
    return this.#bars.high[this.#index(barsAgo)]!;
  }

  low(barsAgo = 0): number {
    return this.#bars.low[this.#index(barsAgo)]!;
  }

  close(barsAgo = 0): number {
    return this.#bars.close[this.#index(barsAgo)]!;
  }

  volume(barsAgo = 0): number {
    return this.#bars.volume[this.#index(barsAgo)]!;
  }

  #index(barsAgo: number): number {
    const index = this.#last - barsAgo;
    return barsAgo >= 0 && index >= 0 && (index | 0) === index ? index : this.#refuse(barsAgo);
  }

  /** Apart from `#index`, so that the check itself is small enough to be inlined. */
  #refuse(barsAgo: number): never {
    throw new OutsideViewError(this.symbol, barsAgo, this.#last + 1);
  }
}
