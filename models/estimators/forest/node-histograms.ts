import { BINS_PER_FEATURE } from '../trees/feature-bins.ts';
import type { ForestPlan } from './forest-plan.ts';
import { TARGET_UNIT } from './quantised-target.ts';

// Numbers of other modules are copied: in a hot loop an imported (or exported) binding is read again, and tested, at
// every turn.
const CELLS = BINS_PER_FEATURE;
const UNIT = TARGET_UNIT;
const UNIT_INVERSE = 1 / UNIT;
const SUMMED_AT_ONCE = 8;
/** Features summed at a time. */
export const FEATURES_AT_ONCE = SUMMED_AT_ONCE;
/** Below this many rows a bitmap tells which of the 256 bins were touched (1.71 s against 1.96 s for a forest). */
const MARKED_ROWS = 512;
const MARK_WORDS = CELLS / 32;

/** Bytes of the near copy, and most rows in it. */
const NEAR_BYTES = 2 ** 19;
const NEAR_ROWS = 8192;

// Scratch in the module, because the place and the length of such arrays are constants to the compiler. Sums of
// integers are truncated to integers (`| 0`) throughout: else each addition is tested for overflow.
const sums = new Float64Array((SUMMED_AT_ONCE + 1) * CELLS);
const marks = new Int32Array((SUMMED_AT_ONCE + 1) * MARK_WORDS);
/** Bins that hold rows of the feature looked at, rising. */
const list = new Uint8Array(CELLS);
// Where `scanCuts` leaves its best: numerator and denominator of its measure, place in the list (-1: none), packed sum
// left of it.
const found = new Float64Array(4);
const near = new Uint8Array(NEAR_BYTES);
const nearWords = new Int32Array(near.buffer);

/** Rows `[from, to)` of a node with their packed targets in the same order. */
export interface NodeRows {
  readonly rowIndex: Int32Array;
  readonly packed: Float64Array;
  readonly from: number;
  readonly to: number;
  /** Whether `rowIndex` numbers rows of the near copy. */
  readonly isNear: boolean;
}

/** Most rows of a node that can be copied near. */
export function nearRowsMax(plan: ForestPlan): number {
  return Math.min(NEAR_ROWS, Math.floor(NEAR_BYTES / plan.rowBytes));
}

/**
 * Copies the bins of a node's rows and numbers the rows anew from 0. A subtree of few rows works on this copy, which
 * stays in the second cache: among all rows of a matrix each of its reads would miss (they took half of the time of a
 * forest).
 */
export function bringNear(plan: ForestPlan, { rowIndex, from, to }: NodeRows): void {
  const { words } = plan;
  const perRow = plan.rowBytes >> 2;
  // Word by word, not row by row: the reads that miss come close together, and the processor has many under way at
  // once.
  for (let k = 0; k < perRow; k++) {
    let at = k;
    for (let i = from; i < to; i++) {
      nearWords[at] = words[(Math.imul(rowIndex[i]!, perRow) + k) | 0]!;
      at = (at + perRow) | 0;
    }
  }
  for (let i = from; i < to; i++) rowIndex[i] = i - from;
}

/** Bins of one feature for the rows of a node: of row r at `r * step + offset`. */
export function binsOf(plan: ForestPlan, feature: number, isNear: boolean): Uint8Array {
  return isNear ? near : plan.byColumn.subarray(feature * plan.rows, (feature + 1) * plan.rows);
}

/**
 * Sums the packed targets of up to FEATURES_AT_ONCE features by bin, all of them before any is looked at: two at a
 * time, so that one row number and one target serve two additions.
 */
export function sumFeatures(plan: ForestPlan, node: NodeRows, features: Int32Array): void {
  for (let k = 0; k < features.length; k += 2) {
    const one = features[k]!;
    // An odd last feature is summed twice; `clearFeature` sees to the second.
    const two = features[Math.min(k + 1, features.length - 1)]!;
    if (!node.isNear) addFar(node, binsOf(plan, one, false), binsOf(plan, two, false), k * CELLS);
    else if (node.to - node.from < MARKED_ROWS) addMarked(node, plan.rowBytes, pair(one, two), k);
    else addNear(node, plan.rowBytes, pair(one, two), k * CELLS);
  }
}

interface Pair {
  one: number;
  two: number;
}

const both: Pair = { one: 0, two: 0 };

function pair(one: number, two: number): Pair {
  both.one = one;
  both.two = two;
  return both;
}

/** Lists the bins that rows of the node's k-th feature fell into; returns how many. */
export function listBins(k: number, node: NodeRows): number {
  if (node.isNear && node.to - node.from < MARKED_ROWS) return listMarks(k * MARK_WORDS);
  const at = k * CELLS;
  let count = 0;
  for (let bin = 0; bin < CELLS; bin++) {
    if (sums[(at + bin) | 0]! > 0) {
      list[count] = bin;
      count = (count + 1) | 0;
    }
  }
  return count;
}

/** Sums of a node in units, and the best measure of a cut so far. */
export interface NodeUnits {
  sum: number;
  weight: number;
  /** Least weight of a side. */
  least: number;
  bestNumerator: number;
  bestDenominator: number;
}

/** The best cut of a scan: behind the bin in place `place` of the list, and the packed sum left of it. */
export interface ScannedCut {
  place: number;
  left: number;
}

/**
 * Finds among places `[first, count)` of the listed feature the cut with the largest `SL^2 / WL + SR^2 / WR` (S: sum of
 * weighted targets, W: of weights) that beats the best so far, and makes it the best; `start` goes left in any case. As
 * WL + WR is the node's W, the measure is `(SL W - S WL)^2 / (WL WR) / W + S^2 / W`: the first quotient alone decides,
 * and quotients are compared without a division. Returns whether there is one.
 */
export function scanCuts(
  k: number,
  { first, count, start }: { first: number; count: number; start: number },
  node: NodeUnits,
  into: ScannedCut,
): boolean {
  found[2] = -1;
  found[3] = start;
  scan(k * CELLS, first, count, node);
  if (found[2]! < 0) return false;
  node.bestNumerator = found[0]!;
  node.bestDenominator = found[1]!;
  into.place = found[2]!;
  into.left = found[3]!;
  return true;
}

function scan(at: number, first: number, count: number, node: NodeUnits): void {
  const { sum, weight, least } = node;
  const leftMax = weight - least;
  let left = found[3]!;
  let bestNumerator = node.bestNumerator;
  let bestDenominator = node.bestDenominator;
  let best = -1;
  let bestLeft = 0;
  for (let place = first; place + 1 < count; place++) {
    left += sums[(at + list[place]!) | 0]!;
    const leftSum = Math.floor(left * UNIT_INVERSE);
    const leftWeight = left - leftSum * UNIT;
    if (leftWeight < least) continue;
    if (leftWeight > leftMax) break;
    const imbalance = leftSum * weight - sum * leftWeight;
    const numerator = imbalance * imbalance;
    const denominator = leftWeight * (weight - leftWeight);
    if (numerator * bestDenominator <= bestNumerator * denominator) continue;
    bestNumerator = numerator;
    bestDenominator = denominator;
    best = place;
    bestLeft = left;
  }
  found[0] = bestNumerator;
  found[1] = bestDenominator;
  found[2] = best;
  found[3] = bestLeft;
}

/** Bin in a place of the list, and the sum of bin 0, the missing values. */
export const listedBin = (place: number): number => list[place]!;
export const missingSum = (k: number): number => sums[k * CELLS]!;

/** Sets the sums of the k-th of `features` features, `count` bins listed, back to zero. */
export function clearFeature(k: number, features: number, count: number): void {
  const at = k * CELLS;
  for (let i = 0; i < count; i++) sums[(at + list[i]!) | 0] = 0;
  if ((k & 1) === 1 || k + 1 < features) return;
  for (let i = 0; i < count; i++) sums[(at + CELLS + list[i]!) | 0] = 0;
  marks.fill(0, (k + 1) * MARK_WORDS, (k + 2) * MARK_WORDS);
}

function addFar(node: NodeRows, one: Uint8Array, two: Uint8Array, at: number): void {
  const { rowIndex, packed, from, to } = node;
  for (let i = from; i < to; i++) {
    const row = rowIndex[i]!;
    const value = packed[i]!;
    sums[(at + one[row]!) | 0]! += value;
    sums[(at + (CELLS + two[row]!)) | 0]! += value;
  }
}

function addNear(node: NodeRows, rowBytes: number, { one, two }: Pair, at: number): void {
  const { rowIndex, packed, from, to } = node;
  for (let i = from; i < to; i++) {
    const row = Math.imul(rowIndex[i]!, rowBytes);
    const value = packed[i]!;
    sums[(at + near[(row + one) | 0]!) | 0]! += value;
    sums[(at + (CELLS + near[(row + two) | 0]!)) | 0]! += value;
  }
}

function addMarked(node: NodeRows, rowBytes: number, { one, two }: Pair, k: number): void {
  const { rowIndex, packed, from, to } = node;
  const at = k * CELLS;
  const word = k * MARK_WORDS;
  for (let i = from; i < to; i++) {
    const row = Math.imul(rowIndex[i]!, rowBytes);
    const value = packed[i]!;
    const first = near[(row + one) | 0]!;
    const second = near[(row + two) | 0]!;
    sums[(at + first) | 0]! += value;
    sums[(at + (CELLS + second)) | 0]! += value;
    marks[(word + (first >>> 5)) | 0]! |= 1 << (first & 31);
    marks[(word + (8 + (second >>> 5))) | 0]! |= 1 << (second & 31);
  }
}

/** Writes the set bits of a bitmap in rising order and clears them; returns how many. */
function listMarks(from: number): number {
  let count = 0;
  for (let word = 0; word < MARK_WORDS; word++) {
    let bits = marks[(from + word) | 0]!;
    while (bits !== 0) {
      const lowest = bits & -bits;
      list[count] = (word << 5) | (31 - Math.clz32(lowest));
      count = (count + 1) | 0;
      bits ^= lowest;
    }
    marks[(from + word) | 0] = 0;
  }
  return count;
}
