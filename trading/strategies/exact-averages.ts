import type { BarView } from '../bar-view.ts';

/** Prices as whole numbers: 53.85 at scale 100 is 5385. Sums of whole numbers below 2^53 are exact in any order. */
const MAX_DECIMALS = 8;
const EXACT = 9007199254740992;

/**
 * Compares two simple averages of closes exactly. Two windows with equal averages must compare equal, which float sums
 * of decimal prices do not: on the 1,000,000 bars of the benchmark 699 exact ties of SMA(10) and SMA(30) exist, and
 * float sums break ties either way. Prices with up to 8 decimals are held as integers at the smallest power of ten that
 * fits those seen so far; prices with more digits (adjusted for dividends) are rounded to the finest scale whose sums
 * stay exact.
 */
export class ExactAverages {
  readonly #fast: number = 0;
  readonly #slow: number = 0;
  #scale = 1;
  /** The scale cannot be refined further: prices are rounded to it. */
  #finest = false;
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
    let length = 1;
    while (length <= slow) length *= 2;
    this.#whole = new Float64Array(length);
    this.#mask = this.#whole.length - 1;
  }

  /** Takes the newest close: sign and size of `fast average - slow average` in scaled units, NaN while warming up. */
  update(view: BarView): number {
    const close = view.close();
    const scale = this.#scale;
    const whole = Math.round(close * scale);
    if (whole / scale !== close && !this.#finest) this.#refine(view);
    else this.#add(whole);
    return view.length < this.#slow ? NaN : this.#fastSum * this.#slow - this.#slowSum * this.#fast;
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

  #refine(view: BarView): void {
    const close = view.close();
    let scale = this.#scale;
    for (let decimals = 0; decimals < MAX_DECIMALS && Math.round(close * scale) / scale !== close; decimals++) {
      if (close * scale * 10 * this.#fast * this.#slow * 8 > EXACT) break;
      scale *= 10;
    }
    this.#finest = Math.round(close * scale) / scale !== close;
    this.#scale = scale;
    this.#whole.fill(0);
    this.#fastSum = 0;
    this.#slowSum = 0;
    this.#row = 0;
    for (let ago = Math.min(this.#slow, view.length) - 1; ago >= 0; ago--) {
      this.#add(Math.round(view.close(ago) * scale));
    }
  }
}
