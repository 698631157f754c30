import { InputError } from '../../../infra/errors.ts';
import { GradientBoostingModel } from '../boosting/gradient-boosting.ts';
import type { FittedModel } from '../estimator.ts';
import { RandomForestModel } from '../forest/random-forest.ts';
import { assertInput } from '../training-data.ts';
import { Binner } from '../trees/feature-bins.ts';
import type { FeatureBins } from '../trees/feature-bins.ts';
import type { PackedTrees } from '../trees/packed-node.ts';
import { edgeTable } from './edge-table.ts';
import type { EdgeTable } from './edge-table.ts';
import { gaussLegendre } from './gauss-legendre.ts';

interface Explained {
  readonly kind: string;
  readonly featureNames: readonly string[];
  readonly bins: FeatureBins;
  readonly trees: PackedTrees;
}

/** Rows explained against one tree before the next, so that its tables stay in cache. */
const BLOCK = 256;

/**
 * Exact path-dependent SHAP values of a sum of trees (Lundberg et al. 2020). A leaf of value v gives feature i
 * `v (o_i - z_i)` times the integral over t in 0..1 of the product of `z_j + (o_j - z_j) t` over the path's other features.
 * That is a polynomial of degree below the depth, so Gauss-Legendre with half the depth's points is exact: running
 * products go down the edges, sums of subtrees come up, and the work per row is edges times depth / 2.
 */
export class TreeShap {
  /** What the values of a row add up from: the mean prediction over the training rows. */
  readonly baseValue: number;
  /** Unit of base and values. */
  readonly unit: 'probability' | 'log-odds';
  private readonly model: Explained;
  private readonly scale: number;
  private readonly binner: Binner;
  private readonly tables: readonly EdgeTable[];
  private readonly weights: Float64Array;
  private readonly coldTerm: Float64Array;
  private readonly products: Float64Array;
  private readonly sums: Float64Array;
  private readonly hot: Uint8Array;
  private readonly block: Uint8Array;

  constructor(model: Explained, options: { scale: number; base: number; unit: 'probability' | 'log-odds' }) {
    this.model = model;
    this.scale = options.scale;
    this.unit = options.unit;
    this.binner = new Binner(model.bins);
    const deepest = Math.max(1, ...model.trees.depths);
    const { points, weights } = gaussLegendre(Math.ceil(deepest / 2));
    this.weights = weights;
    this.coldTerm = points.map((t) => 1 / (1 - t));
    this.tables = Array.from(model.trees.depths, (_, tree) => edgeTable(model.trees, tree, points));
    const edgesMax = Math.max(1, ...this.tables.map((table) => table.count));
    this.products = new Float64Array(edgesMax * points.length);
    this.sums = new Float64Array(edgesMax * points.length);
    this.hot = new Uint8Array(edgesMax);
    this.block = new Uint8Array(BLOCK * 2 * model.trees.width);
    this.baseValue = options.base + this.tables.reduce((total, table) => total + table.mean, 0) * options.scale;
  }

  /** SHAP values of `rows` rows of row-major `x`: `rows * width`, each row adding up to its prediction minus `baseValue`. */
  explain(x: Float64Array, rows: number): Float64Array {
    assertInput(x, rows, this.model);
    const { width } = this.model.trees;
    const values = new Float64Array(rows * width);
    for (let from = 0; from < rows; from += BLOCK) {
      const count = Math.min(BLOCK, rows - from);
      for (let i = 0; i < count; i++) this.binner.binRow(x, (from + i) * width, this.block, i * 2 * width);
      for (const table of this.tables) {
        for (let i = 0; i < count; i++) {
          this.descend(table, i * 2 * width);
          this.ascend(table, values.subarray((from + i) * width, (from + i + 1) * width));
        }
      }
    }
    for (let i = 0; i < values.length; i++) values[i]! *= this.scale;
    return values;
  }

  /** Marks each edge hot or cold for the row and carries the products down; at a leaf they become its weighted value. */
  private descend(table: EdgeTable, at: number): void {
    const { products, sums, hot, block, weights } = this;
    const { count, parent, above, column, bin, right, leaf, value, shareRatio, hotRatio, coldRatio } = table;
    const points = weights.length;
    hot[0] = 1;
    for (let q = 0; q < points; q++) products[q] = 1;
    for (let q = 0; q < points; q++) sums[q] = leaf[0] === 1 ? value[0]! * weights[q]! : 0;
    for (let edge = 1; edge < count; edge++) {
      const from = parent[edge]! * points;
      const to = edge * points;
      const passes = (bin[edge]! - block[at + column[edge]!]!) >>> 31 === right[edge] ? 1 : 0;
      const hotAbove = hot[above[edge]!]!;
      hot[edge] = passes & hotAbove;
      if (hotAbove === 0) {
        const ratio = shareRatio[edge]!;
        for (let q = 0; q < points; q++) products[to + q] = products[from + q]! * ratio;
      } else {
        const ratios = passes === 1 ? hotRatio : coldRatio;
        for (let q = 0; q < points; q++) products[to + q] = products[from + q]! * ratios[to + q]!;
      }
      if (leaf[edge] === 1) {
        const own = value[edge]!;
        for (let q = 0; q < points; q++) sums[to + q] = products[to + q]! * own * weights[q]!;
      } else for (let q = 0; q < points; q++) sums[to + q] = 0;
    }
  }

  /** Adds subtree sums upwards. An edge adds its own term and takes away that of the edge above for the same leaves. */
  private ascend(table: EdgeTable, values: Float64Array): void {
    const { sums, hot, coldTerm } = this;
    const { parent, above, column, hotTerm } = table;
    const points = coldTerm.length;
    for (let edge = table.count - 1; edge > 0; edge--) {
      const at = edge * points;
      const to = parent[edge]! * points;
      const over = above[edge]!;
      let term = 0;
      if (hot[edge] === 1) {
        for (let q = 0; q < points; q++) term += sums[at + q]! * hotTerm[at + q]!;
      } else if (hot[over] === 1) {
        for (let q = 0; q < points; q++) term -= sums[at + q]! * coldTerm[q]!;
      }
      // Both cold: the two terms are equal and cancel.
      if (over !== 0 && hot[over] === 1) {
        const up = over * points;
        for (let q = 0; q < points; q++) term -= sums[at + q]! * hotTerm[up + q]!;
      }
      for (let q = 0; q < points; q++) sums[to + q]! += sums[at + q]!;
      values[column[edge]! >> 1]! += term;
    }
  }
}

/** The explainer of a tree model. Throws an InputError for other kinds: their explanations need another method. */
export function treeShapOf(model: FittedModel): TreeShap {
  if (model instanceof RandomForestModel) {
    return new TreeShap(model, { scale: 1 / model.trees.depths.length, base: 0, unit: 'probability' });
  }
  if (model instanceof GradientBoostingModel) {
    return new TreeShap(model, { scale: 1, base: model.body.base, unit: 'log-odds' });
  }
  throw new InputError(
    `tree SHAP explains random-forest and gradient-boosting, not "${model.kind}"`,
    'use permutation importance or a sampled method for other models',
  );
}
