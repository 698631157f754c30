/**
 * The grid that quantities (lots) or prices (ticks) live on. A value is always `count * step` rounded once, so that
 * sums snapped back to the grid never drift.
 */
export class Grid {
  readonly step: number = 0;
  /**
   * 1 / step where that is a whole number (0.01 -> 100), else 0: `count / 100` is the nearest double, `count * 0.01` is
   * not.
   */
  readonly #perUnit: number = 0;

  constructor(step: number) {
    this.step = step;
    const perUnit = Math.round(1 / step);
    this.#perUnit = perUnit >= 1 && Math.abs(perUnit * step - 1) < 1e-12 ? perUnit : 0;
  }

  /** The grid value `count` steps from zero. */
  at(count: number): number {
    return this.#perUnit > 0 ? count / this.#perUnit : count * this.step;
  }

  /** Largest grid value at or below `value`. */
  floor(value: number): number {
    let count = Math.floor(this.#steps(value));
    // Division may land one step off either way: settle it by comparing grid values with the value itself.
    if (this.at(count + 1) <= value) count += 1;
    else if (this.at(count) > value) count -= 1;
    return this.at(count);
  }

  /** Smallest grid value at or above `value`. */
  ceil(value: number): number {
    return -this.floor(-value);
  }

  /** The grid value nearest to `value`. */
  nearest(value: number): number {
    const perUnit = this.#perUnit;
    return perUnit > 0 ? Math.round(value * perUnit) / perUnit : Math.round(value / this.step) * this.step;
  }

  #steps(value: number): number {
    return this.#perUnit > 0 ? value * this.#perUnit : value / this.step;
  }
}
