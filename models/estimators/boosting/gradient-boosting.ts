import { z } from 'zod';
import { InputError } from '../../../infra/errors.ts';
import { takeRows } from '../../dataset.ts';
import type { Dataset } from '../../dataset.ts';
import type { Estimator, FittedModel, SerialisedModel } from '../estimator.ts';
import { parseBody, sealModel, verifyModel } from '../serialised-model.ts';
import { purgedTail } from '../time-blocks.ts';
import { assertInput, outputOf, trainableRows, weightedPrior, withMeanWeight } from '../training-data.ts';
import { expectedReturnOf, networkOutputSchema, probabilityOfOutput, targetsOf } from '../network-output.ts';
import { balancedWeights } from '../trees/balanced-weights.ts';
import { BINS_MAX, Binner, fitBins } from '../trees/feature-bins.ts';
import type { FeatureBins } from '../trees/feature-bins.ts';
import { joinTrees } from '../trees/grown-tree.ts';
import type { PackedTrees } from '../trees/packed-node.ts';
import { sumOnThreads } from '../trees/sum-on-threads.ts';
import { TreeWalker } from '../trees/tree-walker.ts';
import { readTrees, treeLayoutSchema, writeTrees } from '../trees/tree-weights.ts';
import { byteArray, doubleArray, integerArray } from '../trees/shared-array.ts';
import { returnResidual } from '../trees/return-residual.ts';
import { boost, boostingThreads } from './boost-team.ts';
import { groupsOf } from './boosting-plan.ts';
import type { BinnedRows, BoostingPlan } from './boosting-plan.ts';

const KIND = 'gradient-boosting';
const FORMAT_VERSION = 2;
/** Fewer rows on either side of the validation cut say nothing about when to stop. */
const VALIDATION_ROWS_MIN = 20;

const params = z.strictObject({
  /**
   * `classification` learns the label; `regression` learns the realised return over the label's horizon by squared
   * error and says from it how likely a positive one is.
   */
  objective: z.enum(['classification', 'regression']).default('classification'),
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
  /** `balanced` weighs the classes equally; probabilities then need calibration. */
  classWeight: z.enum(['none', 'balanced']).default('none'),
  /** Features whose rise may only raise (1) or only lower (-1) the probability. */
  monotone: z.record(z.string(), z.union([z.literal(1), z.literal(-1)])).default({}),
});

export type GradientBoostingParams = z.infer<typeof params>;

const bodySchema = z.strictObject({
  params,
  layout: treeLayoutSchema,
  output: networkOutputSchema,
  /** Sum before the first tree: log-odds of the prior, 0 for a regression. */
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
  readonly #walker: TreeWalker;

  constructor(
    featureNames: readonly string[],
    body: Omit<Body, 'layout'>,
    parts: { bins: FeatureBins; trees: PackedTrees },
  ) {
    this.featureNames = featureNames;
    this.body = body;
    this.bins = parts.bins;
    this.trees = parts.trees;
    this.#walker = new TreeWalker(parts.trees, parts.bins);
  }

  predict(x: Float64Array, rows: number, out?: Float64Array): Float64Array {
    const result = this.#sums(x, rows, out);
    const { output } = this.body;
    for (let row = 0; row < rows; row++) result[row] = probabilityOfOutput(output, result[row]!);
    return result;
  }

  /** Expected return of each row over the label's horizon; null for a model that learned classes. */
  predictReturn(x: Float64Array, rows: number): Float64Array | null {
    const { output } = this.body;
    if (output.objective !== 'regression') return null;
    return this.#sums(x, rows, undefined).map((sum) => expectedReturnOf(output, sum)!);
  }

  /**
   * The same probabilities, to the last bit, by threads of the pool: worth it from about 20,000 rows. An `x` in a
   * SharedArrayBuffer is read where it lies, another is copied.
   */
  async predictOnThreads(x: Float64Array, rows: number, threads: number): Promise<Float64Array> {
    assertInput(x, rows, this);
    const sums = await sumOnThreads(this, { x, rows, threads });
    return sums.map((sum) => probabilityOfOutput(this.body.output, sum + this.body.base));
  }

  #sums(x: Float64Array, rows: number, out: Float64Array | undefined): Float64Array {
    assertInput(x, rows, this);
    const result = outputOf(rows, out);
    this.#walker.sum(x, rows, result);
    for (let row = 0; row < rows; row++) result[row]! += this.body.base;
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
    if (feature < 0) throw new InputError(`monotone: there is no feature "${name}"`);
    directions[feature] = direction;
  }
  return directions.some((direction) => direction !== 0) ? directions : null;
}

/** Bins rows; the words of a row, four features in each, are written too where they are wanted. */
function binnedRows(
  dataset: Dataset,
  binner: Binner,
  given: { target: Float32Array; index: Int32Array; base: number; shared: boolean },
  words: Int32Array | null,
): BinnedRows {
  const { rows, width } = dataset;
  const byColumn = byteArray(rows * width, given.shared);
  const byRow = words === null ? null : { bins: new Uint8Array(words.buffer), stride: 4 * groupsOf(width) };
  binner.binMatrix(dataset.x, rows, byRow, byColumn);
  const target = doubleArray(rows, given.shared);
  const weight = doubleArray(rows, given.shared);
  given.index.forEach((row, i) => (target[i] = given.target[row]!));
  weight.set(dataset.weight);
  return { rows, byColumn, target, weight, score: doubleArray(rows, given.shared).fill(given.base) };
}

/** Log-odds of the prior, held within what half a row could say, so that one class alone has a finite score. */
function baseOf(dataset: Dataset): number {
  const least = 0.5 / (dataset.rows + 1);
  const prior = Math.min(1 - least, Math.max(least, weightedPrior(dataset)));
  return Math.log(prior / (1 - prior));
}

/**
 * Gradient boosting of histogram trees on the log-loss (Friedman 2001; second order as Chen and Guestrin 2016),
 * gradients quantised to exact integers, missing values sent to the better side, early stopping on a purged stretch at
 * the end.
 */
export const gradientBoosting: Estimator<GradientBoostingParams> = {
  kind: KIND,
  params,
  learnsReturns: ({ objective }) => objective === 'regression',
  mistake: ({ monotone }, featureNames) => {
    const unknown = Object.keys(monotone).find((name) => !featureNames.includes(name));
    if (unknown === undefined) return null;
    const message = `there is no feature "${unknown}"`;
    return { key: 'monotone', message, remedy: `Features are: ${featureNames.join(', ')}.` };
  },
  async fit(given, settings, context) {
    const counted = withMeanWeight(trainableRows(given));
    const dataset = settings.classWeight === 'balanced' ? { ...counted, weight: balancedWeights(counted) } : counted;
    context.signal?.throwIfAborted();
    const tail = purgedTail(dataset, settings.validationFraction, VALIDATION_ROWS_MIN);
    const learning = tail === null ? dataset : takeRows(dataset, tail.train);
    const held = tail === null ? null : takeRows(dataset, tail.validation);
    const index = tail?.train ?? Int32Array.from({ length: dataset.rows }, (_, row) => row);
    const { output, target } = targetsOf(dataset, index, settings.objective);
    const bins = fitBins(learning.x, learning.rows, learning.width, settings.maxBins);
    const binner = new Binner(bins);
    const threads = boostingThreads({ ...learning, rounds: settings.rounds }, context);
    const base = settings.objective === 'regression' ? 0 : baseOf(learning);
    const made = { target, base, shared: threads > 0 };
    const words = integerArray(learning.rows * groupsOf(dataset.width), threads > 0);
    const plan: BoostingPlan = {
      ...settings,
      width: dataset.width,
      train: binnedRows(learning, binner, { ...made, index }, words),
      words,
      validation: held === null ? null : binnedRows(held, binner, { ...made, index: tail!.validation }, null),
      monotone: monotoneOf(settings, dataset.featureNames),
      seed: `boosting-${context.random.fork(KIND).next()}`,
    };
    const { trees, validationLoss } = await boost(plan, threads, context);
    context.signal?.throwIfAborted();
    const parts = { bins, trees: joinTrees(trees, dataset.width) };
    const body = { params: settings, output, base, validationLoss };
    const model = new GradientBoostingModel(dataset.featureNames, body, parts);
    if (output.objective === 'classification') return model;
    const judged = held ?? learning;
    const residual = returnResidual(judged, model.predictReturn(judged.x, judged.rows)!);
    return new GradientBoostingModel(dataset.featureNames, { ...body, output: { ...output, residual } }, parts);
  },
  async load(serialised) {
    verifyModel(serialised, { kind: KIND, formatVersion: FORMAT_VERSION });
    const { layout, ...body } = parseBody(serialised, bodySchema);
    const parts = readTrees(layout, serialised.weights, serialised.featureNames.length);
    return new GradientBoostingModel(serialised.featureNames, body, parts);
  },
};
