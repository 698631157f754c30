import { fitsBlockWalk, walkBlocks } from './block-walk.ts';
import { Binner } from './feature-bins.ts';
import type { FeatureBins } from './feature-bins.ts';
import { BIN_BITS, columnBitsOf } from './packed-node.ts';
import type { PackedTrees } from './packed-node.ts';

/** From here on rows are walked in blocks. */
const MANY_ROWS = 128;
/** Rows binned at a time: 64 rows of 40 features are 5 kB. */
const BLOCK = 64;

/**
 * Sums leaf values over trees. Nothing is allocated after construction. One row walks four trees at once, a batch eight
 * rows of one tree: the loads of independent walks overlap. Large batches go through `block-walk.ts`. Every row adds
 * its trees in their order, so one row and a batch agree to the last bit.
 */
export class TreeWalker {
  readonly #trees: PackedTrees;
  readonly #binner: Binner;
  readonly #stride: number;
  readonly #shift: number;
  readonly #mask: number;
  readonly #block: Uint8Array;
  readonly #groupDepths: Uint8Array;
  /** Whether the walk in blocks takes these trees, found when it is first asked for. */
  #fits: boolean | undefined;

  constructor(trees: PackedTrees, bins: FeatureBins) {
    this.#trees = trees;
    this.#binner = new Binner(bins);
    this.#stride = 2 * trees.width;
    this.#shift = BIN_BITS + columnBitsOf(trees.width);
    this.#mask = (1 << columnBitsOf(trees.width)) - 1;
    this.#block = new Uint8Array(this.#stride * BLOCK);
    this.#groupDepths = new Uint8Array(trees.depths.length);
    for (let tree = 0; tree + 3 < trees.depths.length; tree += 4) {
      this.#groupDepths[tree] = Math.max(...trees.depths.subarray(tree, tree + 4));
    }
  }

  /** Writes the sum over all trees for each of `rows` rows of row-major `x` into `out`. */
  sum(x: Float64Array, rows: number, out: Float64Array): void {
    this.sumRows(x, { from: 0, to: rows }, out);
  }

  /** The same for rows `[from, to)` alone. */
  sumRows(x: Float64Array, { from, to: rows }: { from: number; to: number }, out: Float64Array): void {
    const binner = this.#binner;
    const block = this.#block;
    const stride = this.#stride;
    const trees = this.#trees;
    const width = binner.width;
    if (rows - from >= MANY_ROWS) {
      this.#fits ??= fitsBlockWalk(trees);
      if (this.#fits) {
        walkBlocks({ x, from, to: rows, out }, trees, binner);
        return;
      }
    }
    let row = from;
    while (rows - row >= 8) {
      const count = Math.min(BLOCK, (rows - row) & ~7);
      for (let i = 0; i < count; i++) binner.binRow(x, (row + i) * width, block, i * stride);
      out.fill(0, row, row + count);
      for (let i = 0; i < count; i += 8) this.#walkEightRows(i * stride, row + i, out);
      row += count;
    }
    for (; row < rows; row++) {
      binner.binRow(x, row * width, block, 0);
      out[row] = this.#walkOneRow();
    }
  }

  #walkOneRow(): number {
    const block = this.#block;
    const shift = this.#shift;
    const mask = this.#mask;
    const groupDepths = this.#groupDepths;
    const { nodes, offsets, values, depths } = this.#trees;
    const count = depths.length;
    let sum = 0;
    let tree = 0;
    for (; tree + 3 < count; tree += 4) {
      const a = offsets[tree]!;
      const b = offsets[tree + 1]!;
      const c = offsets[tree + 2]!;
      const d = offsets[tree + 3]!;
      let na = 0;
      let nb = 0;
      let nc = 0;
      let nd = 0;
      for (let step = groupDepths[tree]!; step > 0; step--) {
        const wa = nodes[a + na]!;
        const wb = nodes[b + nb]!;
        const wc = nodes[c + nc]!;
        const wd = nodes[d + nd]!;
        na = (wa >>> shift) + (((wa & 255) - block[(wa >>> BIN_BITS) & mask]!) >>> 31);
        nb = (wb >>> shift) + (((wb & 255) - block[(wb >>> BIN_BITS) & mask]!) >>> 31);
        nc = (wc >>> shift) + (((wc & 255) - block[(wc >>> BIN_BITS) & mask]!) >>> 31);
        nd = (wd >>> shift) + (((wd & 255) - block[(wd >>> BIN_BITS) & mask]!) >>> 31);
      }
      sum += values[a + na]!;
      sum += values[b + nb]!;
      sum += values[c + nc]!;
      sum += values[d + nd]!;
    }
    for (; tree < count; tree++) {
      const a = offsets[tree]!;
      let node = 0;
      for (let step = depths[tree]!; step > 0; step--) {
        const word = nodes[a + node]!;
        node = (word >>> shift) + (((word & 255) - block[(word >>> BIN_BITS) & mask]!) >>> 31);
      }
      sum += values[a + node]!;
    }
    return sum;
  }

  /**
   * Eight binned rows from `at` in the block through every tree; written out because a loop over an array costs a
   * third.
   */
  #walkEightRows(at: number, row: number, out: Float64Array): void {
    const block = this.#block;
    const shift = this.#shift;
    const mask = this.#mask;
    const stride = this.#stride;
    const { nodes, offsets, values, depths } = this.#trees;
    const r1 = at + stride;
    const r2 = r1 + stride;
    const r3 = r2 + stride;
    const r4 = r3 + stride;
    const r5 = r4 + stride;
    const r6 = r5 + stride;
    const r7 = r6 + stride;
    for (let tree = 0; tree < depths.length; tree++) {
      const base = offsets[tree]!;
      let n0 = 0;
      let n1 = 0;
      let n2 = 0;
      let n3 = 0;
      let n4 = 0;
      let n5 = 0;
      let n6 = 0;
      let n7 = 0;
      for (let step = depths[tree]!; step > 0; step--) {
        n0 = nodes[base + n0]!;
        n1 = nodes[base + n1]!;
        n2 = nodes[base + n2]!;
        n3 = nodes[base + n3]!;
        n4 = nodes[base + n4]!;
        n5 = nodes[base + n5]!;
        n6 = nodes[base + n6]!;
        n7 = nodes[base + n7]!;
        n0 = (n0 >>> shift) + (((n0 & 255) - block[at + ((n0 >>> BIN_BITS) & mask)]!) >>> 31);
        n1 = (n1 >>> shift) + (((n1 & 255) - block[r1 + ((n1 >>> BIN_BITS) & mask)]!) >>> 31);
        n2 = (n2 >>> shift) + (((n2 & 255) - block[r2 + ((n2 >>> BIN_BITS) & mask)]!) >>> 31);
        n3 = (n3 >>> shift) + (((n3 & 255) - block[r3 + ((n3 >>> BIN_BITS) & mask)]!) >>> 31);
        n4 = (n4 >>> shift) + (((n4 & 255) - block[r4 + ((n4 >>> BIN_BITS) & mask)]!) >>> 31);
        n5 = (n5 >>> shift) + (((n5 & 255) - block[r5 + ((n5 >>> BIN_BITS) & mask)]!) >>> 31);
        n6 = (n6 >>> shift) + (((n6 & 255) - block[r6 + ((n6 >>> BIN_BITS) & mask)]!) >>> 31);
        n7 = (n7 >>> shift) + (((n7 & 255) - block[r7 + ((n7 >>> BIN_BITS) & mask)]!) >>> 31);
      }
      out[row]! += values[base + n0]!;
      out[row + 1]! += values[base + n1]!;
      out[row + 2]! += values[base + n2]!;
      out[row + 3]! += values[base + n3]!;
      out[row + 4]! += values[base + n4]!;
      out[row + 5]! += values[base + n5]!;
      out[row + 6]! += values[base + n6]!;
      out[row + 7]! += values[base + n7]!;
    }
  }
}
