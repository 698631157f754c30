import type { Binner } from './feature-bins.ts';
import { childOf, columnBitsOf, columnOf } from './packed-node.ts';
import type { PackedTrees } from './packed-node.ts';

// Numbers used in hot loops are not exported or imported themselves: such bindings are read again, and tested, at every turn.
const ROWS = 256;
/** Bytes of a row in the block: two columns for each of at most 64 features. */
const STRIDE = 128;
const NODES_MAX = 65_536;

// Scratch in the module, because the place and the length of such arrays are constants to the compiler. Together with one tree's
// nodes the block fits into the first cache.
const block = new Uint8Array(ROWS * STRIDE);
const tree = new Int32Array(NODES_MAX + 1);
const sums = new Float64Array(ROWS);

/** Whether trees are small and narrow enough for this walk. */
export function fitsBlockWalk(trees: PackedTrees): boolean {
  if (2 * trees.width > STRIDE) return false;
  return trees.depths.every((_, index) => trees.offsets[index + 1]! - trees.offsets[index]! <= NODES_MAX);
}

/** The nodes again with fields of fixed width: child (16 bits), column (8), bin (8). */
export function fixedNodes(trees: PackedTrees): Int32Array {
  const columnBits = columnBitsOf(trees.width);
  return trees.nodes.map(
    (word) => (childOf(word, columnBits) << 16) | (columnOf(word, columnBits) << 8) | (word & 255),
  );
}

/** Rows `[from, to)` of row-major `x` and where their sums go. */
export interface WalkedRows {
  readonly x: Float64Array;
  readonly from: number;
  readonly to: number;
  readonly out: Float64Array;
}

/**
 * Sums leaf values over trees for many rows: 256 rows through one tree after another, eight at a time, so that the loads of
 * independent walks overlap. Every row adds its trees in their order.
 */
export function walkBlocks(rows: WalkedRows, trees: PackedTrees, nodes: Int32Array, binner: Binner): void {
  const { x, to, out } = rows;
  const { offsets, depths, values } = trees;
  for (let from = rows.from; from < to; from += ROWS) {
    const count = Math.min(ROWS, to - from);
    binner.binBlock(x, { from, to: from + count }, block, STRIDE);
    sums.fill(0);
    for (let index = 0; index < depths.length; index++) {
      tree.set(nodes.subarray(offsets[index]!, offsets[index + 1]!));
      walkTree(depths[index]!, count, values, offsets[index]!);
    }
    out.set(sums.subarray(0, count), from);
  }
}

/** Eight rows of the block at a time; the last may be rows of an earlier block, whose sums nobody reads. */
function walkTree(depth: number, count: number, values: Float32Array, base: number): void {
  for (let at = 0; at < count; at += 8) {
    const row = at * STRIDE;
    let n0 = 0;
    let n1 = 0;
    let n2 = 0;
    let n3 = 0;
    let n4 = 0;
    let n5 = 0;
    let n6 = 0;
    let n7 = 0;
    for (let step = depth; step > 0; step--) {
      n0 = tree[n0]!;
      n1 = tree[n1]!;
      n2 = tree[n2]!;
      n3 = tree[n3]!;
      n4 = tree[n4]!;
      n5 = tree[n5]!;
      n6 = tree[n6]!;
      n7 = tree[n7]!;
      n0 = (n0 >>> 16) + (((n0 & 255) - block[(row + ((n0 >>> 8) & 127)) | 0]!) >>> 31);
      n1 = (n1 >>> 16) + (((n1 & 255) - block[(row + (STRIDE + ((n1 >>> 8) & 127))) | 0]!) >>> 31);
      n2 = (n2 >>> 16) + (((n2 & 255) - block[(row + (2 * STRIDE + ((n2 >>> 8) & 127))) | 0]!) >>> 31);
      n3 = (n3 >>> 16) + (((n3 & 255) - block[(row + (3 * STRIDE + ((n3 >>> 8) & 127))) | 0]!) >>> 31);
      n4 = (n4 >>> 16) + (((n4 & 255) - block[(row + (4 * STRIDE + ((n4 >>> 8) & 127))) | 0]!) >>> 31);
      n5 = (n5 >>> 16) + (((n5 & 255) - block[(row + (5 * STRIDE + ((n5 >>> 8) & 127))) | 0]!) >>> 31);
      n6 = (n6 >>> 16) + (((n6 & 255) - block[(row + (6 * STRIDE + ((n6 >>> 8) & 127))) | 0]!) >>> 31);
      n7 = (n7 >>> 16) + (((n7 & 255) - block[(row + (7 * STRIDE + ((n7 >>> 8) & 127))) | 0]!) >>> 31);
    }
    sums[at]! += values[base + n0]!;
    sums[at + 1]! += values[base + n1]!;
    sums[at + 2]! += values[base + n2]!;
    sums[at + 3]! += values[base + n3]!;
    sums[at + 4]! += values[base + n4]!;
    sums[at + 5]! += values[base + n5]!;
    sums[at + 6]! += values[base + n6]!;
    sums[at + 7]! += values[base + n7]!;
  }
}
