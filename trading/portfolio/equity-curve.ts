/** What a mark found, in currency. */
export interface MarkedAccount {
  readonly equity: number;
  readonly gross: number;
  readonly cash: number;
}

export interface EquityCurveOptions {
  /**
   * Symbols of the account; of one, the sum of absolute values is the absolute value, and needs no column. Default:
   * several.
   */
  readonly symbols?: number;
  /** Times of all marks to come in ms, where history tells: not written again. */
  readonly times?: Float64Array;
}

const START_CAPACITY = 1024;

/**
 * Equity and exposures at every mark, in columns that grow by doubling. Doubles travel inside objects: as arguments of
 * a call that is not inlined each is boxed, which cost 270 bytes and 100 ns a bar before the hot path stopped passing
 * them. Only what cannot be derived is written: a fresh column costs a page fault per 512 marks, and four columns and
 * two divisions took 40 of 150 ns a bar. Cash moves with fills alone, so the few marks at which it did give the
 * position values of all: equity less cash.
 */
export class EquityCurve {
  #count = 0;
  #capacity = 0;
  #timeMs: Float64Array;
  #equity: Float64Array;
  /**
   * Sum of absolute position values; empty in an account of one symbol, as `#timeMs` is never written where it is
   * known.
   */
  #gross: Float64Array;
  /** Marks at which cash was another than at the mark before, and the cash there. */
  #cashRow = new Int32Array(START_CAPACITY);
  #cash = new Float64Array(START_CAPACITY);
  #cashCount = 0;
  #lastCash = NaN;
  readonly #timesKnown: boolean = false;
  readonly #oneSymbol: boolean = false;

  constructor(options: EquityCurveOptions = {}) {
    const { symbols, times } = options;
    this.#timesKnown = times !== undefined;
    this.#oneSymbol = symbols === 1;
    this.#capacity = Math.max(16, times?.length ?? START_CAPACITY);
    this.#timeMs = times ?? new Float64Array(this.#capacity);
    this.#equity = new Float64Array(this.#capacity);
    this.#gross = new Float64Array(this.#oneSymbol ? 0 : this.#capacity);
  }

  add(at: { readonly timeMs: number }, account: MarkedAccount): void {
    const row = this.#count;
    if (row === this.#capacity) this.#grow();
    if (!this.#timesKnown) this.#timeMs[row] = at.timeMs;
    this.#equity[row] = account.equity;
    if (account.cash !== this.#lastCash) this.#noteCash(row, account.cash);
    if (!this.#oneSymbol) this.#gross[row] = account.gross;
    this.#count = row + 1;
  }

  /** The last mark is taken back: one of the same moment takes its place. */
  takeBack(): void {
    if (this.#count === 0) return;
    this.#count -= 1;
    if (this.#cashCount === 0 || this.#cashRow[this.#cashCount - 1] !== this.#count) return;
    this.#cashCount -= 1;
    this.#lastCash = this.#cashCount === 0 ? NaN : this.#cash[this.#cashCount - 1]!;
  }

  /**
   * `add` at the closes `from` to `to` (excluded) of the only symbol, while neither cash nor `quantity` changes.
   * Returns the last price: one that is none leaves that before it.
   */
  addQuiet(
    bars: { readonly close: Float64Array; readonly closeTimeMs: Float64Array },
    { from, to }: { readonly from: number; readonly to: number },
    { cash, quantity, price: before }: { readonly cash: number; readonly quantity: number; readonly price: number },
  ): number {
    while (this.#count + to - from > this.#capacity) this.#grow();
    if (cash !== this.#lastCash) this.#noteCash(this.#count, cash);
    const shift = this.#count - from;
    const { close } = bars;
    const equity = this.#equity;
    let price = before;
    for (let row = from; row < to; row++) {
      const last = close[row]!;
      if (last > 0 && last < Infinity) price = last;
      equity[row + shift] = cash + quantity * price;
    }
    if (!this.#timesKnown) this.#timeMs.set(bars.closeTimeMs.subarray(from, to), this.#count);
    this.#count += to - from;
    return price;
  }

  /** Times of the marks so far in ms. A view. */
  timeMs(): Float64Array {
    return this.#timeMs.subarray(0, this.#count);
  }

  /** Equity at each mark in currency. A view. */
  equity(): Float64Array {
    return this.#equity.subarray(0, this.#count);
  }

  /** Sum of absolute position values as a fraction of equity at each mark. */
  grossExposure(): Float64Array {
    return this.#exposure(this.#oneSymbol ? this.#netValues().map(Math.abs) : this.#gross);
  }

  /** Sum of signed position values as a fraction of equity at each mark. */
  netExposure(): Float64Array {
    return this.#exposure(this.#netValues());
  }

  /** Out of `add`, so that a mark without a fill stays small. */
  #noteCash(row: number, cash: number): void {
    this.#lastCash = cash;
    const at = this.#cashCount;
    // Lists that grow by pushing took 9 % of a run with an order at every bar.
    if (at === this.#cash.length) this.#growCash();
    this.#cashRow[at] = row;
    this.#cash[at] = cash;
    this.#cashCount = at + 1;
  }

  /** Signed position value at each mark. */
  #netValues(): Float64Array {
    const values = new Float64Array(this.#count);
    for (let step = 0; step < this.#cashCount; step++) {
      const end = step + 1 < this.#cashCount ? this.#cashRow[step + 1]! : this.#count;
      for (let row = this.#cashRow[step]!; row < end; row++) values[row] = this.#equity[row]! - this.#cash[step]!;
    }
    return values;
  }

  #exposure(values: Float64Array): Float64Array {
    const fractions = new Float64Array(this.#count);
    for (let row = 0; row < fractions.length; row++) {
      const value = values[row]!;
      fractions[row] = value === 0 ? 0 : value / this.#equity[row]!;
    }
    return fractions;
  }

  #growCash(): void {
    const rows = new Int32Array(this.#cash.length * 2);
    rows.set(this.#cashRow);
    this.#cashRow = rows;
    const cash = new Float64Array(this.#cash.length * 2);
    cash.set(this.#cash);
    this.#cash = cash;
  }

  #grow(): void {
    this.#capacity *= 2;
    const grown = (column: Float64Array): Float64Array => {
      const larger = new Float64Array(this.#capacity);
      larger.set(column);
      return larger;
    };
    if (!this.#timesKnown) this.#timeMs = grown(this.#timeMs);
    this.#equity = grown(this.#equity);
    if (!this.#oneSymbol) this.#gross = grown(this.#gross);
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    return {
      times: this.#timesKnown ? null : this.timeMs(),
      equity: this.equity(),
      gross: this.#gross.subarray(0, this.#oneSymbol ? 0 : this.#count),
      cashRow: this.#cashRow.subarray(0, this.#cashCount),
      cash: this.#cash.subarray(0, this.#cashCount),
    };
  }

  /** Takes up what one of the same options has saved. */
  restore(state: ReturnType<EquityCurve['save']>): void {
    while (this.#capacity < state.equity.length) this.#grow();
    while (this.#cash.length < state.cash.length) this.#growCash();
    this.#count = state.equity.length;
    if (state.times !== null) this.#timeMs.set(state.times);
    this.#equity.set(state.equity);
    this.#gross.set(state.gross);
    this.#cashCount = state.cash.length;
    this.#cashRow.set(state.cashRow);
    this.#cash.set(state.cash);
    this.#lastCash = state.cash.at(-1) ?? NaN;
  }
}
