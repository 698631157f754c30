import { PAIR, PAIR_BYTES } from './bin-kernel.ts';
import type { Binner } from './feature-bins.ts';
import { binOfNode, childOf, columnBitsOf, columnOf, isLeaf } from './packed-node.ts';
import type { PackedTrees } from './packed-node.ts';
import {
  AT,
  BLOCK_COLUMNS,
  BLOCK_ROWS,
  HEAD,
  HEAD_BYTES,
  NODES_HELD,
  TOP_LEVELS,
  TREES_HELD,
  walkKernel,
} from './walk-kernel.ts';
import type { WalkKernel } from './walk-kernel.ts';

/** Nodes of a tree, so that a child's number fits 16 bits. */
const TREE_NODES_MAX = 65_536;

/** Whether trees are small and narrow enough for this walk. */
export function fitsBlockWalk(trees: PackedTrees): boolean {
  if (2 * trees.width > BLOCK_COLUMNS) return false;
  return trees.depths.every((_, index) => trees.offsets[index + 1]! - trees.offsets[index]! <= TREE_NODES_MAX);
}

/** Rows `[from, to)` of row-major `x` and where their sums go. */
export interface WalkedRows {
  readonly x: Float64Array;
  readonly from: number;
  readonly to: number;
  readonly out: Float64Array;
}

/**
 * The memory of `walk-kernel.ts` with a binner's tables and as many trees as fit. One for a thread, which walks one
 * batch at a time.
 */
class Kernel {
  readonly #kernel: WalkKernel = walkKernel();
  readonly #x = new Float64Array(this.#kernel.buffer, AT.x, (BLOCK_COLUMNS / 2) * BLOCK_ROWS);
  #binner: WeakRef<Binner> | null = null;
  #width = 0;
  readonly sums = new Float64Array(this.#kernel.buffer, AT.sums, BLOCK_ROWS);
  readonly #nodes = new Int32Array(this.#kernel.buffer, AT.nodes, NODES_HELD);
  readonly #values = new Float32Array(this.#kernel.buffer, AT.values, NODES_HELD);
  readonly #bytes = new Uint8Array(this.#kernel.buffer, AT.heads);
  readonly #halves = new Uint16Array(this.#kernel.buffer, AT.heads);
  readonly #words = new Int32Array(this.#kernel.buffer, AT.heads);
  #held: { readonly trees: WeakRef<PackedTrees>; readonly from: number; readonly to: number } | null = null;

  /** Trees from this one on that fit, put into the memory; returns the number of the first that does not. */
  hold(trees: PackedTrees, from: number): number {
    const held = this.#held;
    if (held !== null && held.trees.deref() === trees && held.from === from) return held.to;
    const { offsets } = trees;
    let to = from;
    while (to < trees.depths.length && to - from < TREES_HELD && offsets[to + 1]! - offsets[from]! <= NODES_HELD) {
      this.#place(trees, to, from);
      to++;
    }
    this.#held = { trees: new WeakRef(trees), from, to };
    return to;
  }

  #place(trees: PackedTrees, tree: number, first: number): void {
    const nodes = this.#nodes;
    const values = this.#values;
    const bytes = this.#bytes;
    const halves = this.#halves;
    const words = this.#words;
    const { offsets, depths } = trees;
    const columnBits = columnBitsOf(trees.width);
    const start = offsets[tree]!;
    const base = start - offsets[first]!;
    const count = offsets[tree + 1]! - start;
    for (let node = 0; node < count; node++) {
      const word = trees.nodes[start + node]!;
      nodes[base + node] =
        (childOf(word, columnBits) << 16) | (columnOf(word, columnBits) << 8) | (binOfNode(word) ^ 0x80);
      values[base + node] = trees.values[start + node]!;
    }
    const head = (tree - first) * HEAD_BYTES;
    words[(head + HEAD.base) >> 2] = 4 * base;
    words[(head + HEAD.steps) >> 2] = Math.max(0, depths[tree]! - TOP_LEVELS);
    const at = new Int32Array(2 ** (TOP_LEVELS + 1) - 1);
    for (let top = 0; top < 2 ** TOP_LEVELS - 1; top++) {
      const word = trees.nodes[start + at[top]!]!;
      halves[((head + HEAD.columns) >> 1) + top] = columnOf(word, columnBits) << 8;
      bytes[head + HEAD.bins + top] = binOfNode(word) ^ 0x80;
      const child = childOf(word, columnBits);
      at[2 * top + 1] = child;
      at[2 * top + 2] = isLeaf(word) ? child : child + 1;
    }
    for (let exit = 0; exit < 2 ** TOP_LEVELS; exit++) {
      const node = at[2 ** TOP_LEVELS - 1 + exit]!;
      bytes[head + HEAD.low + exit] = node & 255;
      bytes[head + HEAD.high + exit] = node >>> 8;
    }
  }

  /** Puts a binner's tables into the memory. */
  useBinner(binner: Binner): void {
    if (this.#binner?.deref() === binner) return;
    const { width, cuts, offsets, low, scale, start } = binner;
    const { buffer } = this.#kernel;
    new Uint8Array(buffer, AT.cells, start.length).set(start);
    new Float64Array(buffer, AT.cuts, cuts.length).set(cuts);
    for (let feature = 0; feature < width; feature++) {
      this.#describe(feature, { low: low[feature]!, scale: scale[feature]!, cut: offsets[feature]! });
    }
    // A last feature without a partner gets one of no cuts.
    if (width % 2 === 1) {
      this.#describe(width, { low: 0, scale: 0, cut: cuts.length - 1 });
      new Uint8Array(buffer, AT.cells)[start.length] = 0;
    }
    this.#binner = new WeakRef(binner);
    this.#width = width;
  }

  #describe(feature: number, { low, scale, cut }: { low: number; scale: number; cut: number }): void {
    const { buffer } = this.#kernel;
    const pair = AT.pairs + (feature >> 1) * PAIR_BYTES;
    const lane = feature & 1;
    new Float64Array(buffer, pair + PAIR.low)[lane] = low;
    new Float64Array(buffer, pair + PAIR.scale)[lane] = scale;
    new Int32Array(buffer, pair + PAIR.cuts)[lane] = AT.cuts + 8 * cut;
  }

  /** Bins whole rows. */
  bin(x: Float64Array): void {
    const width = this.#width;
    this.#x.set(x);
    this.#kernel.bin(x.length / width, 8 * width);
  }

  walk(rows: number, trees: number): void {
    this.#kernel.walk((rows + 15) & ~15, AT.heads, AT.heads + trees * HEAD_BYTES);
  }
}

let kernel: Kernel | undefined;

/**
 * Sums leaf values over trees for many rows: 256 of them are binned, then walked through one tree after another. Every
 * row adds its trees in their order.
 */
export function walkBlocks(rows: WalkedRows, trees: PackedTrees, binner: Binner): void {
  const { x, to, out } = rows;
  const { width } = binner;
  kernel ??= new Kernel();
  kernel.useBinner(binner);
  out.fill(0, rows.from, to);
  for (let tree = 0; tree < trees.depths.length;) {
    const end = kernel.hold(trees, tree);
    for (let from = rows.from; from < to; from += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, to - from);
      kernel.bin(x.subarray(from * width, (from + count) * width));
      kernel.sums.set(out.subarray(from, from + count));
      kernel.walk(count, end - tree);
      out.set(kernel.sums.subarray(0, count), from);
    }
    tree = end;
  }
}
