import { z } from 'zod';
import { InputError } from '../../../infra/errors.ts';
import { parsedAs } from './parsed-as.ts';
import type { ReadModel } from './read-model.ts';
import { MISSING, ThresholdTrees, type ReadNode, type ReadTree } from './threshold-trees.ts';
import { TreeModel, type Link } from './tree-model.ts';

/** Numbers of its parameters are written as text. */
const count = z.union([
  z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number),
  z.int().min(0),
]);
const whole = z.array(z.int());
const numbers = z.array(z.number());

const tree = z.object({
  left_children: whole,
  right_children: whole,
  split_indices: whole,
  split_conditions: numbers,
  default_left: z.array(z.union([z.literal(0), z.literal(1), z.boolean().transform(Number)])),
  split_type: z
    .array(z.literal(0, { error: 'splits by categories, which are not read: train it on numbers' }))
    .optional(),
  tree_param: z.object({
    num_nodes: count,
    size_leaf_vector: z.enum(['0', '1'], { error: 'leaves of several outputs are not read' }).optional(),
  }),
});

const schema = z.object({
  version: z.array(z.int()).min(1),
  learner: z.object({
    attributes: z.record(z.string(), z.string()).default({}),
    feature_names: z.array(z.string()).default([]),
    gradient_booster: z.object({
      name: z.literal('gbtree', { error: 'only boosters of kind gbtree are read' }),
      model: z.object({
        gbtree_model_param: z.object({ num_trees: count, num_parallel_tree: count.optional() }),
        tree_info: whole,
        trees: z.array(tree),
      }),
    }),
    learner_model_param: z.object({ base_score: z.string(), num_class: count, num_feature: count }),
    objective: z.object({ name: z.string() }),
  }),
});

type Learner = z.infer<typeof schema>['learner'];

const remedy = 'Save the model again, or copy the file again.';
/** Objectives whose output is the sum of the trees as it is. */
const OF_RETURNS = ['reg:squarederror', 'reg:absoluteerror', 'reg:pseudohubererror', 'reg:quantileerror'];
const OF_UP = ['binary:logistic', 'reg:logistic', 'binary:logitraw'];
const OF_CLASSES = ['multi:softprob', 'multi:softmax'];

function linkOf(file: string, objective: string): Link {
  if (OF_UP.includes(objective)) return { kind: 'sigmoid', slope: 1 };
  if (OF_CLASSES.includes(objective)) return { kind: 'softmax' };
  if (OF_RETURNS.includes(objective)) return { kind: 'identity' };
  throw new InputError(
    `${file}: learner.objective.name: ${objective} gives neither probabilities nor returns that are read`,
    `Train with one of: ${[...OF_UP, ...OF_CLASSES, ...OF_RETURNS].join(', ')}.`,
  );
}

/**
 * The model of a file of XGBoost, as `save_model` writes it: version 1.6 or later.
 * @throws InputError naming file, tree and key
 */
export function readXgboost(file: string, value: unknown): ReadModel {
  const { version, learner } = parsedAs(schema, value, file);
  if (version[0]! < 1 || version[0]! > 3) {
    throw new InputError(`${file}: version ${version.join('.')} is not read`, 'Save it with XGBoost 1.6 to 3.');
  }
  const { feature_names: names, gradient_booster: booster, learner_model_param: sizes } = learner;
  const { trees, tree_info: outputOf, gbtree_model_param: counts } = booster.model;
  const width = sizes.num_feature;
  if (names.length !== 0 && names.length !== width) {
    throw new InputError(`${file}: learner.feature_names: ${names.length} names for ${width} features`, remedy);
  }
  if (trees.length === 0 || trees.length !== counts.num_trees || trees.length !== outputOf.length) {
    const said = `num_trees says ${counts.num_trees}, tree_info has ${outputOf.length}`;
    throw new InputError(`${file}: learner.gradient_booster.model.trees: has ${trees.length}, ${said}`, remedy);
  }
  assertWhole(file, learner);
  const link = linkOf(file, learner.objective.name);
  const outputs = Math.max(1, sizes.num_class);
  if ((link.kind === 'softmax') !== outputs > 1) {
    throw new InputError(`${file}: learner.learner_model_param.num_class: ${outputs} do not fit its objective`, remedy);
  }
  const read = trees.map((one, index) => treeOf(`${file}: tree ${index}`, one, outputOf[index]!));
  return new TreeModel({
    inputs: names.length === 0 || names.every((name) => /^f\d+$/.test(name)) ? null : names,
    width,
    trees: new ThresholdTrees(file, read, { width, outputs, single: true }),
    link,
    base: baseOf(file, learner, outputs),
    divisor: 1,
    single: true,
  });
}

/** One that stopped early predicts by all its rounds here, and by the best ones there. */
function assertWhole(file: string, { attributes, gradient_booster: { model } }: Learner): void {
  const best = attributes['best_iteration'];
  if (best === undefined) return;
  const perRound = new Set(model.tree_info).size * Math.max(1, model.gbtree_model_param.num_parallel_tree ?? 1);
  if ((Number(best) + 1) * perRound === model.trees.length) return;
  throw new InputError(
    `${file}: learner.attributes.best_iteration: round ${best} was the best, and the file has ${model.trees.length} trees`,
    'Save the rounds that predict: booster[: booster.best_iteration + 1].save_model(...).',
  );
}

/** What sums begin with: text of one number or of a list, a probability where sums are log-odds. */
function baseOf(file: string, learner: Learner, outputs: number): number[] {
  const text = learner.learner_model_param.base_score;
  const place = `${file}: learner.learner_model_param.base_score`;
  const found = text.replace(/^\[|\]$/g, '').split(',');
  const given = found.map((word) => (word.trim() === '' ? NaN : Math.fround(Number(word))));
  if (given.some((one) => !Number.isFinite(one)) || ![1, outputs].includes(given.length)) {
    throw new InputError(`${place}: "${text}" is not a number for each of ${outputs} outputs`, remedy);
  }
  const all = given.length === outputs ? given : new Array<number>(outputs).fill(given[0]!);
  if (!['binary:logistic', 'reg:logistic'].includes(learner.objective.name)) return all;
  if (!(all[0]! > 0 && all[0]! < 1))
    throw new InputError(`${place}: ${text} is no probability between 0 and 1`, remedy);
  return [Math.fround(-Math.log(1 / all[0]! - 1))];
}

function treeOf(place: string, one: z.infer<typeof tree>, output: number): ReadTree {
  const nodes = one.tree_param.num_nodes;
  const columns = ['left_children', 'right_children', 'split_indices', 'split_conditions', 'default_left'] as const;
  for (const key of columns) {
    if (one[key].length !== nodes) {
      throw new InputError(`${place}: ${key}: has ${one[key].length} entries, num_nodes says ${nodes}`, remedy);
    }
  }
  return { output, nodes: one.left_children.map((left, at) => nodeOf(`${place}, node ${at}`, one, { left, at })) };
}

function nodeOf(place: string, one: z.infer<typeof tree>, { left, at }: { left: number; at: number }): ReadNode {
  const [right, number] = [one.right_children[at]!, Math.fround(one.split_conditions[at]!)];
  const common = { missing: MISSING.nan, defaultLeft: one.default_left[at] === 1 };
  if (left === -1 && right === -1) {
    return { ...common, feature: -1, threshold: 0, left: 0, right: 0, value: number };
  }
  const feature = one.split_indices[at]!;
  if (feature < 0) throw new InputError(`${place}: split_indices is ${feature}`, remedy);
  return { ...common, feature, threshold: below(number), left, right, value: 0 };
}

const bits = new DataView(new ArrayBuffer(4));

/** The next number of 32 bits below: a row goes left that is less than the cut, so at most this. */
function below(value: number): number {
  if (!Number.isFinite(value)) return value;
  if (value === 0) return -(2 ** -149);
  bits.setFloat32(0, value);
  bits.setInt32(0, bits.getInt32(0) + (value > 0 ? -1 : 1));
  return bits.getFloat32(0);
}
