import { ascendingOrder } from '../scores/ascending-order.ts';

/**
 * A changing choice from a fixed list of values that knows its order statistics: a Fenwick tree over the ranks of all
 * values, so that a panel's millions come and go in the logarithm of their number each.
 */
export class RankedWindow {
  readonly #values: Float64Array;
  /** Place of each value in rising order, and the value at each place. */
  readonly #rank: Int32Array;
  readonly #order: Int32Array;
  readonly #tree: Int32Array;
  readonly #top: number;
  #count = 0;

  constructor(values: Float64Array) {
    this.#values = values;
    this.#order = ascendingOrder(values);
    this.#rank = new Int32Array(values.length);
    this.#order.forEach((at, rank) => (this.#rank[at] = rank));
    this.#tree = new Int32Array(values.length + 1);
    this.#top = values.length === 0 ? 0 : 2 ** Math.floor(Math.log2(values.length));
  }

  get count(): number {
    return this.#count;
  }

  /** Takes in the value at `at`, which must be a number and not in the window. */
  add(at: number): void {
    this.#change(at, 1);
  }

  /** Lets the value at `at` go, which must be in the window. */
  remove(at: number): void {
    this.#change(at, -1);
  }

  /** The `k`-th smallest value in the window, from 1; `k` outside 1 to `count` is taken as the nearest of these. */
  smallest(k: number): number {
    let left = Math.min(this.#count, Math.max(1, k));
    let place = 0;
    for (let step = this.#top; step > 0; step >>= 1) {
      const next = place + step;
      if (next < this.#tree.length && this.#tree[next]! < left) {
        place = next;
        left -= this.#tree[next]!;
      }
    }
    return this.#values[this.#order[place]!]!;
  }

  #change(at: number, by: number): void {
    for (let place = this.#rank[at]! + 1; place < this.#tree.length; place += place & -place) this.#tree[place]! += by;
    this.#count += by;
  }
}
