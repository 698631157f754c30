/** Digits and decimals that a step is written with; one that has more is a fraction such as a third. */
const DIGITS_MAX = 12;
const DECIMALS_MAX = 22;

/** A step as a fraction of whole numbers: 0.01 is 1 / 100, 0.003 is 3 / 1000, and a third 1 / 3. */
function fractionOf(step: number): readonly [times: number, perUnit: number] {
  // As it is written: a product with a power of ten is rounded too.
  const [digits, power] = step.toExponential().split('e') as [string, string];
  const whole = digits.replace('.', '');
  const decimals = whole.length - 1 - Number(power);
  if (whole.length <= DIGITS_MAX && decimals <= DECIMALS_MAX) {
    return decimals <= 0 ? [step, 1] : [Number(whole), Number(`1e${decimals}`)];
  }
  const inverse = Math.round(1 / step);
  return inverse >= 1 && Math.abs(inverse * step - 1) < 1e-12 ? [1, inverse] : [step, 1];
}

/**
 * The grid that quantities (lots) or prices (ticks) live on. A value is always `count * step` rounded once, so that
 * sums snapped back to the grid never drift.
 */
export class Grid {
  readonly step: number = 0;
  /** The step is their quotient: `count / 100` is the nearest double, `count * 0.01` is not. */
  readonly #times: number = 1;
  readonly #perUnit: number = 1;

  constructor(step: number) {
    this.step = step;
    [this.#times, this.#perUnit] = fractionOf(step);
  }

  /** The grid value `count` steps from zero. */
  at(count: number): number {
    const times = count * this.#times;
    return this.#perUnit === 1 ? times : times / this.#perUnit;
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
    return this.at(Math.round(this.#steps(value)));
  }

  #steps(value: number): number {
    const times = value * this.#perUnit;
    return this.#times === 1 ? times : times / this.#times;
  }
}
