import type { BarView } from '../bar-view.ts';
import { memoryOf, type Json, type Memory } from './memory.ts';

/** Whole numbers up to here, and sums of them that stay below, are exact in any order. */
export const EXACT = 2 ** 53;
/** Prices are held with 50 bits at most: scaled by a power of ten, one still rounds to the right whole number. */
export const WHOLE_MAX = 2 ** 50;
/** How far a scaled price may be from a whole number that it stands for: the rounding of price and power of ten. */
const SCALING = 2 ** -50;
/** How much prices may rise before the scale has to be chosen again. */
export const HEADROOM = 8;

/**
 * Compares two simple averages of closes exactly. Two windows with equal averages must compare equal, which float sums
 * of decimal prices do not: on the 1,000,000 bars of the benchmark 699 exact ties of SMA(10) and SMA(30) exist, and
 * float sums break ties either way. Prices are held as whole numbers at a power of ten: 53.85 as 5385 hundredths,
 * 1.23e-9 as 123 at 1e11, so that prices times any power of ten compare alike. The scale is the smallest that fits the
 * prices seen so far; prices with more digits than fit (adjusted for dividends) are rounded to the finest whose sums
 * stay exact, and the scale follows the price when that changes by orders of magnitude.
 */
export class ExactAverages implements Memory {
  readonly #fast: number = 0;
  readonly #slow: number = 0;
  /** Largest whole number whose sum over the slow window stays exact. */
  readonly #largest: number = 0;
  /** The scale is ten to this power. */
  #exponent = 0;
  #scale = 1;
  /** Every price of the slow window is a whole number at the scale. */
  #exact = true;
  /** Bars until a scale that some price does not fit is looked at again; 0 while all fit. */
  #patience = 0;
  #fastSum = 0;
  #slowSum = 0;
  /** The last closes at the present scale, a ring: rounding each once instead of three times saved 10 ns a bar. */
  readonly #whole: Float64Array;
  /** Length of the ring less one; the length is a power of two, so that a row is found without a branch. */
  readonly #mask: number = 0;
  #row = 0;

  constructor(fast: number, slow: number) {
    this.#fast = fast;
    this.#slow = slow;
    this.#largest = Math.min(WHOLE_MAX, Math.floor(EXACT / slow));
    let length = 1;
    while (length <= slow) length *= 2;
    this.#whole = new Float64Array(length);
    this.#mask = this.#whole.length - 1;
  }

  /** Takes the newest close: sign and size of `fast average - slow average` in scaled units, NaN while warming up. */
  update(view: BarView): number {
    const scaled = view.close() * this.#scale;
    const whole = Math.round(scaled);
    const apart = scaled - whole;
    const fits = (apart < 0 ? -apart : apart) <= whole * SCALING;
    if (this.#patience > 0) this.#patience -= 1;
    if (whole <= this.#largest && (fits || this.#patience > 0)) this.#add(whole);
    else this.#rescale(view);
    return view.length < this.#slow ? NaN : this.#difference();
  }

  save(): Json {
    return memoryOf({
      exponent: this.#exponent,
      exact: this.#exact,
      patience: this.#patience,
      fastSum: this.#fastSum,
      slowSum: this.#slowSum,
      row: this.#row,
      whole: this.#whole,
    }).save();
  }

  restore(state: Json): void {
    const kept = { exponent: 0, exact: true, patience: 0, fastSum: 0, slowSum: 0, row: 0, whole: this.#whole };
    memoryOf(kept).restore(state);
    this.#exponent = kept.exponent;
    this.#scale = Number(`1e${kept.exponent}`);
    this.#exact = kept.exact;
    this.#patience = kept.patience;
    this.#fastSum = kept.fastSum;
    this.#slowSum = kept.slowSum;
    this.#row = kept.row;
  }

  #difference(): number {
    const fast = this.#fastSum * this.#slow;
    const slow = this.#slowSum * this.#fast;
    const difference = fast - slow;
    if (fast + slow <= EXACT || Math.abs(difference) > (fast + slow) * SCALING) return difference;
    return Number(BigInt(this.#fastSum) * BigInt(this.#slow) - BigInt(this.#slowSum) * BigInt(this.#fast));
  }

  #add(whole: number): void {
    const ring = this.#whole;
    const mask = this.#mask;
    const row = this.#row;
    // Rows not yet written are 0, as bars before the first are.
    this.#fastSum += whole - ring[(row - this.#fast) & mask]!;
    this.#slowSum += whole - ring[(row - this.#slow) & mask]!;
    ring[row] = whole;
    this.#row = (row + 1) & mask;
  }

  /** Chooses the scale by the bars of the slow window, and takes them up again at it. */
  #rescale(view: BarView): void {
    const bars = Math.min(this.#slow, view.length);
    let highest = 0;
    for (let ago = 0; ago < bars; ago++) highest = Math.max(highest, view.close(ago));
    const finest = finestExponent(highest, this.#largest / HEADROOM);
    const same = !this.#exact && finest === this.#exponent;
    this.#patience = this.#slow;
    if (same) return this.#add(Math.round(view.close() * this.#scale));
    let wanted = -Infinity;
    for (let ago = 0; ago < bars; ago++) wanted = Math.max(wanted, decimalExponent(view.close(ago)));
    this.#exact = wanted <= finest;
    if (this.#exact) this.#patience = 0;
    this.#exponent = Math.min(finest, wanted);
    this.#scale = Number(`1e${this.#exponent}`);
    this.#whole.fill(0);
    this.#fastSum = 0;
    this.#slowSum = 0;
    this.#row = 0;
    for (let ago = bars - 1; ago >= 0; ago--) this.#add(Math.round(view.close(ago) * this.#scale));
  }
}

/** The largest power of ten that leaves `value` at or below `most`. */
function finestExponent(value: number, most: number): number {
  let exponent = exponentOf(most) - exponentOf(value);
  if (value * Number(`1e${exponent}`) > most) exponent -= 1;
  return exponent;
}

/** Decimal exponent of `value`: 1.23e-9 has -9. By its decimal form, as logarithms differ between machines. */
function exponentOf(value: number): number {
  return Number(value.toExponential().split('e')[1]);
}

/** The smallest power of ten that makes a whole number of `value`: 1.23e-9 has 11; -Infinity for 0, which any does. */
export function decimalExponent(value: number): number {
  if (value === 0) return -Infinity;
  const [digits, exponent] = value.toExponential().split('e') as [string, string];
  return Math.max(0, digits.length - 2) - Number(exponent);
}
