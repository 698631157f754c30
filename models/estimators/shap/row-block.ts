import { DEPTH_MAX } from '../trees/grown-tree.ts';
import { ABOVE_COLD, LEAF, POINTS, STATE, TWIG } from './tree-program.ts';
import type { TreeProgram } from './tree-program.ts';

// Numbers used in hot loops are not exported or imported themselves: such bindings are read again, and tested, at every
// turn.
/** Rows that walk a tree together: a node's table is read once for all, and no branch depends on a row. */
const ROWS = 16;
const Q = POINTS;
const ONE_STATE = STATE;
const COLD = ABOVE_COLD;

// Scratch of the walk, by depth: 20 kB for a tree of depth 12, so all of it stays in the first cache. Products of the
// path's factors go down, sums of the left and right subtree come up. In the module, because its arrays' places and
// lengths are constants to the compiler; a walk is never interrupted by another.
const SLICE = ROWS * Q;
const products = new Float64Array((DEPTH_MAX + 1) * SLICE);
const leftSums = new Float64Array((DEPTH_MAX + 1) * SLICE);
const rightSums = new Float64Array((DEPTH_MAX + 1) * SLICE);
const states = new Int32Array((DEPTH_MAX + 1) * ROWS);

/**
 * Explains up to sixteen rows at a time: `bins` and `values` hold a stretch of sixteen for each column and each
 * feature.
 */
export class RowBlock {
  readonly size = ROWS;
  readonly bins: Uint8Array;
  readonly values: Float64Array;
  rows = 0;
  #program!: TreeProgram;
  #tables!: Float64Array;
  /** Whether the last three points count: those of trees of few levels weigh nothing. */
  #six = true;

  constructor(width: number) {
    this.bins = new Uint8Array(2 * width * ROWS);
    this.values = new Float64Array(width * ROWS);
  }

  /** Adds what the trees of a program give each feature of each row, tree after tree. */
  add(program: TreeProgram): void {
    this.#program = program;
    this.#tables = program.tables;
    this.#six = program.points > 3;
    products.fill(1, 0, SLICE);
    for (const root of program.roots) {
      if (root === LEAF) continue;
      this.#mark(root, 0);
      if (program.left[root] === TWIG) this.#leaf(root, 0, 0);
      else this.#children(root, 0);
    }
  }

  #children(node: number, depth: number): void {
    this.#child(node, 0, depth);
    this.#child(node, 1, depth);
  }

  /** Side 0 is left. Leaves the sum of the subtree in the parent's slice of that side. */
  #child(node: number, side: number, depth: number): void {
    const { left, right } = this.#program;
    const child = side === 0 ? left[node]! : right[node]!;
    if (child === LEAF) {
      this.#leaf(node, side, depth);
      return;
    }
    this.#mark(child, depth + 1);
    if (left[child] === TWIG) {
      this.#twig(node, side, depth);
      return;
    }
    this.#descend(node, side, depth);
    this.#children(child, depth + 1);
    this.#ascend(node, side, depth);
  }

  /** The state of each row at a node, as an offset into its tables. */
  #mark(node: number, depth: number): void {
    const { bins, rows } = this;
    const program = this.#program;
    const column = program.column[node]! * ROWS;
    const bin = program.bin[node]!;
    const own = depth * ROWS;
    const aboveDepth = program.aboveDepth[node]!;
    if (aboveDepth < 0) {
      for (let row = 0; row < rows; row++) states[own + row] = ((bin - bins[column + row]!) >>> 31) * ONE_STATE;
      return;
    }
    const letsThrough = program.aboveState[node]!;
    const above = aboveDepth * ROWS;
    for (let row = 0; row < rows; row++) {
      const passes = ((bin - bins[column + row]!) >>> 31) * ONE_STATE;
      states[own + row] = states[above + row] === letsThrough ? passes : COLD;
    }
  }

  #tableOf(node: number, side: number): number {
    return side === 0 ? this.#program.leftTable[node]! : this.#program.rightTable[node]!;
  }

  // The four steps below are written out point by point: a loop over six points costs half as much again. The last
  // three are passed over where they weigh nothing, which is half of the work.

  #descend(node: number, side: number, depth: number): void {
    const { rows } = this;
    const tables = this.#tables;
    const six = this.#six;
    const table = this.#tableOf(node, side);
    const own = depth * ROWS;
    let from = depth * SLICE;
    for (let row = 0; row < rows; row++) {
      const at = table + states[own + row]!;
      const to = from + SLICE;
      products[to] = products[from]! * tables[at]!;
      products[to + 1] = products[from + 1]! * tables[at + 1]!;
      products[to + 2] = products[from + 2]! * tables[at + 2]!;
      if (six) {
        products[to + 3] = products[from + 3]! * tables[at + 3]!;
        products[to + 4] = products[from + 4]! * tables[at + 4]!;
        products[to + 5] = products[from + 5]! * tables[at + 5]!;
      }
      from += Q;
    }
  }

  #ascend(node: number, side: number, depth: number): void {
    const { values, rows } = this;
    const tables = this.#tables;
    const six = this.#six;
    const table = this.#tableOf(node, side) + Q;
    const sums = side === 0 ? leftSums : rightSums;
    const own = depth * ROWS;
    const feature = (this.#program.column[node]! >> 1) * ROWS;
    let to = depth * SLICE;
    for (let row = 0; row < rows; row++) {
      const at = table + states[own + row]!;
      const from = to + SLICE;
      const s0 = leftSums[from]! + rightSums[from]!;
      const s1 = leftSums[from + 1]! + rightSums[from + 1]!;
      const s2 = leftSums[from + 2]! + rightSums[from + 2]!;
      sums[to] = s0;
      sums[to + 1] = s1;
      sums[to + 2] = s2;
      let given = s0 * tables[at]! + s1 * tables[at + 1]! + s2 * tables[at + 2]!;
      if (six) {
        const s3 = leftSums[from + 3]! + rightSums[from + 3]!;
        const s4 = leftSums[from + 4]! + rightSums[from + 4]!;
        const s5 = leftSums[from + 5]! + rightSums[from + 5]!;
        sums[to + 3] = s3;
        sums[to + 4] = s4;
        sums[to + 5] = s5;
        given += s3 * tables[at + 3]! + s4 * tables[at + 4]! + s5 * tables[at + 5]!;
      }
      values[feature + row]! += given;
      to += Q;
    }
  }

  /** A leaf below `node`, or the two of a twig. */
  #leaf(node: number, side: number, depth: number): void {
    const { values, rows } = this;
    const tables = this.#tables;
    const six = this.#six;
    const table = this.#tableOf(node, side);
    const sums = side === 0 ? leftSums : rightSums;
    const own = depth * ROWS;
    const feature = (this.#program.column[node]! >> 1) * ROWS;
    let to = depth * SLICE;
    for (let row = 0; row < rows; row++) {
      const at = table + states[own + row]!;
      const p0 = products[to]!;
      const p1 = products[to + 1]!;
      const p2 = products[to + 2]!;
      sums[to] = p0 * tables[at]!;
      sums[to + 1] = p1 * tables[at + 1]!;
      sums[to + 2] = p2 * tables[at + 2]!;
      let given = p0 * tables[at + 6]! + p1 * tables[at + 7]! + p2 * tables[at + 8]!;
      if (six) {
        const p3 = products[to + 3]!;
        const p4 = products[to + 4]!;
        const p5 = products[to + 5]!;
        sums[to + 3] = p3 * tables[at + 3]!;
        sums[to + 4] = p4 * tables[at + 4]!;
        sums[to + 5] = p5 * tables[at + 5]!;
        given += p3 * tables[at + 9]! + p4 * tables[at + 10]! + p5 * tables[at + 11]!;
      }
      values[feature + row]! += given;
      to += Q;
    }
  }

  /** An edge down to a node of two leaves, both in one step: the products below never reach memory. */
  #twig(node: number, side: number, depth: number): void {
    const { values, rows } = this;
    const tables = this.#tables;
    const program = this.#program;
    const six = this.#six;
    const table = this.#tableOf(node, side);
    const child = side === 0 ? program.left[node]! : program.right[node]!;
    const leaves = program.leftTable[child]!;
    const sums = side === 0 ? leftSums : rightSums;
    const own = depth * ROWS;
    const feature = (program.column[node]! >> 1) * ROWS;
    const featureBelow = (program.column[child]! >> 1) * ROWS;
    let to = depth * SLICE;
    for (let row = 0; row < rows; row++) {
      const at = table + states[own + row]!;
      const below = leaves + states[own + ROWS + row]!;
      const p0 = products[to]! * tables[at]!;
      const p1 = products[to + 1]! * tables[at + 1]!;
      const p2 = products[to + 2]! * tables[at + 2]!;
      let given = p0 * tables[below + 6]! + p1 * tables[below + 7]! + p2 * tables[below + 8]!;
      const s0 = p0 * tables[below]!;
      const s1 = p1 * tables[below + 1]!;
      const s2 = p2 * tables[below + 2]!;
      sums[to] = s0;
      sums[to + 1] = s1;
      sums[to + 2] = s2;
      let givenAbove = s0 * tables[at + 6]! + s1 * tables[at + 7]! + s2 * tables[at + 8]!;
      if (six) {
        const p3 = products[to + 3]! * tables[at + 3]!;
        const p4 = products[to + 4]! * tables[at + 4]!;
        const p5 = products[to + 5]! * tables[at + 5]!;
        given += p3 * tables[below + 9]! + p4 * tables[below + 10]! + p5 * tables[below + 11]!;
        const s3 = p3 * tables[below + 3]!;
        const s4 = p4 * tables[below + 4]!;
        const s5 = p5 * tables[below + 5]!;
        sums[to + 3] = s3;
        sums[to + 4] = s4;
        sums[to + 5] = s5;
        givenAbove += s3 * tables[at + 9]! + s4 * tables[at + 10]! + s5 * tables[at + 11]!;
      }
      values[featureBelow + row]! += given;
      values[feature + row]! += givenAbove;
      to += Q;
    }
  }
}
