import { decimalExponent, EXACT, HEADROOM, WHOLE_MAX } from '../exact-averages.ts';

/** Prices as whole numbers at one power of ten, summed from the start. */
export interface WholePrices {
  /** `sums[k]` is the exact sum of the first k prices. */
  readonly sums: Float64Array;
  /**
   * Whether averages over windows of up to `slow` compare here as `ExactAverages` compares them: both are then exact.
   */
  isExactFor(slow: number): boolean;
}

/** Exponents beyond which prices have more digits than any sum could hold. */
const EXPONENT_MAX = 15;

/**
 * The prices as whole numbers, or null where they do not have few enough digits, or are not prices: `ExactAverages`
 * then chooses its scale along the way.
 */
export function wholePrices(prices: Float64Array): WholePrices | null {
  const exponent = commonExponent(prices);
  if (exponent === null) return null;
  const scale = Number(`1e${exponent}`);
  const sums = new Float64Array(prices.length + 1);
  let highest = 0;
  let sum = 0;
  for (let row = 0; row < prices.length; row++) {
    const whole = Math.round(prices[row]! * scale);
    if (whole > highest) highest = whole;
    sum += whole;
    sums[row + 1] = sum;
  }
  if (!(sum <= EXACT)) return null;
  return {
    sums,
    // The headroom keeps the other comparison at its exact scale: it never has to round a price.
    isExactFor: (slow) => {
      const largest = Math.min(WHOLE_MAX, Math.floor(EXACT / slow));
      return highest * HEADROOM * 10 <= largest && highest * slow * slow <= EXACT;
    },
  };
}

/** The smallest power of ten that makes whole numbers of all prices; null where there is none that sums can hold. */
function commonExponent(prices: Float64Array): number | null {
  let exponent = 0;
  let scale = 1;
  for (const price of prices) {
    if (!(price > 0 && price < Infinity)) return null;
    if (Math.round(price * scale) / scale === price) continue;
    exponent = Math.max(exponent, decimalExponent(price));
    if (exponent > EXPONENT_MAX) return null;
    scale = Number(`1e${exponent}`);
  }
  return exponent;
}
