import { InputError } from '../../../infra/errors.ts';

/** What a cut does with a missing value: none is known as missing (NaN counts as 0), 0 and NaN are, or NaN is. */
export const MISSING = { none: 0, zero: 1, nan: 2 } as const;
export type Missing = (typeof MISSING)[keyof typeof MISSING];

/** Zero as LightGBM knows it: its `kZeroThreshold`, a number of 32 bits. */
const ZERO = Math.fround(1e-35);
/** Far deeper than any trainer grows; a walk costs as many steps. */
const DEPTH_MAX = 4096;
/** Numbers of a leaf or a cut beyond which nothing sensible was learned. */
const NUMBER_MAX = Number.MAX_VALUE;

/** A node as its file has it: a leaf has a value and no feature. Children are places in the tree's own list. */
export interface ReadNode {
  /** -1: a leaf. */
  readonly feature: number;
  /** Rows whose value is at most this go left. */
  readonly threshold: number;
  readonly left: number;
  readonly right: number;
  readonly missing: Missing;
  readonly defaultLeft: boolean;
  readonly value: number;
}

/** One tree, its root first, and the output that it adds to. */
export interface ReadTree {
  readonly nodes: readonly ReadNode[];
  readonly output: number;
}

export interface TreeSizes {
  /** Inputs of the model. */
  readonly width: number;
  readonly outputs: number;
  /** Sums and inputs in 32 bits, as XGBoost has them, else in 64. */
  readonly single: boolean;
}

const remedy = 'Save the model again, or copy the file again.';

/**
 * Trees whose cuts are numbers of their own, as other programs grow them: `trees/` holds at most 254 cuts a feature,
 * and these have as many as they like. Nothing is allocated by a walk.
 */
export class ThresholdTrees {
  readonly #sizes: TreeSizes;
  readonly #features: Int32Array;
  readonly #thresholds: Float64Array;
  readonly #lefts: Int32Array;
  readonly #rights: Int32Array;
  /** Twice the kind of missing value, and 1 where it goes left. */
  readonly #flags: Uint8Array;
  readonly #values: Float64Array;
  readonly #roots: Int32Array;
  readonly #outputs: Int32Array;

  /**
   * @throws InputError naming `file`, tree and node, both counted from 0, where a walk could leave its tree or not end
   */
  constructor(file: string, trees: readonly ReadTree[], sizes: TreeSizes) {
    const total = trees.reduce((sum, { nodes }) => sum + nodes.length, 0);
    this.#sizes = sizes;
    this.#features = new Int32Array(total);
    this.#thresholds = new Float64Array(total);
    this.#lefts = new Int32Array(total);
    this.#rights = new Int32Array(total);
    this.#flags = new Uint8Array(total);
    this.#values = new Float64Array(total);
    this.#roots = new Int32Array(trees.length);
    this.#outputs = Int32Array.from(trees, ({ output }) => output);
    let from = 0;
    trees.forEach((tree, index) => {
      assertTree(`${file}: tree ${index}`, tree, sizes);
      this.#roots[index] = from;
      tree.nodes.forEach((node, at) => this.#put(from + at, from, node));
      from += tree.nodes.length;
    });
  }

  #put(at: number, root: number, node: ReadNode): void {
    this.#features[at] = node.feature;
    this.#thresholds[at] = node.threshold;
    this.#lefts[at] = root + node.left;
    this.#rights[at] = root + node.right;
    this.#flags[at] = 2 * node.missing + (node.defaultLeft ? 1 : 0);
    this.#values[at] = node.value;
  }

  get trees(): number {
    return this.#roots.length;
  }

  /** Adds the leaves that a row of inputs comes to, to the sums from `at` on, tree by tree in their order. */
  add(row: Float64Array, sums: Float64Array, at: number): void {
    const { single } = this.#sizes;
    const roots = this.#roots;
    for (let tree = 0; tree < roots.length; tree++) {
      const value = this.#values[this.#leafOf(row, roots[tree]!)]!;
      const to = at + this.#outputs[tree]!;
      sums[to] = single ? Math.fround(sums[to]! + value) : sums[to]! + value;
    }
  }

  #leafOf(row: Float64Array, root: number): number {
    let node = root;
    for (let feature = this.#features[node]!; feature >= 0; feature = this.#features[node]!) {
      const value = row[feature]!;
      const flag = this.#flags[node]!;
      const missing = flag >>> 1;
      const isMissing =
        value !== value ? missing !== MISSING.none : missing === MISSING.zero && value >= -ZERO && value <= ZERO;
      const known = value !== value ? 0 : value;
      const isLeft = isMissing ? (flag & 1) === 1 : known <= this.#thresholds[node]!;
      node = isLeft ? this.#lefts[node]! : this.#rights[node]!;
    }
    return node;
  }
}

/** Every node but the root hangs on one other, all of them on the root, and every number is one. */
function assertTree(place: string, { nodes, output }: ReadTree, { width, outputs }: TreeSizes): void {
  const fail = (node: number, why: string): never => {
    throw new InputError(`${place}, node ${node}: ${why}`, remedy);
  };
  if (nodes.length === 0) fail(0, 'the tree is empty');
  if (!(output >= 0 && output < outputs)) fail(0, `adds to output ${output}, and there are ${outputs}`);
  const depths = new Int32Array(nodes.length).fill(-1);
  depths[0] = 0;
  const open = [0];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const node = nodes[at]!;
    if (node.feature < 0) {
      if (!isNumber(node.value)) fail(at, `value ${node.value} is no finite number`);
      continue;
    }
    if (!(node.feature < width)) fail(at, `tests input ${node.feature}, and there are ${width}`);
    if (!isNumber(node.threshold)) fail(at, `threshold ${node.threshold} is no finite number`);
    if (depths[at] === DEPTH_MAX) fail(at, `is deeper than ${DEPTH_MAX}`);
    for (const child of [node.left, node.right]) {
      if (!(Number.isInteger(child) && child > 0 && child < nodes.length))
        fail(at, `child ${child} is not in the tree`);
      if (depths[child] !== -1) fail(at, `child ${child} hangs on another node too`);
      depths[child] = depths[at]! + 1;
      open.push(child);
    }
  }
  const loose = depths.indexOf(-1);
  if (loose !== -1) fail(loose, 'hangs on no other node');
}

const isNumber = (value: number): boolean => value >= -NUMBER_MAX && value <= NUMBER_MAX;
