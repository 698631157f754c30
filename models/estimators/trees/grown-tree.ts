import { binOfNode, childOf, columnBitsOf, columnOf, isLeaf } from './packed-node.ts';
import type { PackedTrees } from './packed-node.ts';
import { doubleArray, integerArray } from './shared-array.ts';
import { BINS_MAX } from './feature-bins.ts';
import { InputError } from '../../../infra/errors.ts';

/** No trainer here grows deeper. */
export const DEPTH_MAX = 32;

/** One tree as its trainer leaves it: arrays with an entry per node, see `PackedTrees`. */
export interface GrownTree {
  readonly nodes: Int32Array;
  readonly values: Float32Array;
  readonly covers: Float64Array;
  readonly depth: number;
}

/** Joins trees in their order, in memory that threads can share. */
export function joinTrees(trees: readonly GrownTree[], width: number): PackedTrees {
  const offsets = new Int32Array(trees.length + 1);
  trees.forEach((tree, index) => (offsets[index + 1] = offsets[index]! + tree.nodes.length));
  const total = offsets[trees.length]!;
  const joined = {
    width,
    nodes: integerArray(total, true),
    offsets,
    depths: Uint8Array.from(trees, (tree) => tree.depth),
    values: new Float32Array(new SharedArrayBuffer(4 * total)),
    covers: doubleArray(total, true),
  };
  trees.forEach((tree, index) => {
    joined.nodes.set(tree.nodes, offsets[index]!);
    joined.values.set(tree.values, offsets[index]!);
    joined.covers.set(tree.covers, offsets[index]!);
  });
  return joined;
}

/**
 * Checks trees that were read from a file, so that a walk can never leave its tree: children come after their parent
 * and inside the tree, columns and bins exist, the depth is the real one. Throws an InputError naming tree and node.
 */
export function assertTrees(trees: PackedTrees): void {
  const columnBits = columnBitsOf(trees.width);
  for (let tree = 0; tree < trees.depths.length; tree++) {
    const from = trees.offsets[tree]!;
    const count = trees.offsets[tree + 1]! - from;
    const fail = (node: number, why: string): never => {
      throw new InputError(`model: tree ${tree}, node ${node}: ${why}`, 'train it again');
    };
    if (count < 1) fail(0, 'the tree is empty');
    const depth = new Uint8Array(count);
    let deepest = 0;
    for (let node = 0; node < count; node++) {
      const word = trees.nodes[from + node]!;
      const child = childOf(word, columnBits);
      if (!Number.isFinite(trees.values[from + node])) fail(node, 'value is not a finite number');
      if (isLeaf(word)) {
        if (child !== node) fail(node, 'a leaf must point at itself');
        continue;
      }
      if (child <= node || child + 1 >= count) fail(node, `child ${child} lies outside the tree`);
      if (columnOf(word, columnBits) >= 2 * trees.width) fail(node, 'tests a feature the model does not have');
      if (binOfNode(word) > BINS_MAX) fail(node, 'tests a bin that does not exist');
      if (depth[node] === DEPTH_MAX) fail(node, `is deeper than ${DEPTH_MAX}`);
      depth[child] = depth[child + 1] = depth[node]! + 1;
      deepest = Math.max(deepest, depth[child]!);
    }
    if (deepest !== trees.depths[tree]) fail(0, `depth is ${deepest}, not ${trees.depths[tree]}`);
  }
}
