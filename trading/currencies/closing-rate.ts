import { DAY_MS } from '../../features/timeframe.ts';

/** Older than over a weekend with holidays beside it: the rate is missing. */
export const RATE_AGE_MS_MAX = 5 * DAY_MS;

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
  /** Times at which the rate was asked for and missing: from its last close before to the last of them. */
  readonly #gaps = new Map<number, number>();

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

  /** Notes that the rate of `closeTimeMs` was the last one at `timeMs`, where that is too old. */
  noteAge(closeTimeMs: number, timeMs: number): void {
    if (timeMs - closeTimeMs <= RATE_AGE_MS_MAX) return;
    this.#gaps.set(closeTimeMs, Math.max(timeMs, this.#gaps.get(closeTimeMs) ?? timeMs));
  }

  /** Times without a rate that was new enough, in order: since when there was none, and until when that was seen. */
  get gaps(): readonly (readonly [sinceMs: number, untilMs: number])[] {
    return [...this.#gaps].sort(([a], [b]) => a - b);
  }
}
