/** Equity and exposures at every mark, in columns that grow by doubling. */
export class EquityCurve {
  #count = 0;
  #rows: Float64Array;

  constructor(expected = 1024) {
    this.#rows = new Float64Array(Math.max(16, expected) * 4);
  }

  get count(): number {
    return this.#count;
  }

  /** Times in ms, equity in currency, exposures as fractions of equity. */
  add(timeMs: number, equity: number, gross: number, net: number): void {
    const at = this.#count * 4;
    if (at === this.#rows.length) this.#grow();
    const rows = this.#rows;
    rows[at] = timeMs;
    rows[at + 1] = equity;
    rows[at + 2] = gross;
    rows[at + 3] = net;
    this.#count += 1;
  }

  /** Column 0 time, 1 equity, 2 gross, 3 net exposure. */
  column(which: 0 | 1 | 2 | 3): Float64Array {
    const column = new Float64Array(this.#count);
    for (let row = 0, at = which; row < column.length; row++, at += 4) column[row] = this.#rows[at]!;
    return column;
  }

  #grow(): void {
    const rows = new Float64Array(this.#rows.length * 2);
    rows.set(this.#rows);
    this.#rows = rows;
  }
}
