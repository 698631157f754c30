import { InputError } from '../../../infra/errors.ts';
import type { FeatureBins } from './feature-bins.ts';
import { assertTrees } from './grown-tree.ts';
import { childOf, columnBitsOf, isLeaf } from './packed-node.ts';
import type { PackedTrees } from './packed-node.ts';
import { doubleArray, integerArray } from './shared-array.ts';
import { z } from 'zod';

/** Sizes that a reader needs before it can cut the weights into arrays. */
export const treeLayoutSchema = z.strictObject({
  /** Cuts of each feature. */
  cuts: z.array(z.int().min(0).max(253)),
  /** Nodes of each tree. */
  nodes: z.array(z.int().positive()),
  depths: z.array(z.int().min(0).max(32)),
});

export type TreeLayout = z.infer<typeof treeLayoutSchema>;

const differences = (offsets: Int32Array): number[] => Array.from(offsets.subarray(1), (end, i) => end - offsets[i]!);

function leavesOf(nodes: Int32Array): number {
  let leaves = 0;
  for (let node = 0; node < nodes.length; node++) if (isLeaf(nodes[node]!)) leaves++;
  return leaves;
}

function offsetsOf(counts: readonly number[]): Int32Array {
  const offsets = new Int32Array(counts.length + 1);
  counts.forEach((count, index) => (offsets[index + 1] = offsets[index]! + count));
  return offsets;
}

/**
 * Sizes and bytes of bins and trees: cuts (float64), node words (int32), then value (float32) and cover (float64) of
 * leaves only.
 */
export function writeTrees(bins: FeatureBins, trees: PackedTrees): { layout: TreeLayout; weights: Uint8Array } {
  const layout = { cuts: differences(bins.offsets), nodes: differences(trees.offsets), depths: [...trees.depths] };
  const leaves = leavesOf(trees.nodes);
  const weights = new Uint8Array(8 * bins.cuts.length + 4 * trees.nodes.length + 12 * leaves);
  const view = new DataView(weights.buffer);
  let at = 0;
  for (const cut of bins.cuts) view.setFloat64((at += 8) - 8, cut, true);
  for (const word of trees.nodes) view.setInt32((at += 4) - 4, word, true);
  for (let node = 0; node < trees.nodes.length; node++) {
    if (!isLeaf(trees.nodes[node]!)) continue;
    view.setFloat32((at += 4) - 4, trees.values[node]!, true);
    view.setFloat64((at += 8) - 8, trees.covers[node]!, true);
  }
  return { layout, weights };
}

/** Reads what `writeTrees` wrote and checks it. Throws an InputError naming what does not fit. */
export function readTrees(
  layout: TreeLayout,
  weights: Uint8Array | null,
  width: number,
): { bins: FeatureBins; trees: PackedTrees } {
  const cutOffsets = offsetsOf(layout.cuts);
  const offsets = offsetsOf(layout.nodes);
  const total = offsets[layout.nodes.length]!;
  const head = 8 * cutOffsets[layout.cuts.length]! + 4 * total;
  if (layout.cuts.length !== width || layout.depths.length !== layout.nodes.length || (weights?.length ?? 0) < head) {
    throw new InputError('model: sizes of cuts and trees do not fit its features or weights', 'train it again');
  }
  const view = new DataView(weights!.buffer, weights!.byteOffset, weights!.byteLength);
  let at = 0;
  const cuts = new Float64Array(cutOffsets[width]!);
  for (let i = 0; i < cuts.length; i++) cuts[i] = view.getFloat64((at += 8) - 8, true);
  const nodes = integerArray(total, true);
  for (let i = 0; i < total; i++) nodes[i] = view.getInt32((at += 4) - 4, true);
  const leaves = leavesOf(nodes);
  if (weights!.length !== head + 12 * leaves) {
    throw new InputError(
      `model: ${weights!.length} bytes of weights, ${head + 12 * leaves} expected`,
      'train it again',
    );
  }
  const trees = {
    width,
    nodes,
    offsets,
    depths: Uint8Array.from(layout.depths),
    values: new Float32Array(new SharedArrayBuffer(4 * total)),
    covers: doubleArray(total, true),
  };
  for (let node = 0; node < total; node++) {
    if (!isLeaf(nodes[node]!)) continue;
    trees.values[node] = view.getFloat32((at += 4) - 4, true);
    trees.covers[node] = view.getFloat64((at += 8) - 8, true);
  }
  assertTrees(trees);
  sumCovers(trees);
  return { bins: { width, cuts, offsets: cutOffsets }, trees };
}

/** An inner node covers what its children cover; children follow their parents, so one pass from the end. */
function sumCovers(trees: PackedTrees): void {
  const columnBits = columnBitsOf(trees.width);
  for (let tree = 0; tree < trees.depths.length; tree++) {
    const from = trees.offsets[tree]!;
    for (let node = trees.offsets[tree + 1]! - 1; node >= from; node--) {
      const word = trees.nodes[node]!;
      if (isLeaf(word)) continue;
      const child = from + childOf(word, columnBits);
      trees.covers[node] = trees.covers[child]! + trees.covers[child + 1]!;
    }
  }
}
