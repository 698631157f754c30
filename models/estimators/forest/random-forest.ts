import { z } from 'zod';
import type { Dataset } from '../../dataset.ts';
import type { Estimator, FitContext, FittedModel, SerialisedModel } from '../estimator.ts';
import { parseBody, sealModel, verifyModel } from '../serialised-model.ts';
import { expectedReturnOf, networkOutputSchema, probabilityOfOutput, targetsOf } from '../network-output.ts';
import { assertInput, assertTrainable, outputOf } from '../training-data.ts';
import { BINS_MAX, Binner, fitBins } from '../trees/feature-bins.ts';
import type { FeatureBins } from '../trees/feature-bins.ts';
import { joinTrees } from '../trees/grown-tree.ts';
import type { PackedTrees } from '../trees/packed-node.ts';
import { returnResidual } from '../trees/return-residual.ts';
import { byteArray, doubleArray, integerArray } from '../trees/shared-array.ts';
import { sumOnThreads } from '../trees/sum-on-threads.ts';
import { TreeWalker } from '../trees/tree-walker.ts';
import { readTrees, treeLayoutSchema, writeTrees } from '../trees/tree-weights.ts';
import { balancedWeights } from '../trees/balanced-weights.ts';
import type { ForestPlan } from './forest-plan.ts';
import { forestThreads, growForest } from './grow-forest.ts';
import { outOfBagMeans } from './out-of-bag.ts';
import { quantiseTarget } from './quantised-target.ts';

const KIND = 'random-forest';
const FORMAT_VERSION = 2;
/** A regression's targets, at most six deviations from the mean, as numbers from 0 to 1. */
export const TARGET_SPAN = 12;

const params = z.strictObject({
  /**
   * `classification` learns the label; `regression` learns the realised return over the label's horizon and says from
   * it how likely a positive one is.
   */
  objective: z.enum(['classification', 'regression']).default('classification'),
  trees: z.int().positive().max(5000).default(200),
  /** Splits from root to leaf; a tree also ends at 131,072 nodes (fewer above 64 features, see `packed-node.ts`). */
  maxDepth: z.int().min(1).max(24).default(8),
  /** Least sum of row weights (mean 1) in a leaf. */
  minLeafRows: z.number().positive().default(5),
  /** Features tried at each node: `sqrt` of all, a share of all, or a number. */
  features: z.union([z.literal('sqrt'), z.literal('all'), z.int().positive()]).default('sqrt'),
  /** Rows of each tree: drawn with replacement (`bootstrap`) or without (`subset`). */
  sampling: z.enum(['bootstrap', 'subset']).default('subset'),
  /** Share of the rows drawn for each tree. */
  rowFraction: z.number().positive().max(1).default(0.632),
  /** `balanced` weighs the classes equally; probabilities then need calibration. */
  classWeight: z.enum(['none', 'balanced']).default('none'),
  /** Rows of the prior added to every leaf: small leaves do not say 0 or 1. */
  leafShrinkage: z.number().min(0).default(4),
  maxBins: z.int().min(2).max(BINS_MAX).default(BINS_MAX),
});

export type RandomForestParams = z.infer<typeof params>;

const bodySchema = z.strictObject({ params, output: networkOutputSchema, layout: treeLayoutSchema });

type Body = Omit<z.infer<typeof bodySchema>, 'layout'>;

function planOf(
  { dataset, labels, bins }: { dataset: Dataset; labels: Float64Array; bins: FeatureBins },
  settings: RandomForestParams,
  context: FitContext,
): ForestPlan {
  const { rows, width } = dataset;
  const shared = forestThreads(rows, settings.trees, context) > 0;
  const byColumn = byteArray(rows * width, shared);
  const rowBytes = 4 * Math.ceil(width / 4);
  const words = integerArray((rows * rowBytes) / 4, shared);
  new Binner(bins).binMatrix(dataset.x, rows, { bins: new Uint8Array(words.buffer), stride: rowBytes }, byColumn);
  const weight = settings.classWeight === 'balanced' ? balancedWeights(dataset) : dataset.weight;
  const target = quantiseTarget(labels, weight);
  const packed = doubleArray(rows, shared);
  packed.set(target.packed);
  let total = 0;
  let positive = 0;
  for (let row = 0; row < rows; row++) {
    total += weight[row]!;
    positive += weight[row]! * labels[row]!;
  }
  const wanted = settings.features === 'sqrt' ? Math.round(Math.sqrt(width)) : settings.features;
  return {
    rows,
    width,
    byColumn,
    words,
    rowBytes,
    packed,
    unit: target.unit,
    maxDepth: settings.maxDepth,
    leafUnitsMin: settings.minLeafRows * target.unit,
    shrinkUnits: settings.leafShrinkage * target.unit,
    prior: positive / total,
    featuresPerNode: wanted === 'all' ? width : Math.max(1, Math.min(width, wanted)),
    bootstrap: settings.sampling === 'bootstrap',
    rowFraction: settings.rowFraction,
    seed: `forest-${context.random.fork(KIND).next()}`,
  };
}

function everyRow(rows: number): Int32Array {
  const every = new Int32Array(rows);
  for (let row = 0; row < rows; row++) every[row] = row;
  return every;
}

const shareOf = (raw: number): number => raw / TARGET_SPAN + 0.5;

/** Deviations from the mean return that a forest's mean stands for. */
const rawOf = (mean: number): number => (mean - 0.5) * TARGET_SPAN;

/** A fitted forest: the mean of its trees' leaf values. */
export class RandomForestModel implements FittedModel {
  readonly kind = KIND;
  readonly featureNames: readonly string[];
  readonly body: Body;
  readonly bins: FeatureBins;
  readonly trees: PackedTrees;
  readonly #walker: TreeWalker;

  constructor(featureNames: readonly string[], body: Body, parts: { bins: FeatureBins; trees: PackedTrees }) {
    this.featureNames = featureNames;
    this.body = body;
    this.bins = parts.bins;
    this.trees = parts.trees;
    this.#walker = new TreeWalker(parts.trees, parts.bins);
  }

  predict(x: Float64Array, rows: number, out?: Float64Array): Float64Array {
    const result = this.#means(x, rows, out);
    const { output } = this.body;
    if (output.objective === 'classification') return result;
    for (let row = 0; row < rows; row++) result[row] = probabilityOfOutput(output, rawOf(result[row]!));
    return result;
  }

  /** Expected return of each row over the label's horizon; null for a forest that learned classes. */
  predictReturn(x: Float64Array, rows: number): Float64Array | null {
    const { output } = this.body;
    if (output.objective !== 'regression') return null;
    return this.#means(x, rows, undefined).map((mean) => expectedReturnOf(output, rawOf(mean))!);
  }

  /**
   * The same probabilities, to the last bit, by threads of the pool: worth it from about 20,000 rows. An `x` in a
   * SharedArrayBuffer is read where it lies, another is copied (100 trees of depth 12 on two threads: 1.7 and 1.5
   * million rows a second).
   */
  async predictOnThreads(x: Float64Array, rows: number, threads: number): Promise<Float64Array> {
    assertInput(x, rows, this);
    const sums = await sumOnThreads(this, { x, rows, threads });
    const count = this.trees.depths.length;
    const { output } = this.body;
    if (output.objective === 'classification') return sums.map((sum) => sum / count);
    return sums.map((sum) => probabilityOfOutput(output, rawOf(sum / count)));
  }

  #means(x: Float64Array, rows: number, out: Float64Array | undefined): Float64Array {
    assertInput(x, rows, this);
    const result = outputOf(rows, out);
    this.#walker.sum(x, rows, result);
    const count = this.trees.depths.length;
    for (let row = 0; row < rows; row++) result[row]! /= count;
    return result;
  }

  serialise(): SerialisedModel {
    const { layout, weights } = writeTrees(this.bins, this.trees);
    const body = { ...this.body, layout };
    return sealModel({ kind: KIND, formatVersion: FORMAT_VERSION, featureNames: this.featureNames, body, weights });
  }

  dispose(): void {
    // Arrays only: the garbage collector frees them.
  }
}

/**
 * Random forest of histogram trees (Breiman 2001; Gini splits over at most 254 quantile bins per feature), missing
 * values in a bin of their own that each split sends to the better side. Equal for any number of threads.
 */
export const randomForest: Estimator<RandomForestParams> = {
  kind: KIND,
  params,
  async fit(dataset, settings, context) {
    assertTrainable(dataset);
    context.signal?.throwIfAborted();
    const { target, output } = targetsOf(dataset, everyRow(dataset.rows), settings.objective);
    const raw = new Float64Array(target);
    const scaled = output.objective === 'regression' ? raw.map(shareOf) : raw;
    const bins = fitBins(dataset.x, dataset.rows, dataset.width, settings.maxBins);
    const plan = planOf({ dataset, labels: scaled, bins }, settings, context);
    const grown = await growForest(plan, settings.trees, context);
    const parts = { bins, trees: joinTrees(grown, dataset.width) };
    if (output.objective === 'classification') {
      return new RandomForestModel(dataset.featureNames, { params: settings, output }, parts);
    }
    // Rows that a tree was grown from say nothing of what it misses by.
    const unseen = outOfBagMeans(plan, grown).map((mean) => expectedReturnOf(output, rawOf(mean))!);
    const residual = returnResidual(dataset, unseen) || output.deviation;
    return new RandomForestModel(dataset.featureNames, { params: settings, output: { ...output, residual } }, parts);
  },
  async load(serialised) {
    verifyModel(serialised, { kind: KIND, formatVersion: FORMAT_VERSION });
    const { layout, ...body } = parseBody(serialised, bodySchema);
    const parts = readTrees(layout, serialised.weights, serialised.featureNames.length);
    return new RandomForestModel(serialised.featureNames, body, parts);
  },
};
