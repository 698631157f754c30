import { binOfNode, childOf, columnBitsOf, columnOf, isLeaf } from '../trees/packed-node.ts';
import type { PackedTrees } from '../trees/packed-node.ts';
import { doubleArray } from '../trees/shared-array.ts';

/**
 * Points of the quadrature that one pass over a tree carries: six are exact up to twelve different features on a path.
 */
export const POINTS = 6;
/** A child that is a leaf. */
export const LEAF = -1;
/** Left child of a node whose two children are both leaves: one table serves both. */
export const TWIG = -2;
/** Numbers of a table for one state of a row at a node: a factor for each point, then a term for each point. */
export const STATE = 2 * POINTS;
/** States: the row goes left, it goes right, or a test of the same feature above has turned it away already. */
export const ABOVE_COLD = 2 * STATE;

/** Six points with their weights. */
export interface Quadrature {
  readonly points: Float64Array;
  readonly weights: Float64Array;
}

/**
 * Trees as inner nodes in preorder, one tree after another, with everything that depends on the tree alone in `tables`,
 * so that explaining a row neither divides nor looks for features above.
 *
 * An edge's factor at point t is `z + (o - z) t`: z the share of training weight that all tests of its feature on the
 * path let through, o whether the row passes them (1: hot) or not (0: cold). Its table holds, for each state of the
 * row, the ratio of that factor to the factor of the nearest edge above with the same feature, and what a subtree's sum
 * is multiplied by to give the feature's own value, less what the edge above gives for the same leaves. Above a leaf
 * both are multiplied by value and weight already.
 */
export interface TreeProgram {
  /** First inner node of each tree; a tree that is one leaf has none. */
  readonly roots: Int32Array;
  readonly column: Int32Array;
  readonly bin: Int32Array;
  /**
   * Depth of the nearest node above with the same feature, -1 for none; and the state in which it lets a row through.
   */
  readonly aboveDepth: Int32Array;
  readonly aboveState: Int32Array;
  /** Children: an inner node, LEAF, or (left only) TWIG. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly leftTable: Int32Array;
  readonly rightTable: Int32Array;
  readonly tables: Float64Array;
}

interface Above {
  readonly feature: number;
  readonly state: number;
  /** Share of training weight that the path's tests of the feature let through. */
  readonly share: number;
}

/** What the table of an edge is made from. */
interface Edge {
  readonly state: number;
  readonly above: Above | null;
  /** Share of the parent's training weight. */
  readonly ratio: number;
  /** Value of the leaf below, null for an inner node. */
  readonly leaf: number | null;
}

/** Compiles trees `[from, to)` for six points, into memory that threads can share. */
export function compileTrees(
  trees: PackedTrees,
  range: { from: number; to: number },
  quadrature: Quadrature,
): TreeProgram {
  return new TreeCompiler(trees, quadrature).compile(range.from, range.to);
}

class TreeCompiler {
  readonly #trees: PackedTrees;
  readonly #quadrature: Quadrature;
  readonly #columnBits: number;
  readonly #path: Above[] = [];
  #program!: TreeProgram;
  #from = 0;
  #inner = 0;
  #used = 0;

  constructor(trees: PackedTrees, quadrature: Quadrature) {
    this.#trees = trees;
    this.#quadrature = quadrature;
    this.#columnBits = columnBitsOf(trees.width);
  }

  compile(fromTree: number, toTree: number): TreeProgram {
    const { offsets, nodes } = this.#trees;
    const count = offsets[toTree]! - offsets[fromTree]!;
    const inner = (count - (toTree - fromTree)) >> 1;
    this.#program = {
      roots: integers(toTree - fromTree),
      column: integers(inner),
      bin: integers(inner),
      aboveDepth: integers(inner),
      aboveState: integers(inner),
      left: integers(inner),
      right: integers(inner),
      leftTable: integers(inner),
      rightTable: integers(inner),
      tables: new Float64Array(count * 3 * STATE),
    };
    for (let tree = fromTree; tree < toTree; tree++) {
      this.#from = offsets[tree]!;
      this.#program.roots[tree - fromTree] = isLeaf(nodes[this.#from]!) ? LEAF : this.#visit(0);
    }
    const tables = doubleArray(this.#used, true);
    tables.set(this.#program.tables.subarray(0, this.#used));
    return { ...this.#program, tables };
  }

  #visit(node: number): number {
    const program = this.#program;
    const path = this.#path;
    const { nodes, covers } = this.#trees;
    const id = this.#inner++;
    const word = nodes[this.#from + node]!;
    const feature = columnOf(word, this.#columnBits) >> 1;
    program.column[id] = columnOf(word, this.#columnBits);
    program.bin[id] = binOfNode(word);
    const aboveDepth = path.findLastIndex((step) => step.feature === feature);
    const above = path[aboveDepth] ?? null;
    program.aboveDepth[id] = aboveDepth;
    program.aboveState[id] = above?.state ?? 0;
    const child = this.#from + childOf(word, this.#columnBits);
    const ratio = covers[child]! / covers[this.#from + node]!;
    const leftLeaf = isLeaf(nodes[child]!) ? this.#trees.values[child]! : null;
    const rightLeaf = isLeaf(nodes[child + 1]!) ? this.#trees.values[child + 1]! : null;
    const leftEdge = { state: 0, above, ratio, leaf: leftLeaf };
    const rightEdge = { state: STATE, above, ratio: covers[child + 1]! / covers[this.#from + node]!, leaf: rightLeaf };
    program.leftTable[id] = this.#addTable(leftEdge);
    if (leftLeaf !== null && rightLeaf !== null) {
      program.left[id] = TWIG;
      this.#mergeTables(program.leftTable[id]!, this.#addTable(rightEdge));
      return id;
    }
    program.left[id] = this.#below(leftEdge, feature, child - this.#from);
    program.rightTable[id] = this.#addTable(rightEdge);
    program.right[id] = this.#below(rightEdge, feature, child + 1 - this.#from);
    return id;
  }

  #below(edge: Edge, feature: number, child: number): number {
    if (edge.leaf !== null) return LEAF;
    this.#path.push({ feature, state: edge.state, share: (edge.above?.share ?? 1) * edge.ratio });
    const id = this.#visit(child);
    this.#path.pop();
    return id;
  }

  /** Writes the table of an edge, a block per state of the row; returns where it begins. */
  #addTable(edge: Edge): number {
    const { points, weights } = this.#quadrature;
    const { tables } = this.#program;
    const at = this.#used;
    const shareAbove = edge.above?.share ?? 1;
    const share = shareAbove * edge.ratio;
    const size = edge.above === null ? ABOVE_COLD : 3 * STATE;
    for (let q = 0; q < POINTS; q++) {
      const t = points[q]!;
      const hot = share + (1 - share) * t;
      const hotAbove = shareAbove + (1 - shareAbove) * t;
      const termAbove = (1 - shareAbove) / hotAbove;
      const leaf = edge.leaf === null ? 1 : edge.leaf * weights[q]!;
      for (let state = 0; state < size; state += STATE) {
        const isHot = state === edge.state;
        // Once cold, an edge keeps its factor but for the share, and gives what the edge above gives.
        const factor = state === ABOVE_COLD ? edge.ratio : (isHot ? hot : share * (1 - t)) / hotAbove;
        const term = state === ABOVE_COLD ? 0 : (isHot ? (1 - share) / hot : -1 / (1 - t)) - termAbove;
        tables[at + state + q] = factor * leaf;
        tables[at + state + POINTS + q] = edge.leaf === null ? term : factor * leaf * term;
      }
    }
    this.#used += size;
    return at;
  }

  /** Two leaves of one node: the sum of their tables does for both. The second table is given back. */
  #mergeTables(first: number, second: number): void {
    const { tables } = this.#program;
    for (let i = 0; i < this.#used - second; i++) tables[first + i]! += tables[second + i]!;
    this.#used = second;
  }
}

const integers = (length: number): Int32Array => new Int32Array(new SharedArrayBuffer(4 * length));
