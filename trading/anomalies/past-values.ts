/** Standard deviations of a normal distribution in its median absolute deviation. */
const MAD_OF_NORMAL = 0.674489750196082;
/** Values that differ by less, as a share of their median, are the same but for their rounding. */
const ROUNDING = 1e-9;

/**
 * The last values of something, and how far out the next one is: `0.6745 (x - median) / MAD`, the modified z-score of
 * Iglewicz and Hoaglin (How to Detect and Handle Outliers, 1993). One value in two may be an outlier without moving it
 * far, so that what was found yesterday does not hide what comes today.
 */
export class PastValues {
  readonly #window: number;
  /** In the order in which they came, the oldest at `#next` once there are as many as the window holds. */
  readonly #came: number[] = [];
  readonly #sorted: number[] = [];
  #next = 0;

  /** @param window values that are looked back on */
  constructor(window: number) {
    this.#window = window;
  }

  get count(): number {
    return this.#sorted.length;
  }

  /** NaN before the first. */
  get median(): number {
    const { length } = this.#sorted;
    const half = length >> 1;
    return length % 2 === 1 ? this.#sorted[half]! : (this.#sorted[half - 1]! + this.#sorted[half]!) / 2;
  }

  /** How far `value` is from the median, in standard deviations and with its sign; NaN where values hardly differ. */
  score(value: number): number {
    const [mad, { median }] = [this.#deviation(), this];
    return mad > ROUNDING * Math.abs(median) ? (MAD_OF_NORMAL * (value - median)) / mad : NaN;
  }

  /** Takes one more value; the oldest goes where the window is full. One that is not finite is left out. */
  add(value: number): void {
    if (!Number.isFinite(value)) return;
    if (this.#came.length < this.#window) this.#came.push(value);
    else {
      this.#sorted.splice(placeIn(this.#sorted, this.#came[this.#next]!), 1);
      this.#came[this.#next] = value;
      this.#next = (this.#next + 1) % this.#window;
    }
    this.#sorted.splice(placeIn(this.#sorted, value), 0, value);
  }

  /** Median of the distances from the median: both sides are sorted, so that they are walked outward together. */
  #deviation(): number {
    const sorted = this.#sorted;
    const { length } = sorted;
    if (length === 0) return NaN;
    const { median } = this;
    let right = placeIn(sorted, median);
    let left = right - 1;
    let [before, last] = [NaN, NaN];
    for (let taken = 0; taken <= length >> 1; taken++) {
      before = last;
      const below = left >= 0 ? median - sorted[left]! : Infinity;
      const above = right < length ? sorted[right]! - median : Infinity;
      last = Math.min(below, above);
      if (below <= above) left -= 1;
      else right += 1;
    }
    return length % 2 === 1 ? last : (before + last) / 2;
  }
}

/** Where the first value stands that is not below `value`. */
function placeIn(sorted: readonly number[], value: number): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (sorted[middle]! < value) from = middle + 1;
    else to = middle;
  }
  return from;
}
