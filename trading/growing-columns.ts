import { createBarColumns, type Bar, type BarColumns } from '../features/bar.ts';

/** Bars of a stream, appended one by one to columns that double when full. */
export class GrowingColumns {
  #columns: BarColumns;
  #length = 0;

  constructor(symbol: string, capacity = 1024) {
    this.#columns = createBarColumns(symbol, capacity);
  }

  /** The columns now in use; their `length` is the room they have. Replaced by `append` when they grow. */
  get columns(): BarColumns {
    return this.#columns;
  }

  /** Adds a bar and returns its index. */
  append(bar: Bar): number {
    const row = this.#length;
    if (row === this.#columns.length) this.#grow();
    const columns = this.#columns;
    columns.openTimeMs[row] = bar.openTimeMs;
    columns.closeTimeMs[row] = bar.closeTimeMs;
    columns.open[row] = bar.open;
    columns.high[row] = bar.high;
    columns.low[row] = bar.low;
    columns.close[row] = bar.close;
    columns.volume[row] = bar.volume;
    this.#length = row + 1;
    return row;
  }

  #grow(): void {
    const old = this.#columns;
    const grown = createBarColumns(old.symbol, old.length * 2);
    for (const name of ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const) {
      grown[name].set(old[name]);
    }
    this.#columns = grown;
  }
}
