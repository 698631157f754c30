import {
  binOfNode,
  childOf,
  columnBitsOf,
  columnOf,
  isLeaf,
  type PackedTrees,
} from '../estimators/trees/packed-node.ts';
import type { FeatureBins } from '../estimators/trees/feature-bins.ts';
import type { OnnxGraph } from './onnx-graph.ts';

/** What a row must be to go left at a node. */
interface Cut {
  readonly mode: 'BRANCH_LEQ' | 'BRANCH_LT';
  readonly threshold: number;
}

/**
 * A value's bin is 1 and the number of cuts below it, and a row goes right whose bin is beyond the node's: so left
 * where the value is at most the cut that stands at `bin - 1`. At bin 0 every value goes right, beyond the last cut
 * none does.
 */
function cutOf({ cuts, offsets }: FeatureBins, feature: number, bin: number): Cut {
  if (bin === 0) return { mode: 'BRANCH_LT', threshold: -Infinity };
  const at = offsets[feature]! + bin - 1;
  return { mode: 'BRANCH_LEQ', threshold: at < offsets[feature + 1]! ? cuts[at]! : Infinity };
}

/**
 * Adds our trees as they are: thresholds are our cuts in 64 bits and so are the rows, so that no branch flips. Gives
 * the sum of the leaves, a column, which the operator rounds to 32 bits.
 */
export function addTrees(graph: OnnxGraph, input: string, trees: PackedTrees, bins: FeatureBins): string {
  const bits = columnBitsOf(trees.width);
  const ids: Record<'tree' | 'node' | 'feature' | 'left' | 'right' | 'missing', number[]> = {
    ...{ tree: [], node: [], feature: [] },
    ...{ left: [], right: [], missing: [] },
  };
  const [modes, thresholds]: [string[], number[]] = [[], []];
  const leaves: Record<'tree' | 'node' | 'value', number[]> = { tree: [], node: [], value: [] };
  for (let tree = 0; tree < trees.depths.length; tree++) {
    const from = trees.offsets[tree]!;
    for (let at = from; at < trees.offsets[tree + 1]!; at++) {
      const word = trees.nodes[at]!;
      const leaf = isLeaf(word);
      const column = leaf ? 0 : columnOf(word, bits);
      const child = leaf ? 0 : childOf(word, bits);
      const { mode, threshold } = leaf ? { mode: 'LEAF', threshold: 0 } : cutOf(bins, column >> 1, binOfNode(word));
      ids.tree.push(tree);
      ids.node.push(at - from);
      ids.feature.push(column >> 1);
      ids.left.push(child);
      ids.right.push(leaf ? 0 : child + 1);
      // Missing values are bin 0 of an even column, left of every cut, and bin 255 of an odd one.
      ids.missing.push(!leaf && (column & 1) === 0 ? 1 : 0);
      modes.push(mode);
      thresholds.push(threshold);
      if (!leaf) continue;
      leaves.tree.push(tree);
      leaves.node.push(at - from);
      leaves.value.push(trees.values[at]!);
    }
  }
  return graph.addTrees('TreeEnsembleRegressor', input, {
    n_targets: { integer: 1 },
    aggregate_function: { text: 'SUM' },
    post_transform: { text: 'NONE' },
    nodes_treeids: { integers: ids.tree },
    nodes_nodeids: { integers: ids.node },
    nodes_featureids: { integers: ids.feature },
    nodes_truenodeids: { integers: ids.left },
    nodes_falsenodeids: { integers: ids.right },
    nodes_missing_value_tracks_true: { integers: ids.missing },
    nodes_modes: { texts: modes },
    nodes_values_as_tensor: { doubles: thresholds },
    target_treeids: { integers: leaves.tree },
    target_nodeids: { integers: leaves.node },
    target_ids: { integers: leaves.tree.map(() => 0) },
    target_weights_as_tensor: { doubles: leaves.value },
  });
}
