import { log } from '../arithmetic.ts';

/** Sum of logarithms of positive numbers with one logarithm for many of them. */
export class LogSum {
  total = 0;
  product = 1;

  add(x: number): void {
    this.product *= x;
    if (this.product > 1e-200 && this.product < 1e200) return;
    this.total += log(this.product);
    this.product = 1;
  }

  value(): number {
    return this.total + log(this.product);
  }
}
