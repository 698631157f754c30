import type { BoostingPlan } from './boosting-plan.ts';
import { GRADIENT_UNIT } from './quantised-gradients.ts';
import type { GradientScale } from './quantised-gradients.ts';

/** Bounds that monotone cuts above a node set for its leaf values. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** A cut of a node; feature -1 for none. `left` is the packed sum of the rows that go left. */
export interface Cut {
  gain: number;
  feature: number;
  bin: number;
  missingRight: boolean;
  left: number;
}

/** Gains below this are rounding. */
const GAIN_ROUNDING = 1e-9;
// A copy: in a hot loop an imported binding is read again, and tested, at every turn.
const UNIT = GRADIENT_UNIT;
const UNIT_INVERSE = 1 / UNIT;

// Where `scan` leaves its best: numerator and denominator of its measure, bin (0: none), packed sum left of it.
const found = new Float64Array(4);

/** Sums of a node in units, for `scan`. */
interface NodeUnits {
  gradient: number;
  hessian: number;
  lambda: number;
  least: number;
  /** Measure that a cut must pass. */
  threshold: number;
}

/**
 * Finds the cut of a feature with the largest gain `GL^2 / WL + GR^2 / WR`, W = H + lambda; `start` is the sum of rows
 * that go left in any case. Because WL + WR = S is the same for all cuts, the gain is `(GL S - G WL)^2 / (WL WR) / S +
 * G^2 / S`, so the first quotient alone decides, and quotients are compared without a division.
 */
function scan(cells: Float64Array, at: number, start: number, node: NodeUnits): void {
  const { gradient, hessian, lambda, least } = node;
  const both = hessian + 2 * lambda;
  const leftMin = lambda + least;
  const leftMax = both - leftMin;
  let left = start;
  let bestNumerator = node.threshold;
  let bestDenominator = 1;
  let bestBin = 0;
  let bestLeft = 0;
  for (let bin = 1; bin < 255; bin++) {
    const cell = cells[(at + bin) | 0]!;
    if (cell === 0) continue;
    left += cell;
    const gradientLeft = Math.floor(left * UNIT_INVERSE);
    const weightLeft = left - gradientLeft * UNIT + lambda;
    if (weightLeft < leftMin) continue;
    if (weightLeft > leftMax) break;
    const imbalance = gradientLeft * both - gradient * weightLeft;
    const numerator = imbalance * imbalance;
    const denominator = weightLeft * (both - weightLeft);
    if (numerator * bestDenominator <= bestNumerator * denominator) continue;
    bestNumerator = numerator;
    bestDenominator = denominator;
    bestBin = bin;
    bestLeft = left;
  }
  found[0] = bestNumerator;
  found[1] = bestDenominator;
  found[2] = bestBin;
  found[3] = bestLeft;
}

/**
 * Finds the cut of a node with the largest gain (Chen and Guestrin 2016, eq. 7). The best of each feature is found by
 * itself and features are compared by their gains, so that it does not matter which of them one thread looks at.
 */
export class CutSearch {
  readonly cut: Cut = { gain: 0, feature: -1, bin: 0, missingRight: false, left: 0 };
  readonly #plan: BoostingPlan;
  readonly #node: NodeUnits = { gradient: 0, hessian: 0, lambda: 0, least: 0, threshold: 0 };
  #scale: GradientScale = { gradient: 1, hessian: 1 };
  #total = 0;
  /** What a gain of 1 in units is. */
  #gainUnit = 1;
  #bounds: Bounds = { low: -Infinity, high: Infinity };

  constructor(plan: BoostingPlan) {
    this.#plan = plan;
  }

  useScale(scale: GradientScale): void {
    this.#scale = scale;
  }

  /** Leaf value of a packed sum before shrinkage, within the bounds. */
  valueOf(sum: number, bounds: Bounds): number {
    const gradient = Math.floor(sum / GRADIENT_UNIT);
    const weight = (sum - gradient * GRADIENT_UNIT) * this.#scale.hessian + this.#plan.lambda;
    const value = weight > 0 ? (-gradient * this.#scale.gradient) / weight : 0;
    return value < bounds.low ? bounds.low : value > bounds.high ? bounds.high : value;
  }

  hessianOf(sum: number): number {
    return (sum - Math.floor(sum / GRADIENT_UNIT) * GRADIENT_UNIT) * this.#scale.hessian;
  }

  /** Whether a node of this sum could be cut at all. */
  isDivisible(sum: number): boolean {
    return this.hessianOf(sum) >= 2 * this.#plan.leafHessianMin;
  }

  /** Begins the search in a node of packed sum `total`. */
  begin(total: number, bounds: Bounds): void {
    const node = this.#node;
    const scale = this.#scale;
    const plan = this.#plan;
    this.#total = total;
    this.#bounds = bounds;
    const least = this.#gainOf(total) + Math.max(plan.gainMin, GAIN_ROUNDING);
    this.cut.feature = -1;
    this.cut.gain = least;
    node.gradient = Math.floor(total / GRADIENT_UNIT);
    node.hessian = total - node.gradient * GRADIENT_UNIT;
    node.lambda = plan.lambda / scale.hessian;
    // Without lambda a side of no weight would divide by zero.
    node.least = Math.max(plan.leafHessianMin / scale.hessian, plan.lambda > 0 ? 0 : 1);
    const both = node.hessian + 2 * node.lambda;
    this.#gainUnit = (scale.gradient * scale.gradient) / scale.hessian;
    node.threshold = (least / this.#gainUnit) * both - node.gradient * node.gradient;
  }

  /** Tries every cut of `feature`, whose 256 sums begin at `at`. */
  tryFeature(cells: Float64Array, at: number, feature: number): void {
    const missing = cells[at]!;
    if (this.#plan.monotone !== null) {
      this.#tryMonotone(cells, at, feature);
      return;
    }
    scan(cells, at, 0, this.#node);
    this.#keep(feature, missing !== 0 || this.#isRightHeavier(found[3]!));
    if (missing === 0) return;
    scan(cells, at, missing, this.#node);
    this.#keep(feature, false);
    this.#consider(missing, feature, 0, false);
  }

  /** A cut that saw no missing value sends later ones with most of the weight. */
  #isRightHeavier(left: number): boolean {
    return 2 * this.hessianOf(left) < this.hessianOf(this.#total);
  }

  #keep(feature: number, missingRight: boolean): void {
    if (found[2] === 0) return;
    const { gradient, hessian, lambda } = this.#node;
    const gain = ((found[0]! / found[1]! + gradient * gradient) / (hessian + 2 * lambda)) * this.#gainUnit;
    if (gain <= this.cut.gain) return;
    this.cut.gain = gain;
    this.cut.feature = feature;
    this.cut.bin = found[2]!;
    this.cut.missingRight = missingRight;
    this.cut.left = found[3]!;
  }

  /** Twice the loss a leaf takes away: `-(2 G w + (H + lambda) w^2)`, which is G^2 / (H + lambda) for a free leaf. */
  #gainOf(sum: number): number {
    const units = Math.floor(sum / GRADIENT_UNIT);
    const gradient = units * this.#scale.gradient;
    const weight = (sum - units * GRADIENT_UNIT) * this.#scale.hessian + this.#plan.lambda;
    if (weight === 0) return 0;
    if (this.#plan.monotone === null) return (gradient * gradient) / weight;
    const value = this.valueOf(sum, this.#bounds);
    return -(2 * gradient * value + weight * value * value);
  }

  #tryMonotone(cells: Float64Array, at: number, feature: number): void {
    const missing = cells[at]!;
    if (missing !== 0) this.#consider(missing, feature, 0, false);
    let left = 0;
    for (let bin = 1; bin < 255; bin++) {
      const cell = cells[at + bin]!;
      if (cell === 0) continue;
      left += cell;
      this.#consider(left, feature, bin, missing !== 0 || this.#isRightHeavier(left));
      if (missing !== 0) this.#consider(left + missing, feature, bin, false);
    }
  }

  #consider(left: number, feature: number, bin: number, missingRight: boolean): void {
    const right = this.#total - left;
    const least = this.#plan.leafHessianMin;
    if (this.hessianOf(left) < least || this.hessianOf(right) < least) return;
    const gain = this.#gainOf(left) + this.#gainOf(right);
    if (gain <= this.cut.gain) return;
    const direction = this.#plan.monotone?.[feature] ?? 0;
    if (direction !== 0) {
      const rise = this.valueOf(right, this.#bounds) - this.valueOf(left, this.#bounds);
      if (rise * direction < 0) return;
    }
    this.cut.gain = gain;
    this.cut.feature = feature;
    this.cut.bin = bin;
    this.cut.missingRight = missingRight;
    this.cut.left = left;
  }
}
