/** How many orders were approved within a window of event time, counted up to a limit. */
export class OrderRate {
  readonly orders: number;
  readonly #windowMs: number;
  /** Times of the last orders, a ring as long as the limit: full when its oldest entry lies inside the window. */
  readonly #times: Float64Array;
  #next = 0;

  constructor(orders: number, windowMs: number) {
    this.orders = orders;
    this.#windowMs = windowMs;
    this.#times = new Float64Array(orders).fill(-Infinity);
  }

  /** The same orders under another limit; those that `before` no longer knows count as none. */
  static after(before: OrderRate | null, orders: number, windowMs: number): OrderRate {
    const rate = new OrderRate(orders, windowMs);
    for (const timeMs of before === null ? [] : before.#times.toSorted()) if (timeMs > -Infinity) rate.note(timeMs);
    return rate;
  }

  /**
   * As many orders as are allowed lie within the window before `timeMs`. What is further in the future than that was
   * noted by a clock that was put back since: it would count for as long as that.
   */
  isReached(timeMs: number): boolean {
    return Math.abs(timeMs - this.#times[this.#next]!) < this.#windowMs;
  }

  note(timeMs: number): void {
    this.#times[this.#next] = timeMs;
    this.#next = this.#next + 1 === this.orders ? 0 : this.#next + 1;
  }

  /** What this returns forgets the orders that are noted from here on. */
  mark(): () => void {
    const [times, next] = [this.#times.slice(), this.#next];
    return () => this.restore({ times, next });
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    return { times: this.#times, next: this.#next };
  }

  /** Takes up what one of the same options has saved. */
  restore({ times, next }: ReturnType<OrderRate['save']>): void {
    this.#times.set(times);
    this.#next = next;
  }
}
