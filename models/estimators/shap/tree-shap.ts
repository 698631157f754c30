import { InputError } from '../../../infra/errors.ts';
import { GradientBoostingModel } from '../boosting/gradient-boosting.ts';
import type { FittedModel } from '../estimator.ts';
import { RandomForestModel, TARGET_SPAN } from '../forest/random-forest.ts';
import { logOddsPerReturn } from '../network-output.ts';
import type { NetworkOutput } from '../network-output.ts';
import { runOnThreads } from '../threads/thread-pool.ts';
import { assertInput } from '../training-data.ts';
import type { FeatureBins } from '../trees/feature-bins.ts';
import { isLeaf } from '../trees/packed-node.ts';
import type { PackedTrees } from '../trees/packed-node.ts';
import { doubleArray } from '../trees/shared-array.ts';
import { explainRows } from './explain-rows.ts';
import type { CompiledTrees, ExplainJob } from './explain-rows.ts';
import { gaussLegendre } from './gauss-legendre.ts';
import { compilePatterns, havePatterns } from './pattern-program.ts';
import { POINTS, compileTrees } from './tree-program.ts';
import type { Quadrature } from './tree-program.ts';

interface Explained {
  readonly kind: string;
  readonly featureNames: readonly string[];
  readonly bins: FeatureBins;
  readonly trees: PackedTrees;
}

/** What the values of a model mean. */
export type ShapUnit = 'probability' | 'log-odds';

interface ShapOptions {
  readonly scale: number;
  readonly base: number;
  readonly unit: ShapUnit;
  /** Look shallow trees up in tables. */
  readonly tables: boolean;
}

/**
 * Nodes compiled at a time: their tables take about 65 MB. Larger models are compiled in parts, again at every call.
 */
const NODES_COMPILED = 500_000;

/**
 * Exact path-dependent SHAP values of a sum of trees (Lundberg et al. 2020). A leaf of value v gives feature i `v (o_i
 * - z_i)` times the integral over t in 0..1 of the product of `z_j + (o_j - z_j) t` over the path's other features
 * (`tree-program.ts` says what o and z are). That is a polynomial of degree below the number of features on the path,
 * so Gauss-Legendre with half as many points is exact: running products go down the edges, sums of subtrees come up,
 * and the work per row is edges times depth / 2. For many rows it is all in
 * tables where trees are shallow (`pattern-program.ts`).
 */
export class TreeShap {
  /** What the values of a row add up from: the mean prediction over the training rows. */
  readonly baseValue: number;
  /** Unit of base and values. */
  readonly unit: ShapUnit;
  readonly #model: Explained;
  readonly #scale: number;
  readonly #patterns: boolean;
  readonly #quadratures: readonly Quadrature[];
  readonly #parts: readonly { readonly from: number; readonly to: number }[];
  /** Compiled once when the whole model fits into one part. */
  #compiled: CompiledTrees | null = null;

  constructor(model: Explained, options: ShapOptions) {
    this.#model = model;
    this.#patterns = options.tables && havePatterns(model.trees);
    this.#scale = options.scale;
    this.unit = options.unit;
    this.#quadratures = quadraturesFor(Math.max(1, ...model.trees.depths));
    this.#parts = partsOf(model.trees);
    this.baseValue = options.base + meanOf(model.trees) * options.scale;
  }

  /**
   * SHAP values of `rows` rows of row-major `x`: `rows * width`, each row adding up to its prediction minus
   * `baseValue`.
   */
  explain(x: Float64Array, rows: number): Float64Array {
    assertInput(x, rows, this.#model);
    const values = new Float64Array(rows * this.#model.trees.width);
    for (const part of this.#parts) {
      const programs = this.#compile(part);
      explainRows({ bins: this.#model.bins, programs, x, rows, values, control: new Int32Array(2) });
    }
    return this.#scaled(values);
  }

  /** The same values, to the last bit, by threads of the pool. */
  async explainOnThreads(
    x: Float64Array,
    rows: number,
    options: { threads: number; signal?: AbortSignal },
  ): Promise<Float64Array> {
    assertInput(x, rows, this.#model);
    const values = doubleArray(rows * this.#model.trees.width, true);
    const given = doubleArray(x.length, true);
    given.set(x);
    for (const part of this.#parts) {
      const control = new Int32Array(new SharedArrayBuffer(8));
      const job: ExplainJob = {
        bins: this.#model.bins,
        programs: this.#compile(part),
        x: given,
        rows,
        values,
        control,
      };
      await runOnThreads({
        job: 'explain-rows',
        threads: options.threads,
        data: () => job,
        onAbort: () => Atomics.store(control, 1, 1),
        signal: options.signal,
      });
    }
    return this.#scaled(values.slice());
  }

  #compile(part: { from: number; to: number }): CompiledTrees {
    if (this.#compiled !== null) return this.#compiled;
    const { trees } = this.#model;
    const compiled: CompiledTrees = this.#patterns
      ? { kind: 'patterns', patterns: compilePatterns(trees) }
      : { kind: 'walks', walks: this.#quadratures.map((quadrature) => compileTrees(trees, part, quadrature)) };
    if (this.#parts.length === 1) this.#compiled = compiled;
    return compiled;
  }

  #scaled(values: Float64Array): Float64Array {
    for (let i = 0; i < values.length; i++) values[i]! *= this.#scale;
    return values;
  }
}

/**
 * Points that are exact for paths of `depth` features, six at a time; the last six are filled up with points of no
 * weight.
 */
function quadraturesFor(depth: number): Quadrature[] {
  const count = Math.ceil(depth / 2);
  const passes = Math.ceil(count / POINTS);
  // Four or five points take as long as six.
  const { points, weights } = gaussLegendre(passes > 1 || count <= 3 ? count : POINTS);
  return Array.from({ length: passes }, (_, pass) => {
    const own = points.subarray(pass * POINTS, (pass + 1) * POINTS);
    const some = { count: own.length, points: new Float64Array(POINTS).fill(0.5), weights: new Float64Array(POINTS) };
    some.points.set(own);
    some.weights.set(weights.subarray(pass * POINTS, (pass + 1) * POINTS));
    return some;
  });
}

function partsOf({ offsets, depths }: PackedTrees): { from: number; to: number }[] {
  const parts: { from: number; to: number }[] = [];
  for (let from = 0; from < depths.length;) {
    let to = from + 1;
    while (to < depths.length && offsets[to + 1]! - offsets[from]! <= NODES_COMPILED) to++;
    parts.push({ from, to });
    from = to;
  }
  return parts;
}

/** Sum over the trees of their mean leaf value by training weight. */
function meanOf(trees: PackedTrees): number {
  let mean = 0;
  for (let tree = 0; tree < trees.depths.length; tree++) {
    const from = trees.offsets[tree]!;
    let own = 0;
    for (let node = from; node < trees.offsets[tree + 1]!; node++) {
      if (isLeaf(trees.nodes[node]!)) own += trees.values[node]! * trees.covers[node]!;
    }
    mean += own / trees.covers[from]!;
  }
  return mean;
}

/**
 * The explainer of a tree model. Throws an InputError for other kinds: their explanations need another method. With
 * `tables` shallow trees are worked out beforehand, which pays from thousands of rows on: half of the time, and values
 * that differ by rounding alone.
 */
export function treeShapOf(model: FittedModel, { tables = false }: { readonly tables?: boolean } = {}): TreeShap {
  if (model instanceof RandomForestModel) {
    const scale = 1 / model.trees.depths.length;
    const { output } = model.body;
    if (output.objective === 'classification')
      return new TreeShap(model, { scale, base: 0, unit: 'probability', tables });
    return returnShap(model, output, { scale: scale * TARGET_SPAN, base: -TARGET_SPAN / 2, tables });
  }
  if (model instanceof GradientBoostingModel) {
    const { output, base } = model.body;
    if (output.objective === 'classification') return new TreeShap(model, { scale: 1, base, unit: 'log-odds', tables });
    return returnShap(model, output, { scale: 1, base, tables });
  }
  throw new InputError(
    `tree SHAP explains random-forest and gradient-boosting, not "${model.kind}"`,
    'use permutation importance or a sampled method for other models',
  );
}

/** Of a regression the log-odds of a positive return, which rise in proportion to the expected return. */
function returnShap(
  model: Explained,
  output: NetworkOutput & { objective: 'regression' },
  raw: { scale: number; base: number; tables: boolean },
): TreeShap {
  const slope = logOddsPerReturn(output);
  return new TreeShap(model, {
    scale: raw.scale * output.deviation * slope,
    tables: raw.tables,
    base: (output.mean + raw.base * output.deviation) * slope,
    unit: 'log-odds',
  });
}
