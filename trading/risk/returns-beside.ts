import type { BarView } from '../bar-view.ts';
import type { RateAt } from '../market.ts';

const isPrice = (value: number): boolean => value > 0 && value < Infinity;

/** Closed bars of a symbol, and what their currency is worth in that of the account: null where it is the same. */
export interface SeenBars {
  readonly view: BarView;
  readonly rate: RateAt | null;
}

/**
 * Simple returns, in the account's currency, of `view` between the last `bars` + 1 closes of `clock`, the newest last:
 * at each of them the last close of `view` and the last rate that were known then. A bar that is missing gives 0, and
 * the next one the whole move. Null where one of the two has too few bars, or a rate is not known. Reads only what has
 * closed.
 */
export function returnsBeside({ view, rate }: SeenBars, clock: BarView, bars: number): Float64Array | null {
  if (clock.length <= bars) return null;
  const returns = new Float64Array(bars);
  let ago = 0;
  let after = NaN;
  for (let back = 0; back <= bars; back++) {
    const timeMs = clock.closeTimeMs(back);
    while (ago < view.length && !(view.closeTimeMs(ago) <= timeMs && isPrice(view.close(ago)))) ago++;
    if (ago === view.length) return null;
    const close = view.close(ago) * (rate === null ? 1 : rate(timeMs));
    if (!isPrice(close)) return null;
    if (back > 0) returns[bars - back] = after / close - 1;
    after = close;
  }
  return returns;
}

/** Pearson's coefficient of two columns of equal length; NaN where one of them does not move. */
export function correlationOf(one: Float64Array, other: Float64Array): number {
  const count = one.length;
  let [oneSum, otherSum] = [0, 0];
  for (let at = 0; at < count; at++) {
    oneSum += one[at]!;
    otherSum += other[at]!;
  }
  const [oneMean, otherMean] = [oneSum / count, otherSum / count];
  let [both, oneSquares, otherSquares] = [0, 0, 0];
  for (let at = 0; at < count; at++) {
    const [a, b] = [one[at]! - oneMean, other[at]! - otherMean];
    both += a * b;
    oneSquares += a * a;
    otherSquares += b * b;
  }
  return both / Math.sqrt(oneSquares * otherSquares);
}
