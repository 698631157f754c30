import { binOfNode, childOf, columnBitsOf, columnOf, isLeaf } from '../trees/packed-node.ts';
import type { PackedTrees } from '../trees/packed-node.ts';

/**
 * A tree as a list of edges, parents before children; edge 0 stands for the root and tests nothing. An edge's factor at
 * point t is `z + (o - z) t`: z the share of training weight that all tests of its feature on the path let through, o
 * whether the row passes them (1: hot) or not (0: cold). Both factors and their ratio to the factor of the nearest edge
 * above with the same feature depend on the tree alone.
 */
export interface EdgeTable {
  readonly count: number;
  readonly parent: Int32Array;
  /** Nearest edge above that tests the same feature, 0 for none. */
  readonly above: Int32Array;
  readonly column: Int32Array;
  readonly bin: Uint8Array;
  /** 1 when the edge leads to rows above the bin. */
  readonly right: Uint8Array;
  readonly share: Float64Array;
  /** `share / share of the edge above`. */
  readonly shareRatio: Float64Array;
  /** 1 where a leaf hangs below. */
  readonly leaf: Uint8Array;
  readonly value: Float64Array;
  /** Hot factor over the hot factor above, by point. */
  readonly hotRatio: Float64Array;
  /** Cold factor over the hot factor above, by point. */
  readonly coldRatio: Float64Array;
  /** `(1 - share) / hot factor`, by point. */
  readonly hotTerm: Float64Array;
  /** Mean leaf value by training weight. */
  readonly mean: number;
}

interface Visit {
  readonly node: number;
  readonly edge: number;
}

/** Compiles tree `tree`; `points` are those of the quadrature. */
export function edgeTable(trees: PackedTrees, tree: number, points: Float64Array): EdgeTable {
  const from = trees.offsets[tree]!;
  const count = trees.offsets[tree + 1]! - from;
  const columnBits = columnBitsOf(trees.width);
  const table = emptyTable(count, points.length);
  table.share[0] = 1;
  let edges = 1;
  const open: Visit[] = [{ node: 0, edge: 0 }];
  for (let visit = open.pop(); visit !== undefined; visit = open.pop()) {
    const { node, edge } = visit;
    const word = trees.nodes[from + node]!;
    if (isLeaf(word)) {
      table.leaf[edge] = 1;
      table.value[edge] = trees.values[from + node]!;
      table.mean += (table.value[edge]! * trees.covers[from + node]!) / trees.covers[from]!;
      continue;
    }
    const column = columnOf(word, columnBits);
    let above = edge;
    while (above !== 0 && table.column[above]! >> 1 !== column >> 1) above = table.parent[above]!;
    for (const side of [0, 1]) {
      const child = childOf(word, columnBits) + side;
      table.parent[edges] = edge;
      table.above[edges] = above;
      table.column[edges] = column;
      table.bin[edges] = binOfNode(word);
      table.right[edges] = side;
      const ratio = trees.covers[from + child]! / trees.covers[from + node]!;
      table.shareRatio[edges] = ratio;
      table.share[edges] = table.share[above]! * ratio;
      fillFactors(table, edges, points);
      open.push({ node: child, edge: edges++ });
    }
  }
  return table;
}

function emptyTable(count: number, points: number): EdgeTable & { mean: number } {
  return {
    count,
    parent: new Int32Array(count),
    above: new Int32Array(count),
    column: new Int32Array(count),
    bin: new Uint8Array(count),
    right: new Uint8Array(count),
    share: new Float64Array(count),
    shareRatio: new Float64Array(count),
    leaf: new Uint8Array(count),
    value: new Float64Array(count),
    hotRatio: new Float64Array(count * points),
    coldRatio: new Float64Array(count * points),
    hotTerm: new Float64Array(count * points),
    mean: 0,
  };
}

function fillFactors(table: EdgeTable, edge: number, points: Float64Array): void {
  const share = table.share[edge]!;
  const above = table.above[edge]! === 0 ? 1 : table.share[table.above[edge]!]!;
  points.forEach((t, q) => {
    const hot = share + (1 - share) * t;
    const hotAbove = above + (1 - above) * t;
    table.hotRatio[edge * points.length + q] = hot / hotAbove;
    table.coldRatio[edge * points.length + q] = (share * (1 - t)) / hotAbove;
    table.hotTerm[edge * points.length + q] = (1 - share) / hot;
  });
}
