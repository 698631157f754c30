/** A price and what is offered there: `[price, size]`. */
export type Level = readonly [price: number, size: number];

/**
 * One side of an order book: prices in order, the best last, so that what changes near it moves few others. Beyond the
 * worst price of the snapshot that it began with the venue has told of changes only: what rested there before is not
 * known, and nothing is said of it.
 */
export class BookSide {
  readonly #sign: 1 | -1;
  #prices = new Float64Array(1024);
  #sizes = new Float64Array(1024);
  #length = 0;
  /** The worst price up to which every level is known. */
  #bound = NaN;

  /** @param side 1: bids, of which the highest is best; -1: asks */
  constructor(side: 1 | -1) {
    this.#sign = side;
  }

  /**
   * Begins anew with the levels of a snapshot, in any order.
   * @param isWhole there are no others: the venue had fewer than were asked for
   */
  reset(levels: readonly Level[], isWhole: boolean): void {
    this.#length = 0;
    for (const [price, size] of levels.toSorted(([a], [b]) => this.#sign * (a - b))) this.set(price, size);
    this.#bound = isWhole ? -this.#sign * Infinity : this.#length > 0 ? this.#prices[0]! : NaN;
  }

  /** What is offered at a price from here on; 0 takes the level away. */
  set(price: number, size: number): void {
    const at = this.#place(price);
    const isThere = at < this.#length && this.#prices[at] === price;
    if (isThere && size > 0) this.#sizes[at] = size;
    else if (isThere) this.#remove(at);
    else if (size > 0) this.#insert(at, price, size);
  }

  /** Levels that are known for certain, from the best on. */
  get length(): number {
    return this.#length - this.#firstKnown();
  }

  /** The level at a place, the best at 0; null where what stands there is not known. */
  level(place: number): Level | null {
    const at = this.#length - 1 - place;
    return at >= this.#firstKnown() && at >= 0 ? [this.#prices[at]!, this.#sizes[at]!] : null;
  }

  /** Whether what rests at a price is known. */
  knows(price: number): boolean {
    return this.#sign * (price - this.#bound) >= 0;
  }

  /** What `units` cost, from the best price on: how many of them are known of, and their mean price; NaN for none. */
  sweep(units: number): { readonly units: number; readonly price: number } {
    let [left, sum] = [units, 0];
    const first = this.#firstKnown();
    for (let at = this.#length - 1; at >= first && left > 0; at--) {
      const taken = Math.min(left, this.#sizes[at]!);
      sum += taken * this.#prices[at]!;
      left -= taken;
    }
    const found = units - left;
    return { units: found, price: found > 0 ? sum / found : NaN };
  }

  /** Place of the first level within what is known. */
  #firstKnown(): number {
    return Number.isNaN(this.#bound) ? this.#length : this.#place(this.#bound);
  }

  /** Place of a price, or where it would stand. The best are looked at first: most changes are theirs. */
  #place(price: number): number {
    const [sign, prices] = [this.#sign, this.#prices];
    let [low, high, step] = [0, this.#length, 1];
    while (high > low && sign * (prices[Math.max(low, high - step)]! - price) >= 0) {
      high = Math.max(low, high - step);
      step *= 2;
    }
    low = Math.max(low, high - step);
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sign * (prices[middle]! - price) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #remove(at: number): void {
    this.#prices.copyWithin(at, at + 1, this.#length);
    this.#sizes.copyWithin(at, at + 1, this.#length);
    this.#length -= 1;
  }

  #insert(at: number, price: number, size: number): void {
    if (this.#length === this.#prices.length) this.#grow();
    this.#prices.copyWithin(at + 1, at, this.#length);
    this.#sizes.copyWithin(at + 1, at, this.#length);
    this.#prices[at] = price;
    this.#sizes[at] = size;
    this.#length += 1;
  }

  #grow(): void {
    const [prices, sizes] = [this.#prices, this.#sizes];
    this.#prices = new Float64Array(2 * prices.length);
    this.#sizes = new Float64Array(2 * sizes.length);
    this.#prices.set(prices);
    this.#sizes.set(sizes);
  }
}
