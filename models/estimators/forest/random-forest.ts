import { z } from 'zod';
import type { Dataset } from '../../dataset.ts';
import type { Estimator, FitContext, FittedModel, SerialisedModel } from '../estimator.ts';
import { parseBody, sealModel, verifyModel } from '../serialised-model.ts';
import { assertInput, assertTrainable, outputOf } from '../training-data.ts';
import { BINS_MAX, Binner, fitBins } from '../trees/feature-bins.ts';
import type { FeatureBins } from '../trees/feature-bins.ts';
import { joinTrees } from '../trees/grown-tree.ts';
import type { PackedTrees } from '../trees/packed-node.ts';
import { byteArray, doubleArray, integerArray } from '../trees/shared-array.ts';
import { TreeWalker } from '../trees/tree-walker.ts';
import { readTrees, treeLayoutSchema, writeTrees } from '../trees/tree-weights.ts';
import { balancedWeights } from './balanced-weights.ts';
import type { ForestPlan } from './forest-plan.ts';
import { forestThreads, growForest } from './grow-forest.ts';
import { quantiseTarget } from './quantised-target.ts';

const KIND = 'random-forest';
const FORMAT_VERSION = 1;

const params = z.strictObject({
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

const bodySchema = z.strictObject({ params, layout: treeLayoutSchema });

function planOf(dataset: Dataset, settings: RandomForestParams, context: FitContext, bins: FeatureBins): ForestPlan {
  const { rows, width } = dataset;
  const shared = forestThreads(rows, settings.trees, context) > 0;
  const byColumn = byteArray(rows * width, shared);
  const rowBytes = 4 * Math.ceil(width / 4);
  const words = integerArray((rows * rowBytes) / 4, shared);
  new Binner(bins).binMatrix(dataset.x, rows, { bins: new Uint8Array(words.buffer), stride: rowBytes }, byColumn);
  const weight = settings.classWeight === 'balanced' ? balancedWeights(dataset) : dataset.weight;
  const target = quantiseTarget(dataset.y, weight);
  const packed = doubleArray(rows, shared);
  packed.set(target.packed);
  let total = 0;
  let positive = 0;
  for (let row = 0; row < rows; row++) {
    total += weight[row]!;
    positive += weight[row]! * dataset.y[row]!;
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

/** A fitted forest: the mean of its trees' leaf values. */
export class RandomForestModel implements FittedModel {
  readonly kind = KIND;
  readonly featureNames: readonly string[];
  readonly params: RandomForestParams;
  readonly bins: FeatureBins;
  readonly trees: PackedTrees;
  private readonly walker: TreeWalker;

  constructor(parts: {
    featureNames: readonly string[];
    params: RandomForestParams;
    bins: FeatureBins;
    trees: PackedTrees;
  }) {
    this.featureNames = parts.featureNames;
    this.params = parts.params;
    this.bins = parts.bins;
    this.trees = parts.trees;
    this.walker = new TreeWalker(parts.trees, parts.bins);
  }

  predict(x: Float64Array, rows: number, out?: Float64Array): Float64Array {
    assertInput(x, rows, this);
    const result = outputOf(rows, out);
    this.walker.sum(x, rows, result);
    const count = this.trees.depths.length;
    for (let row = 0; row < rows; row++) result[row]! /= count;
    return result;
  }

  serialise(): SerialisedModel {
    const { layout, weights } = writeTrees(this.bins, this.trees);
    const body = { params: this.params, layout };
    return sealModel({ kind: KIND, formatVersion: FORMAT_VERSION, featureNames: this.featureNames, body, weights });
  }

  dispose(): void {
    // Arrays only: the garbage collector frees them.
  }
}

/**
 * Random forest of histogram trees (Breiman 2001; Gini splits over at most 254 quantile bins per feature), missing values
 * in a bin of their own that each split sends to the better side. Equal for any number of threads.
 */
export const randomForest: Estimator<RandomForestParams> = {
  kind: KIND,
  params,
  async fit(dataset, settings, context) {
    assertTrainable(dataset);
    context.signal?.throwIfAborted();
    const bins = fitBins(dataset.x, dataset.rows, dataset.width, settings.maxBins);
    const grown = await growForest(planOf(dataset, settings, context, bins), settings.trees, context);
    const trees = joinTrees(grown, dataset.width);
    return new RandomForestModel({ featureNames: dataset.featureNames, params: settings, bins, trees });
  },
  async load(serialised) {
    verifyModel(serialised, { kind: KIND, formatVersion: FORMAT_VERSION });
    const body = parseBody(serialised, bodySchema);
    const { bins, trees } = readTrees(body.layout, serialised.weights, serialised.featureNames.length);
    return new RandomForestModel({ featureNames: serialised.featureNames, params: body.params, bins, trees });
  },
};
