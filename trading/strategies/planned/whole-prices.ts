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
  const sums = new Float64Array(prices.length + 1);
  const found: Summed = { highest: 0, finer: 0 };
  let exponent = 0;
  while (!sumAt(prices, exponent, sums, found)) {
    exponent = found.finer;
    // One that is no price asks for a scale that there is not.
    if (!(exponent <= EXPONENT_MAX)) return null;
  }
  if (!(sums[prices.length]! <= EXACT)) return null;
  const { highest } = found;
  return {
    sums,
    // The headroom keeps the other comparison at its exact scale: it never has to round a price.
    isExactFor: (slow) => {
      const largest = Math.min(WHOLE_MAX, Math.floor(EXACT / slow));
      return highest * HEADROOM * 10 <= largest && highest * slow * slow <= EXACT;
    },
  };
}

/** What a pass over prices found. */
interface Summed {
  highest: number;
  /** The exponent that makes a whole number of the price that ended the pass; NaN where it is no price. */
  finer: number;
}

/**
 * Sums `prices` times a power of ten. False at the first that asks for a larger one: prices of an exchange do so in
 * their first rows, so that one pass tells their digits and sums them (6.2 ns a bar, two passes took 11.5).
 */
function sumAt(prices: Float64Array, exponent: number, sums: Float64Array, found: Summed): boolean {
  const scale = Number(`1e${exponent}`);
  let highest = 0;
  let sum = 0;
  for (let row = 0; row < prices.length; row++) {
    const price = prices[row]!;
    const whole = Math.round(price * scale);
    if (!(price > 0 && price < Infinity) || whole / scale !== price) {
      found.finer = price > 0 && price < Infinity ? decimalExponent(price) : NaN;
      if (!(found.finer <= exponent)) return false;
    }
    if (whole > highest) highest = whole;
    sum += whole;
    sums[row + 1] = sum;
  }
  found.highest = highest;
  return true;
}
