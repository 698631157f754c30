import { BIN_BITS, columnBitsOf } from './packed-node.ts';
import type { GrownTree } from './grown-tree.ts';

const BITS = BIN_BITS;

/**
 * Adds a tree's leaf values to the scores of the rows listed; `byColumn` holds the bins of `rows` rows, column-major.
 */
export function addTree(
  tree: GrownTree,
  data: { readonly rows: number; readonly byColumn: Uint8Array; readonly score: Float64Array },
  width: number,
  rowIndex: Int32Array,
): void {
  const shift = BITS + columnBitsOf(width);
  const mask = (1 << columnBitsOf(width)) - 1;
  const { nodes, values, depth } = tree;
  const { byColumn, score, rows } = data;
  for (let i = 0; i < rowIndex.length; i++) {
    const row = rowIndex[i]!;
    let node = 0;
    for (let step = 0; step < depth; step++) {
      const word = nodes[node]!;
      const column = (word >>> BITS) & mask;
      const bin = byColumn[(column >> 1) * rows + row]!;
      const seen = bin === 0 && (column & 1) === 1 ? 255 : bin;
      node = (word >>> shift) + (((word & 255) - seen) >>> 31);
    }
    score[row]! += values[node]!;
  }
}
