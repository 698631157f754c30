/**
 * Sum of the last `n` values without ever subtracting: the running sum of the block being filled plus the suffix sum of
 * the block before it. Two additions a value, no drift however long the series, and a window of zeros sums to exactly 0
 * after any history; the usual `sum += x - oldest` keeps the rounding of every value it has seen. (The two-block scheme
 * is that of van Herk and of Gil and Werman for extremes, applied to a sum.)
 */
export class RollingSum {
  /** Places below `filled` hold the current block, those from it on the suffix sums of the block before. */
  readonly block: Float64Array;
  prefix = 0;
  filled = 0;

  constructor(n: number) {
    this.block = new Float64Array(n);
  }

  /** Sum of the last n values including `x`; of all of them while there are fewer. */
  push(x: number): number {
    const block = this.block;
    block[this.filled] = x;
    this.prefix += x;
    this.filled += 1;
    if (this.filled < block.length) return this.prefix + block[this.filled]!;
    const sum = this.prefix;
    let suffix = 0;
    for (let i = block.length - 1; i >= 0; i--) {
      suffix += block[i]!;
      block[i] = suffix;
    }
    this.prefix = 0;
    this.filled = 0;
    return sum;
  }
}
