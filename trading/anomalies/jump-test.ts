import { log } from '../../features/arithmetic.ts';

/** Of `E|Z|` of a standard normal Z. */
const MEAN_OF_ABSOLUTE = Math.sqrt(2 / Math.PI);

/** Returns by which the volatility of the moment is estimated. */
export const JUMP_WINDOW = 120;
/** Returns of which one in a hundred sets may hold a false jump. */
const TESTED = 1_000;
const FALSE_SHARE = 0.01;

/** From where on the largest of `TESTED` statistics is a jump: the quantile of their limit, Gumbel's distribution. */
const BOUND = ((): number => {
  const root = Math.sqrt(2 * log(TESTED));
  const centre = root - (log(Math.PI) + log(log(TESTED))) / (2 * root);
  return centre - log(-log(1 - FALSE_SHARE)) / root;
})();

/**
 * Jumps in returns by Lee and Mykland (Jumps in Financial Markets, Review of Financial Studies 21, 2008): a return is
 * one where it is too large for the volatility just before, which bipower variation estimates without being moved by
 * jumps itself. Over returns without jumps about one in 100,000 is one by chance.
 */
export class JumpTest {
  readonly #products: number[] = [];
  #sum = 0;
  #next = 0;
  #last = NaN;

  /**
   * How far out a return is, in standard deviations of the moment, where it is a jump; 0 where it is none, or too few
   * came before. The return is then one of the past.
   */
  next(value: number): number {
    const found = this.#scoreOf(value);
    if (Number.isFinite(this.#last)) this.#add(Math.abs(value) * Math.abs(this.#last));
    this.#last = value;
    return found;
  }

  /** Forgets the last return: the next one does not follow on it. */
  pause(): void {
    this.#last = NaN;
  }

  #scoreOf(value: number): number {
    if (this.#products.length < JUMP_WINDOW || !(this.#sum > 0)) return 0;
    const deviation = Math.sqrt(this.#sum / JUMP_WINDOW) / MEAN_OF_ABSOLUTE;
    const score = Math.abs(value) / deviation;
    return score > BOUND ? score : 0;
  }

  #add(product: number): void {
    if (this.#products.length < JUMP_WINDOW) this.#products.push(product);
    else {
      this.#sum -= this.#products[this.#next]!;
      this.#products[this.#next] = product;
      this.#next = (this.#next + 1) % JUMP_WINDOW;
    }
    this.#sum += product;
    // What rounding leaves does not add up over years of bars.
    if (this.#next === 0) this.#sum = this.#products.reduce((sum, one) => sum + one, 0);
  }
}
