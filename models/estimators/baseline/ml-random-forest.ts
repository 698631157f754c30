import { setImmediate as nextTurn } from 'node:timers/promises';
import { RandomForestClassifier } from 'ml-random-forest';
import { z } from 'zod';
import type { Random } from '../../../infra/random.ts';
import type { Dataset } from '../../dataset.ts';
import type { Estimator, FittedModel, SerialisedModel } from '../estimator.ts';
import { parseBody, sealModel, verifyModel } from '../serialised-model.ts';
import { assertStandardiserWidth, fitStandardiser, standardiseRows, standardiserSchema } from '../standardiser.ts';
import { assertInput, outputOf, trainableRows } from '../training-data.ts';
import { assertVoteTree, libraryForestSchema, voteOf, voteTreeOf, voteTreeSchema } from './vote-tree.ts';
import type { VoteTree } from './vote-tree.ts';

const KIND = 'ml-random-forest';
const FORMAT_VERSION = 1;

const params = z.strictObject({
  trees: z.int().positive().max(2000).default(50),
  maxDepth: z.int().min(1).max(24).default(6),
  /** Rows drawn for each tree with replacement, by weight. The library's time grows with their square. */
  rowsPerTree: z.int().positive().default(400),
  /** Share of the features each tree sees. */
  featureFraction: z.number().positive().max(1).default(0.3),
  minLeafRows: z.int().positive().default(5),
});

export type MlRandomForestParams = z.infer<typeof params>;

const bodySchema = z.strictObject({
  params,
  standardiser: standardiserSchema,
  trees: z.array(voteTreeSchema).nonempty(),
});

type Body = z.infer<typeof bodySchema>;

/** The share of trees of the npm package `ml-random-forest` that vote for 1. */
class MlRandomForestModel implements FittedModel {
  readonly kind = KIND;
  readonly featureNames: readonly string[];
  readonly body: Body;

  constructor(featureNames: readonly string[], body: Body) {
    this.featureNames = featureNames;
    this.body = body;
  }

  predict(x: Float64Array, rows: number, out?: Float64Array): Float64Array {
    assertInput(x, rows, this);
    const result = outputOf(rows, out);
    const { standardiser, trees } = this.body;
    const width = this.featureNames.length;
    const filled = standardiseRows(standardiser, x, rows);
    for (let row = 0; row < rows; row++) {
      let votes = 0;
      for (const tree of trees) votes += voteOf(tree, filled, row * width);
      result[row] = votes / trees.length;
    }
    return result;
  }

  serialise(): SerialisedModel {
    const { featureNames, body } = this;
    return sealModel({ kind: KIND, formatVersion: FORMAT_VERSION, featureNames, body, weights: null });
  }

  dispose(): void {
    // Arrays only: the garbage collector frees them.
  }
}

/** Row numbers drawn with replacement with chances as their weights. */
function drawByWeight(dataset: Dataset, count: number, random: Random): number[] {
  const cumulative = new Float64Array(dataset.rows);
  let total = 0;
  for (let row = 0; row < dataset.rows; row++) cumulative[row] = total += dataset.weight[row]!;
  return Array.from({ length: count }, () => {
    const wanted = random.next() * total;
    let low = 0;
    let high = dataset.rows - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  });
}

function growTree(dataset: Dataset, filled: Float64Array, settings: MlRandomForestParams, random: Random): VoteTree {
  const { width } = dataset;
  const drawn = drawByWeight(dataset, Math.min(settings.rowsPerTree, dataset.rows), random);
  const forest = new RandomForestClassifier({
    seed: random.integer(2 ** 31),
    maxFeatures: Math.max(1, Math.round(settings.featureFraction * width)),
    replacement: false,
    nEstimators: 1,
    // The draw above stands for its bagging, which knows no weights.
    useSampleBagging: false,
    noOOB: true,
    treeOptions: { maxDepth: settings.maxDepth, minNumSamples: settings.minLeafRows },
    isClassifier: true,
  });
  forest.train(
    drawn.map((row) => Array.from(filled.subarray(row * width, (row + 1) * width))),
    drawn.map((row) => dataset.y[row]!),
  );
  const { baseModel } = libraryForestSchema.parse(JSON.parse(JSON.stringify(forest.toJSON())));
  return voteTreeOf(baseModel.estimators[0]!.root, baseModel.indexes[0]!);
}

/** The npm package `ml-random-forest` as a baseline: its trees one by one, so that a fit can report and be aborted. */
export const mlRandomForest: Estimator<MlRandomForestParams> = {
  kind: KIND,
  params,
  async fit(given, settings, context) {
    const dataset = trainableRows(given);
    const standardiser = fitStandardiser(dataset);
    const filled = standardiseRows(standardiser, dataset.x, dataset.rows);
    const trees: VoteTree[] = [];
    for (let tree = 0; tree < settings.trees; tree++) {
      context.signal?.throwIfAborted();
      trees.push(growTree(dataset, filled, settings, context.random.fork(`${KIND}-${tree}`)));
      context.onProgress?.((tree + 1) / settings.trees);
      await nextTurn();
    }
    context.signal?.throwIfAborted();
    return new MlRandomForestModel(dataset.featureNames, {
      params: settings,
      standardiser,
      trees: trees as Body['trees'],
    });
  },
  async load(serialised) {
    verifyModel(serialised, { kind: KIND, formatVersion: FORMAT_VERSION });
    const body = parseBody(serialised, bodySchema);
    const width = serialised.featureNames.length;
    assertStandardiserWidth(body.standardiser, width);
    body.trees.forEach((tree, number) => assertVoteTree(tree, width, number));
    return new MlRandomForestModel(serialised.featureNames, body);
  },
};
