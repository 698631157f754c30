import { BINS_PER_FEATURE, BIN_MISSING } from '../trees/feature-bins.ts';
import type { ForestPlan } from './forest-plan.ts';
import { TARGET_UNIT } from './quantised-target.ts';

/** Above this many rows a column is read in one stretch; below, the few rows' bins are already in cache row by row. */
export const BY_COLUMN_ROWS = 8192;
/** Below this many rows a bitmap tells which of the 256 bins were touched (1.71 s against 1.96 s for a forest). */
const BITMAP_ROWS = 512;
/** Smallest relative gain that is not rounding. */
const GAIN_MIN = 1 + 1e-9;

/** Side of the rows with a missing value; `unseen` when the node has none. */
export type MissingSide = 'left' | 'right' | 'unseen';

/**
 * Finds the best cut of one node among some features: the one with the largest `SL^2/WL + SR^2/WR` (S: sum of weighted
 * targets, W: of weights), which is the least Gini impurity for classes and the least squared error otherwise.
 */
export class SplitSearch {
  /** Result of the last search: feature (-1: no cut), last bin that goes left, where missing values go. */
  feature = -1;
  bin = 0;
  missing: MissingSide = 'unseen';

  private readonly plan: ForestPlan;
  private readonly histogram = new Float64Array(BINS_PER_FEATURE);
  private readonly touched = new Uint8Array(BINS_PER_FEATURE);
  private readonly bitmap = new Int32Array(BINS_PER_FEATURE / 32);
  private sum = 0;
  private weight = 0;
  private bestNumerator = 0;
  private bestDenominator = 1;
  private trying = -1;

  constructor(plan: ForestPlan) {
    this.plan = plan;
  }

  /** Begins the search in a node of `sum` target units and `weight` units. */
  begin(sum: number, weight: number): void {
    this.sum = sum;
    this.weight = weight;
    this.feature = -1;
    this.bestNumerator = sum * sum * GAIN_MIN;
    this.bestDenominator = weight;
  }

  /** Tries every cut of `feature` over rows `[from, to)` of the node's arrays. */
  tryFeature(feature: number, node: NodeRows): void {
    const { byRow, byColumn, rows, width } = this.plan;
    const { histogram, touched } = this;
    const size = node.to - node.from;
    let count = 0;
    if (size < BITMAP_ROWS) {
      addMarked(histogram, { bins: byRow, offset: feature, step: width }, node, this.bitmap);
      count = listBitmap(this.bitmap, touched);
    } else {
      if (size >= BY_COLUMN_ROWS) addByColumn(histogram, byColumn, feature * rows, node);
      else addByRow(histogram, { bins: byRow, offset: feature, step: width }, node);
      for (let bin = 0; bin < BINS_PER_FEATURE; bin++) if (histogram[bin]! > 0) touched[count++] = bin;
    }
    this.trying = feature;
    this.scan(count);
    for (let k = 0; k < count; k++) histogram[touched[k]!] = 0;
  }

  private scan(count: number): void {
    const { histogram, touched } = this;
    let k = 0;
    let missing = 0;
    if (touched[0] === BIN_MISSING && count > 0) {
      missing = histogram[BIN_MISSING]!;
      this.consider(missing, BIN_MISSING, 'left');
      k = 1;
    }
    let left = 0;
    for (; k + 1 < count; k++) {
      left += histogram[touched[k]!]!;
      // Halfway into the empty bins up to the next value seen.
      const bin = (touched[k]! + touched[k + 1]! - 1) >> 1;
      this.consider(left, bin, missing > 0 ? 'right' : 'unseen');
      if (missing > 0) this.consider(left + missing, bin, 'left');
    }
  }

  private consider(left: number, bin: number, missing: MissingSide): void {
    const leftSum = Math.floor(left / TARGET_UNIT);
    const leftWeight = left - leftSum * TARGET_UNIT;
    const rightSum = this.sum - leftSum;
    const rightWeight = this.weight - leftWeight;
    const least = this.plan.leafUnitsMin;
    if (leftWeight < least || rightWeight < least) return;
    // Compared without a division.
    const numerator = leftSum * leftSum * rightWeight + rightSum * rightSum * leftWeight;
    const denominator = leftWeight * rightWeight;
    if (numerator * this.bestDenominator <= this.bestNumerator * denominator) return;
    this.bestNumerator = numerator;
    this.bestDenominator = denominator;
    this.feature = this.trying;
    this.bin = bin;
    this.missing = missing;
  }
}

/** Rows of a node with their packed targets, in the same order. */
interface NodeRows {
  readonly rowIndex: Int32Array;
  readonly packed: Float64Array;
  readonly from: number;
  readonly to: number;
}

/** Where a feature's bin of a row lies: `offset + row * step`. */
interface BinPlace {
  readonly bins: Uint8Array;
  readonly offset: number;
  readonly step: number;
}

// Small functions of their own: inside one large method the compiler keeps fewer of these loops' values in registers.

function addByColumn(histogram: Float64Array, bins: Uint8Array, offset: number, node: NodeRows): void {
  const { rowIndex, packed, from, to } = node;
  for (let i = from; i < to; i++) histogram[bins[offset + rowIndex[i]!]!]! += packed[i]!;
}

function addByRow(histogram: Float64Array, place: BinPlace, node: NodeRows): void {
  const { bins, offset, step } = place;
  const { rowIndex, packed, from, to } = node;
  for (let i = from; i < to; i++) histogram[bins[rowIndex[i]! * step + offset]!]! += packed[i]!;
}

function addMarked(histogram: Float64Array, place: BinPlace, node: NodeRows, bitmap: Int32Array): void {
  const { bins, offset, step } = place;
  const { rowIndex, packed, from, to } = node;
  for (let i = from; i < to; i++) {
    const bin = bins[rowIndex[i]! * step + offset]!;
    histogram[bin]! += packed[i]!;
    bitmap[bin >>> 5]! |= 1 << (bin & 31);
  }
}

/** Writes the set bits in rising order and clears them; returns how many. */
function listBitmap(bitmap: Int32Array, list: Uint8Array): number {
  let count = 0;
  for (let word = 0; word < bitmap.length; word++) {
    let bits = bitmap[word]!;
    while (bits !== 0) {
      const lowest = bits & -bits;
      list[count++] = (word << 5) | (31 - Math.clz32(lowest));
      bits ^= lowest;
    }
    bitmap[word] = 0;
  }
  return count;
}
