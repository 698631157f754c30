interface RateSource {
  readonly currency: string;
  readonly symbol: string;
  readonly inverse: boolean;
}

/** What one unit of a currency is worth in another, from the closes of a symbol. */
export class ClosingRate {
  readonly currency: string;
  readonly symbol: string;
  readonly #inverse: boolean;
  readonly #times: number[] = [];
  readonly #values: number[] = [];

  constructor({ currency, symbol, inverse }: RateSource) {
    this.currency = currency;
    this.symbol = symbol;
    this.#inverse = inverse;
  }

  /** The next close. One that is no price says nothing. */
  note({ closeTimeMs, close }: { readonly closeTimeMs: number; readonly close: number }): void {
    if (!(close > 0 && close < Infinity)) return;
    this.#times.push(closeTimeMs);
    this.#values.push(this.#inverse ? 1 / close : close);
  }

  /** The last rate that was known at a time, and since when; since -Infinity where there was none. */
  before(timeMs: number): { readonly value: number; readonly closeTimeMs: number } {
    let [from, to] = [0, this.#times.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.#times[middle]! <= timeMs) from = middle + 1;
      else to = middle;
    }
    return from === 0
      ? { value: NaN, closeTimeMs: -Infinity }
      : { value: this.#values[from - 1]!, closeTimeMs: this.#times[from - 1]! };
  }
}
