import { InputError } from '../../infra/errors.ts';
import { GradientBoostingModel } from '../estimators/boosting/gradient-boosting.ts';
import type { FittedModel } from '../estimators/estimator.ts';
import { RandomForestModel, TARGET_SPAN } from '../estimators/forest/random-forest.ts';
import { LinearModel } from '../estimators/linear/linear-model.ts';
import { NORMAL_SLOPE, type NetworkOutput } from '../estimators/network-output.ts';
import { STANDARDISED_MOST, type Standardiser } from '../estimators/standardiser.ts';
import { DenseNetworkModel } from '../estimators/tensorflow/dense/dense-network.ts';
import { ReducedModel } from '../estimators/reduction/reduced-model.ts';
import type { OnnxGraph } from './onnx-graph.ts';
import { addTrees } from './onnx-trees.ts';

/** Kinds of members that are written. */
const WRITTEN = 'random-forest, gradient-boosting, dense-network, logistic-regression, ridge-regression';

/**
 * Adds a member: scaled rows in, its probability out, a column.
 * @throws InputError naming the kind of a member that is not written
 */
export function addMember(graph: OnnxGraph, scaled: string, name: string, model: FittedModel): string {
  if (model instanceof RandomForestModel) return addForest(graph, scaled, model);
  if (model instanceof GradientBoostingModel) {
    const sum = addTrees(graph, scaled, model.trees, model.bins);
    const raw = graph.add('Add', [sum, graph.constant([model.body.base])]);
    return addProbability(graph, raw, model.body.output);
  }
  if (model instanceof DenseNetworkModel) return addDense(graph, scaled, model);
  if (model instanceof ReducedModel) return addReduced(graph, scaled, name, model);
  if (model instanceof LinearModel) return addLinear(graph, scaled, model);
  throw new InputError(
    `${name} is of kind ${model.kind}, which is not written as ONNX`,
    `These are: ${WRITTEN}. A model from elsewhere is its own file.`,
  );
}

/** As `reduceRows`: the components of the kept features, or these alone. */
function addReduced(graph: OnnxGraph, scaled: string, name: string, { reduction, inner }: ReducedModel): string {
  const { kept, pca } = reduction;
  const used = graph.add('Gather', [scaled, graph.integers(kept)], { axis: { integer: 1 } });
  if (pca === null) return addMember(graph, used, name, inner);
  const { center, components } = pca;
  const known = graph.add('Where', [graph.add('IsNaN', [used]), graph.constant([0]), used]);
  const centred = graph.add('Sub', [known, graph.constant(center, [center.length])]);
  const columns = kept.flatMap((_, j) => components.map((weights) => weights[j]!));
  const shape = [kept.length, components.length];
  return addMember(graph, graph.add('MatMul', [centred, graph.constant(columns, shape)]), name, inner);
}

/** Values between `-most` and `most`; missing ones stay missing. */
export function addClip(graph: OnnxGraph, value: string, most: number): string {
  const [high, low] = [graph.constant([most]), graph.constant([-most])];
  const below = graph.add('Where', [graph.add('Greater', [value, high]), high, value]);
  return graph.add('Where', [graph.add('Less', [below, low]), low, below]);
}

function addForest(graph: OnnxGraph, scaled: string, { trees, bins, body }: RandomForestModel): string {
  const sum = addTrees(graph, scaled, trees, bins);
  const mean = graph.add('Div', [sum, graph.constant([trees.depths.length])]);
  if (body.output.objective === 'classification') return mean;
  const deviations = graph.add('Mul', [graph.add('Sub', [mean, graph.constant([0.5])]), graph.constant([TARGET_SPAN])]);
  return addProbability(graph, deviations, body.output);
}

/** As `probabilityOfOutput`. */
function addProbability(graph: OnnxGraph, raw: string, output: NetworkOutput): string {
  if (output.objective === 'classification') return graph.add('Sigmoid', [raw]);
  const { mean, deviation, residual } = output;
  const scaled = graph.add('Mul', [raw, graph.constant([deviation])]);
  const expected = graph.add('Add', [scaled, graph.constant([mean])]);
  const share = graph.add('Mul', [graph.add('Abs', [expected]), graph.constant([1e-3])]);
  // The least positive number keeps nothing over nothing from being no number.
  const missed = graph.add('Max', [share, graph.constant([residual]), graph.constant([Number.MIN_VALUE])]);
  const odds = graph.add('Mul', [graph.add('Div', [expected, missed]), graph.constant([NORMAL_SLOPE])]);
  return graph.add('Sigmoid', [odds]);
}

/** As `standardiseRow`. */
function addStandardised(graph: OnnxGraph, scaled: string, { mean, inverseDeviation, median }: Standardiser): string {
  const width = [mean.length];
  const unknown = graph.add('Or', [graph.add('IsNaN', [scaled]), graph.add('IsInf', [scaled])]);
  const known = graph.add('Where', [unknown, graph.constant(median, width), scaled]);
  const centred = graph.add('Sub', [known, graph.constant(mean, width)]);
  const spread = graph.add('Mul', [centred, graph.constant(inverseDeviation, width)]);
  return addClip(graph, spread, STANDARDISED_MOST);
}

function addDense(graph: OnnxGraph, scaled: string, { body, layers }: DenseNetworkModel): string {
  // The network reads its inputs in 32 bits.
  let value = graph.rounded(addStandardised(graph, scaled, body.standardiser));
  layers.forEach(({ inputs, units, kernel, bias }, index) => {
    const product = graph.add('MatMul', [value, graph.constant(kernel, [inputs, units])]);
    value = graph.add('Add', [product, graph.constant(bias, [units])]);
    if (index < layers.length - 1) value = graph.add('Relu', [value]);
  });
  return addProbability(graph, value, body.output);
}

function addLinear(graph: OnnxGraph, scaled: string, { body }: LinearModel): string {
  const { coefficients, intercept } = body;
  const standardised = addStandardised(graph, scaled, body.standardiser);
  const product = graph.add('MatMul', [standardised, graph.constant(coefficients, [coefficients.length, 1])]);
  const score = graph.add('Add', [product, graph.constant([intercept])]);
  if (body.link === 'sigmoid') return graph.add('Sigmoid', [score]);
  return graph.add('Max', [graph.add('Min', [score, graph.constant([1])]), graph.constant([0])]);
}
