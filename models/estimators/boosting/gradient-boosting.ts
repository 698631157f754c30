import { z } from 'zod';
import { InputError } from '../../../infra/errors.ts';
import { takeRows } from '../../dataset.ts';
import type { Dataset } from '../../dataset.ts';
import type { Estimator, FittedModel, SerialisedModel } from '../estimator.ts';
import { parseBody, sealModel, verifyModel } from '../serialised-model.ts';
import { purgedTail } from '../time-blocks.ts';
import { assertInput, assertTrainable, outputOf, weightedPrior } from '../training-data.ts';
import { BINS_MAX, Binner, fitBins } from '../trees/feature-bins.ts';
import type { FeatureBins } from '../trees/feature-bins.ts';
import { joinTrees } from '../trees/grown-tree.ts';
import type { PackedTrees } from '../trees/packed-node.ts';
import { TreeWalker } from '../trees/tree-walker.ts';
import { readTrees, treeLayoutSchema, writeTrees } from '../trees/tree-weights.ts';
import { packWords } from './boosting-plan.ts';
import type { BoostingPlan } from './boosting-plan.ts';
import { boost } from './boosting-rounds.ts';
import type { BinnedRows } from './boosting-rounds.ts';

const KIND = 'gradient-boosting';
const FORMAT_VERSION = 1;
/** Fewer rows on either side of the validation cut say nothing about when to stop. */
const VALIDATION_ROWS_MIN = 20;

const params = z.strictObject({
  /** Most trees; early stopping usually ends sooner. */
  rounds: z.int().positive().max(10_000).default(300),
  learningRate: z.number().positive().max(1).default(0.05),
  maxDepth: z.int().min(1).max(12).default(4),
  /** Least sum of row weights times p (1 - p) in a leaf. */
  leafHessianMin: z.number().min(0).default(5),
  lambda: z.number().min(0).default(1),
  gainMin: z.number().min(0).default(0),
  rowFraction: z.number().positive().max(1).default(0.8),
  featureFraction: z.number().positive().max(1).default(0.8),
  maxBins: z.int().min(2).max(BINS_MAX).default(BINS_MAX),
  /** Share of the rows at the end of the training time, purged, that early stopping judges by; 0 grows all rounds. */
  validationFraction: z.number().min(0).max(0.5).default(0.15),
  patience: z.int().min(1).default(30),
  /** Features whose rise may only raise (1) or only lower (-1) the probability. */
  monotone: z.record(z.string(), z.union([z.literal(1), z.literal(-1)])).default({}),
});

export type GradientBoostingParams = z.infer<typeof params>;

const bodySchema = z.strictObject({
  params,
  layout: treeLayoutSchema,
  base: z.number(),
  validationLoss: z.array(z.number()),
});

type Body = z.infer<typeof bodySchema>;

/** Boosted trees: a sigmoid of the base score and the sum of the trees' leaf values. */
export class GradientBoostingModel implements FittedModel {
  readonly kind = KIND;
  readonly featureNames: readonly string[];
  readonly body: Omit<Body, 'layout'>;
  readonly bins: FeatureBins;
  readonly trees: PackedTrees;
  private readonly walker: TreeWalker;

  constructor(
    featureNames: readonly string[],
    body: Omit<Body, 'layout'>,
    parts: { bins: FeatureBins; trees: PackedTrees },
  ) {
    this.featureNames = featureNames;
    this.body = body;
    this.bins = parts.bins;
    this.trees = parts.trees;
    this.walker = new TreeWalker(parts.trees, parts.bins);
  }

  predict(x: Float64Array, rows: number, out?: Float64Array): Float64Array {
    assertInput(x, rows, this);
    const result = outputOf(rows, out);
    this.walker.sum(x, rows, result);
    for (let row = 0; row < rows; row++) result[row] = 1 / (1 + Math.exp(-(this.body.base + result[row]!)));
    return result;
  }

  serialise(): SerialisedModel {
    const { layout, weights } = writeTrees(this.bins, this.trees);
    const { featureNames } = this;
    return sealModel({
      kind: KIND,
      formatVersion: FORMAT_VERSION,
      featureNames,
      body: { ...this.body, layout },
      weights,
    });
  }

  dispose(): void {
    // Arrays only: the garbage collector frees them.
  }
}

function monotoneOf(settings: GradientBoostingParams, featureNames: readonly string[]): Int8Array | null {
  const directions = new Int8Array(featureNames.length);
  for (const [name, direction] of Object.entries(settings.monotone)) {
    const feature = featureNames.indexOf(name);
    if (feature < 0) {
      throw new InputError(`monotone: there is no feature "${name}"`, `features are: ${featureNames.join(', ')}`);
    }
    directions[feature] = direction;
  }
  return directions.some((direction) => direction !== 0) ? directions : null;
}

function binnedRows(dataset: Dataset, binner: Binner): BinnedRows {
  const byColumn = new Uint8Array(dataset.rows * dataset.width);
  binner.binMatrix(dataset.x, dataset.rows, new Uint8Array(byColumn.length), byColumn);
  return { rows: dataset.rows, byColumn, y: dataset.y, weight: dataset.weight };
}

/** Log-odds of the prior, held within what half a row could say, so that one class alone has a finite score. */
function baseOf(dataset: Dataset): number {
  const least = 0.5 / (dataset.rows + 1);
  const prior = Math.min(1 - least, Math.max(least, weightedPrior(dataset)));
  return Math.log(prior / (1 - prior));
}

/**
 * Gradient boosting of histogram trees on the log-loss (Friedman 2001; second order as Chen and Guestrin 2016), gradients
 * quantised to exact integers, missing values sent to the better side, early stopping on a purged stretch at the end.
 */
export const gradientBoosting: Estimator<GradientBoostingParams> = {
  kind: KIND,
  params,
  async fit(dataset, settings, context) {
    assertTrainable(dataset);
    context.signal?.throwIfAborted();
    const monotone = monotoneOf(settings, dataset.featureNames);
    const tail = purgedTail(dataset, settings.validationFraction, VALIDATION_ROWS_MIN);
    const learning = tail === null ? dataset : takeRows(dataset, tail.train);
    const bins = fitBins(learning.x, learning.rows, learning.width, settings.maxBins);
    const binner = new Binner(bins);
    const train = binnedRows(learning, binner);
    const validation = tail === null ? null : binnedRows(takeRows(dataset, tail.validation), binner);
    const plan: BoostingPlan = {
      ...settings,
      rows: train.rows,
      width: dataset.width,
      words: packWords(train.byColumn, train.rows, dataset.width),
      monotone,
    };
    const base = baseOf(learning);
    const { trees, validationLoss } = await boost(plan, { train, validation }, { ...settings, base }, context);
    const body = { params: settings, base, validationLoss };
    return new GradientBoostingModel(dataset.featureNames, body, { bins, trees: joinTrees(trees, dataset.width) });
  },
  async load(serialised) {
    verifyModel(serialised, { kind: KIND, formatVersion: FORMAT_VERSION });
    const { layout, ...body } = parseBody(serialised, bodySchema);
    const parts = readTrees(layout, serialised.weights, serialised.featureNames.length);
    return new GradientBoostingModel(serialised.featureNames, body, parts);
  },
};
