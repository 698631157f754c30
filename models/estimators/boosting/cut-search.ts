import type { BoostingPlan } from './boosting-plan.ts';
import { GRADIENT_UNIT } from './quantised-gradients.ts';
import type { PackedGradients } from './quantised-gradients.ts';

/** The best cut of a node. `left` is the packed sum of the rows that go left. */
export interface Cut {
  feature: number;
  bin: number;
  missingRight: boolean;
  left: number;
}

/** Bounds that monotone cuts above a node set for its leaf values. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

const FREE: Bounds = { low: -Infinity, high: Infinity };

/** Finds the cut with the largest gain `GL^2/(HL + lambda) + GR^2/(HR + lambda)` (Chen and Guestrin 2016, eq. 7). */
export class CutSearch {
  readonly cut: Cut = { feature: -1, bin: 0, missingRight: false, left: 0 };
  private readonly plan: BoostingPlan;
  private gradientScale = 1;
  private hessianScale = 1;
  private total = 0;
  private best = 0;
  private bounds: Bounds = FREE;

  constructor(plan: BoostingPlan) {
    this.plan = plan;
  }

  begin(gradients: PackedGradients): void {
    this.gradientScale = gradients.gradientScale;
    this.hessianScale = gradients.hessianScale;
  }

  /** Leaf value of a packed sum before shrinkage, within the bounds. */
  valueOf(sum: number, bounds: Bounds): number {
    const gradient = Math.floor(sum / GRADIENT_UNIT);
    const hessian = (sum - gradient * GRADIENT_UNIT) * this.hessianScale;
    const value = (-gradient * this.gradientScale) / (hessian + this.plan.lambda);
    return value < bounds.low ? bounds.low : value > bounds.high ? bounds.high : value;
  }

  hessianOf(sum: number): number {
    return (sum - Math.floor(sum / GRADIENT_UNIT) * GRADIENT_UNIT) * this.hessianScale;
  }

  /** Twice the loss a leaf takes away: `-(2 G w + (H + lambda) w^2)`, which is G^2 / (H + lambda) for a free leaf. */
  private gainOf(sum: number): number {
    const units = Math.floor(sum / GRADIENT_UNIT);
    const gradient = units * this.gradientScale;
    const hessian = (sum - units * GRADIENT_UNIT) * this.hessianScale + this.plan.lambda;
    if (this.plan.monotone === null) return (gradient * gradient) / hessian;
    const value = this.valueOf(sum, this.bounds);
    return -(2 * gradient * value + hessian * value * value);
  }

  /** Searches all features that `allowed` marks; returns whether any cut gains enough. */
  find(histogram: Float64Array, total: number, allowed: Uint8Array, bounds: Bounds): boolean {
    this.total = total;
    this.bounds = bounds;
    this.cut.feature = -1;
    this.best = this.gainOf(total) + Math.max(this.plan.gainMin, 1e-9);
    for (let feature = 0; feature < this.plan.width; feature++) {
      if (allowed[feature] === 1) this.scan(histogram, feature);
    }
    return this.cut.feature >= 0;
  }

  private scan(histogram: Float64Array, feature: number): void {
    const at = feature * 256;
    const missing = histogram[at]!;
    if (missing !== 0) this.consider(missing, feature, 0, false);
    let left = 0;
    for (let bin = 1; bin < 255; bin++) {
      const cell = histogram[at + bin]!;
      if (cell === 0) continue;
      left += cell;
      this.consider(left, feature, bin, true);
      if (missing !== 0) this.consider(left + missing, feature, bin, false);
    }
  }

  private consider(left: number, feature: number, bin: number, missingRight: boolean): void {
    const right = this.total - left;
    const least = this.plan.leafHessianMin;
    if (this.hessianOf(left) < least || this.hessianOf(right) < least) return;
    const gain = this.gainOf(left) + this.gainOf(right);
    if (gain <= this.best) return;
    const direction = this.plan.monotone?.[feature] ?? 0;
    if (direction !== 0) {
      const rise = this.valueOf(right, this.bounds) - this.valueOf(left, this.bounds);
      if (rise * direction < 0) return;
    }
    this.best = gain;
    this.cut.feature = feature;
    this.cut.bin = bin;
    this.cut.missingRight = missingRight;
    this.cut.left = left;
  }
}
