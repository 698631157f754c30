import { binOfNode, childOf, columnBitsOf, columnOf, isLeaf } from '../trees/packed-node.ts';
import type { PackedTrees } from '../trees/packed-node.ts';
import { doubleArray } from '../trees/shared-array.ts';
import { gaussLegendre } from './gauss-legendre.ts';

/** Turns of a row that a table is looked up by: 128 entries. */
const TURNS_MAX = 7;
/** Longest path of a tree that is looked up: its leaves have at most 64 patterns each. */
const DEPTH_MAX = 6;
/** Leaves of a model that is looked up: its tables take about 2 kB a leaf, 40 MB in all. */
const LEAVES_MAX = 20_000;

/**
 * Trees as tables of what they give each feature. What a leaf gives depends only on which tests of its path a row
 * passes, so that for shallow trees all of it can be worked out beforehand, and added up over small subtrees: a row of
 * a tree of depth 6 then costs 16 look-ups instead of 126 edges.
 *
 * `steps` is a list of integers. A node with more below than one table holds: `column, bin, depth`, to append the turn
 * of each row to its turns at that depth. A subtree: `-1 - nodes`, then `depth`, `column, bin` of each of its nodes,
 * where its table begins, its entries for a feature, the number of features, and the features. A table holds for one
 * feature after another a number for each entry: the turns of the path and then of its own nodes, as bits.
 */
export interface PatternProgram {
  readonly steps: Int32Array;
  readonly tables: Float64Array;
}

/** Whether the trees are shallow and few enough for tables of patterns. */
export function havePatterns({ depths, nodes }: PackedTrees): boolean {
  return nodes.length <= 2 * LEAVES_MAX && depths.every((depth) => depth <= DEPTH_MAX);
}

/** Works out the tables of all trees, in memory that threads can share. */
export function compilePatterns(trees: PackedTrees): PatternProgram {
  return new PatternCompiler(trees).compile();
}

/** A test on the way to a leaf: the number of its turn among those of the table, and what it must be. */
interface Test {
  readonly column: number;
  readonly bin: number;
  /** Share of the training weight of its node that goes on. */
  readonly share: number;
  readonly turn: number;
  readonly right: boolean;
}

interface Leaf {
  readonly value: number;
  readonly path: readonly Test[];
}

/** A subtree on its way into a table: its inner nodes in preorder, and its leaves. */
interface Subtree {
  readonly nodes: { readonly column: number; readonly bin: number }[];
  readonly leaves: Leaf[];
}

class PatternCompiler {
  readonly #trees: PackedTrees;
  readonly #columnBits: number;
  readonly #quadrature = gaussLegendre(DEPTH_MAX / 2);
  readonly #steps: number[] = [];
  readonly #tables: Float64Array[] = [];
  #used = 0;
  #from = 0;

  constructor(trees: PackedTrees) {
    this.#trees = trees;
    this.#columnBits = columnBitsOf(trees.width);
  }

  compile(): PatternProgram {
    const { offsets, depths } = this.#trees;
    for (let tree = 0; tree < depths.length; tree++) {
      this.#from = offsets[tree]!;
      if (depths[tree]! > 0) this.#visit(this.#from, []);
    }
    const tables = doubleArray(this.#used, true);
    let at = 0;
    for (const table of this.#tables) {
      tables.set(table, at);
      at += table.length;
    }
    const steps = new Int32Array(new SharedArrayBuffer(4 * this.#steps.length));
    steps.set(this.#steps);
    return { steps, tables };
  }

  #visit(node: number, path: readonly Test[]): void {
    const depth = path.length;
    if (depth + this.#innerNodes(node) <= TURNS_MAX) {
      const subtree: Subtree = { nodes: [], leaves: [] };
      this.#gather(node, path, { subtree, depth });
      this.#addTable(subtree, path);
      return;
    }
    const [left, right] = this.#testsOf(node, depth);
    this.#steps.push(left.column, left.bin, depth);
    const child = this.#childOf(node);
    this.#visit(child, [...path, left]);
    this.#visit(child + 1, [...path, right]);
  }

  #childOf(node: number): number {
    return this.#from + childOf(this.#trees.nodes[node]!, this.#columnBits);
  }

  #innerNodes(node: number): number {
    if (isLeaf(this.#trees.nodes[node]!)) return 0;
    const child = this.#childOf(node);
    return 1 + this.#innerNodes(child) + this.#innerNodes(child + 1);
  }

  #testsOf(node: number, turn: number): [Test, Test] {
    const { nodes, covers } = this.#trees;
    const child = this.#childOf(node);
    const test = { column: columnOf(nodes[node]!, this.#columnBits), bin: binOfNode(nodes[node]!), turn };
    return [
      { ...test, right: false, share: covers[child]! / covers[node]! },
      { ...test, right: true, share: covers[child + 1]! / covers[node]! },
    ];
  }

  #gather(node: number, path: readonly Test[], into: { subtree: Subtree; depth: number }): void {
    const { nodes, leaves } = into.subtree;
    if (isLeaf(this.#trees.nodes[node]!)) {
      leaves.push({ value: this.#trees.values[node]!, path });
      return;
    }
    const [left, right] = this.#testsOf(node, into.depth + nodes.length);
    nodes.push({ column: left.column, bin: left.bin });
    const child = this.#childOf(node);
    this.#gather(child, [...path, left], into);
    this.#gather(child + 1, [...path, right], into);
  }

  #addTable({ nodes, leaves }: Subtree, path: readonly Test[]): void {
    const turns = path.length + nodes.length;
    const columns = [...path, ...nodes].map(({ column }) => column >> 1);
    const features = [...new Set(columns)];
    const table = new Float64Array((1 << turns) * features.length);
    for (const leaf of leaves) this.#addLeaf(table, leaf, { turns, features });
    this.#steps.push(-1 - nodes.length, path.length, ...nodes.flatMap(({ column, bin }) => [column, bin]));
    this.#steps.push(this.#used, 1 << turns, features.length, ...features);
    this.#tables.push(table);
    this.#used += table.length;
  }

  /** Adds what a leaf gives to every entry of its subtree's table. */
  #addLeaf(
    table: Float64Array,
    { value, path }: Leaf,
    { turns, features }: { turns: number; features: readonly number[] },
  ): void {
    const own = [...new Set(path.map(({ column }) => column >> 1))];
    const shares = own.map((feature) =>
      path.reduce((share, test) => (test.column >> 1 === feature ? share * test.share : share), 1),
    );
    const given = this.#givenByPattern(shares, value);
    // For each test its turn's bit in the entry's number, what that must be, and the bit of its feature in the pattern.
    const tests = path.map(({ column, turn, right }) => {
      const bit = 1 << (turns - 1 - turn);
      return { bit, wanted: right ? bit : 0, pattern: 1 << own.indexOf(column >> 1) };
    });
    const places = own.map((feature) => features.indexOf(feature));
    const all = (1 << own.length) - 1;
    for (let entry = 0; entry < 1 << turns; entry++) {
      let passed = all;
      for (const { bit, wanted, pattern } of tests) if ((entry & bit) !== wanted) passed &= ~pattern;
      for (let i = 0; i < own.length; i++) {
        table[(places[i]! << turns) + entry]! += given[passed * own.length + i]!;
      }
    }
  }

  /**
   * What a leaf gives each feature of its path, for each set of features whose tests a row passes: `value (o_i - z_i)`
   * times the integral of the product of the other features' `z_j + (o_j - z_j) t`.
   */
  #givenByPattern(shares: readonly number[], value: number): Float64Array {
    const { points, weights } = this.#quadrature;
    const count = shares.length;
    const given = new Float64Array((1 << count) * count);
    const before = new Float64Array(count + 1);
    const factors = new Float64Array(count);
    for (let passed = 0; passed < 1 << count; passed++) {
      for (let q = 0; q < points.length; q++) {
        before[0] = weights[q]! * value;
        for (let i = 0; i < count; i++) {
          const share = shares[i]!;
          factors[i] = share + (((passed >> i) & 1) - share) * points[q]!;
          before[i + 1] = before[i]! * factors[i]!;
        }
        let after = 1;
        for (let i = count - 1; i >= 0; i--) {
          given[passed * count + i]! += (((passed >> i) & 1) - shares[i]!) * before[i]! * after;
          after *= factors[i]!;
        }
      }
    }
    return given;
  }
}
