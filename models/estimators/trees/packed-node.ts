/**
 * A node is one Int32, `child | column | bin` from the high bits down: a row goes to `child + 1` when its bin in
 * `column` exceeds `bin`, else to `child`. Column 2f is feature f with missing values in bin 0 (left of every cut),
 * column 2f + 1 the same with missing values in bin 255 (right of every cut). A leaf has bin 255 and itself as child,
 * so a walk may go on past it and a tree is read for a fixed number of steps without an exit test (4.1 us a row against
 * 12.6).
 */
export const BIN_BITS = 8;
export const LEAF_BIN = 255;

/** Bits of the column field for `width` features. */
export function columnBitsOf(width: number): number {
  return Math.max(1, 32 - Math.clz32(2 * width - 1));
}

/**
 * Nodes a tree may have, so that a child's number fits beside the column: 131,072 up to 64 features, halved with each
 * doubling.
 */
export function nodesMaxOf(width: number): number {
  return 2 ** Math.max(1, 32 - BIN_BITS - columnBitsOf(width));
}

/** Trees one after another; node numbers inside a tree start at 0, children stand side by side after their parent. */
export interface PackedTrees {
  readonly width: number;
  /** Words of all trees. */
  readonly nodes: Int32Array;
  /** Tree t owns `nodes[offsets[t] .. offsets[t + 1])`. */
  readonly offsets: Int32Array;
  /** Longest path of each tree, in steps. */
  readonly depths: Uint8Array;
  /** Leaf value of every node (0 inside the tree), exactly representable in 32 bits. */
  readonly values: Float32Array;
  /** Training weight that reached every node, in units of the trainer. */
  readonly covers: Float64Array;
}

export function childOf(node: number, columnBits: number): number {
  return node >>> (BIN_BITS + columnBits);
}

export function columnOf(node: number, columnBits: number): number {
  return (node >>> BIN_BITS) & ((1 << columnBits) - 1);
}

export function binOfNode(node: number): number {
  return node & 255;
}

export function packNode(parts: { child: number; column: number; bin: number }, columnBits: number): number {
  return (parts.child << (BIN_BITS + columnBits)) | (parts.column << BIN_BITS) | parts.bin | 0;
}

/** Whether a node is a leaf. */
export function isLeaf(node: number): boolean {
  return (node & 255) === LEAF_BIN;
}
