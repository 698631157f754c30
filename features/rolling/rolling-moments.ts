/**
 * Mean and sum of squared deviations of the last `n` values, from two blocks as in `RollingSum`, merged by the formula
 * of Chan, Golub and LeVeque (1979). Each block measures its values from one of its own members inside the window (the
 * first for the block being filled, the last for the block before), so that the squares never exceed (1 + n) times the
 * answer: the relative error stays near n x 1e-16 at any price level, nothing drifts, and a flat window has a deviation
 * of exactly 0.
 */
export class RollingMoments {
  /** Mean of the last n values; of all of them while there are fewer. */
  mean = 0;
  /** Sum of squared deviations from that mean. */
  squares = 0;
  readonly block: Float64Array;
  readonly suffixMeans: Float64Array;
  readonly suffixSquares: Float64Array;
  readonly inverse: Float64Array;
  readonly weight: Float64Array;
  origin = 0;
  sum = 0;
  sumSquares = 0;
  filled = 0;
  complete = false;

  constructor(n: number) {
    this.block = new Float64Array(n);
    this.suffixMeans = new Float64Array(n + 1);
    this.suffixSquares = new Float64Array(n + 1);
    this.inverse = reciprocals(n);
    this.weight = Float64Array.from({ length: n + 1 }, (_, b) => (n - b) / n);
  }

  push(x: number): void {
    const b = this.filled + 1;
    if (b === 1) this.origin = x;
    this.block[this.filled] = x;
    const d = x - this.origin;
    this.sum += d;
    this.sumSquares += d * d;
    const shift = this.sum * this.inverse[b]!;
    const mean = this.origin + shift;
    const squares = this.sumSquares - this.sum * shift;
    if (this.complete) {
      const share = this.weight[b]!;
      const apart = this.suffixMeans[b]! - mean;
      this.mean = mean + apart * share;
      this.squares = Math.max(0, this.suffixSquares[b]! + squares + apart * apart * (share * b));
    } else {
      this.mean = mean;
      this.squares = Math.max(0, squares);
    }
    this.filled = b;
    if (b === this.block.length) this.#closeBlock();
  }

  #closeBlock(): void {
    const { block, inverse } = this;
    const n = block.length;
    const origin = block[n - 1]!;
    let sum = 0;
    let sumSquares = 0;
    for (let i = n - 1; i >= 0; i--) {
      const d = block[i]! - origin;
      sum += d;
      sumSquares += d * d;
      const shift = sum * inverse[n - i]!;
      this.suffixMeans[i] = origin + shift;
      this.suffixSquares[i] = sumSquares - sum * shift;
    }
    this.sum = 0;
    this.sumSquares = 0;
    this.filled = 0;
    this.complete = true;
  }
}

/** 1/1, 1/2, ... 1/n at their own index; 0 at 0. */
function reciprocals(n: number): Float64Array {
  return Float64Array.from({ length: n + 1 }, (_, b) => (b === 0 ? 0 : 1 / b));
}
