/**
 * The last `n` values in order of time, as one stretch of memory: each value is written twice, n places apart, so that
 * the newest window is always `values[start .. start + n - 1]` and an O(n) formula reads it without wrapping round.
 */
export class Window {
  readonly length: number;
  readonly values: Float64Array;
  /** Index of the oldest value. */
  start = 0;
  /** Values pushed so far, at most n. */
  count = 0;

  constructor(n: number) {
    this.length = n;
    this.values = new Float64Array(2 * n);
  }

  /** Takes `x`; true once the window is full. */
  push(x: number): boolean {
    const at = this.start;
    this.values[at] = x;
    this.values[at + this.length] = x;
    this.start = at + 1 === this.length ? 0 : at + 1;
    if (this.count < this.length) this.count += 1;
    return this.count === this.length;
  }

  /** Value `k` steps back; 0 is the newest. */
  back(k: number): number {
    return this.values[this.start + this.length - 1 - k]!;
  }
}
