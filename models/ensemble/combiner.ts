import { InputError } from '../../infra/errors.ts';
import { logit, sigmoid } from './logit.ts';
import { EQUAL_SHARE, mixtureWeights, shrinkWeights, type OutOfFold } from './mixture-weights.ts';
import { fitLogistic } from './newton-logistic.ts';

/** How member probabilities become one raw score. Plain data; arrays are in member order. */
export type Combiner =
  | { readonly kind: 'weighted'; readonly weights: readonly number[] }
  | { readonly kind: 'stacked'; readonly intercept: number; readonly coefficients: readonly number[] }
  | {
      readonly kind: 'regime';
      /** Column of the feature that gates, and its median over the training rows. */
      readonly gateFeature: number;
      readonly threshold: number;
      readonly calm: readonly number[];
      readonly wild: readonly number[];
    };

/** A feature name that measures volatility: the first one gates the `regime` ensemble. */
const VOLATILITY = /^(stdev|n?atr|realised|parkinson|yangzhang|garmanklass|ulcer|truerange|riskmetrics|garch|har)\(/;

/** Place of the feature that gates the `regime` ensemble. InputError where none measures volatility. */
export function gateFeatureOf(featureNames: readonly string[]): number {
  const at = featureNames.findIndex((name) => VOLATILITY.test(name));
  if (at >= 0) return at;
  throw new InputError(
    'ensemble.kind is regime, but no feature measures volatility',
    'Add a feature such as stdev(20) or atr(14), or use the weighted ensemble.',
  );
}

/** Features of the out-of-fold rows, needed by the regime ensemble alone: row-major, unscaled. */
export interface GateRows {
  readonly x: Float64Array;
  readonly featureNames: readonly string[];
}

/** Strength, in rows, with which stacking is drawn to the plain mean of the members' logits. */
const STACKING_PENALTY = 100;

function fitStacked(data: OutOfFold): Combiner {
  const width = data.memberProbabilities.length;
  const x = new Float64Array(data.y.length * width);
  for (let m = 0; m < width; m++) {
    for (let row = 0; row < data.y.length; row++) x[row * width + m] = logit(data.memberProbabilities[m]![row]!);
  }
  const prior = new Array<number>(width).fill(1 / width);
  const [intercept, ...coefficients] = fitLogistic({
    x,
    width,
    target: data.y,
    weight: data.weight,
    prior,
    penalty: STACKING_PENALTY / width,
  });
  return { kind: 'stacked', intercept: intercept!, coefficients };
}

function fitRegime(data: OutOfFold, gate: GateRows, overall: readonly number[]): Combiner {
  const gateFeature = gateFeatureOf(gate.featureNames);
  const width = gate.featureNames.length;
  const values = Float64Array.from(data.y, (_, row) => gate.x[row * width + gateFeature]!);
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const threshold = sorted[(sorted.length - 1) >> 1] ?? 0;
  const weightsWhere = (wild: boolean): number[] => {
    const rows = [...values.keys()].filter((row) => values[row]! > threshold === wild);
    if (rows.length === 0) return [...overall];
    const take = (column: Float64Array): Float64Array => Float64Array.from(rows, (row) => column[row]!);
    const learned = mixtureWeights({
      memberProbabilities: data.memberProbabilities.map(take),
      y: take(data.y),
      weight: take(data.weight),
    });
    return shrinkWeights(learned, overall, EQUAL_SHARE);
  };
  return { kind: 'regime', gateFeature, threshold, calm: weightsWhere(false), wild: weightsWhere(true) };
}

/**
 * Learns how to combine members from their out-of-fold predictions: `weighted` (mixture weights, shrunk towards equal),
 * `stacked` (ridge logistic regression on the members' logits) or `regime` (weights of their own above and below the
 * median of the first volatility feature, shrunk towards the overall weights; a missing gate value counts as calm).
 */
export function fitCombiner(kind: Combiner['kind'], data: OutOfFold, gate: GateRows): Combiner {
  if (kind === 'stacked') return fitStacked(data);
  const equal = data.memberProbabilities.map(() => 1 / data.memberProbabilities.length);
  const weights = shrinkWeights(mixtureWeights(data), equal, EQUAL_SHARE);
  return kind === 'weighted' ? { kind, weights } : fitRegime(data, gate, weights);
}

/**
 * Combined member probability of each row. `x` (unscaled, row-major, `width` columns) is read by the regime ensemble
 * alone.
 */
export function combine(
  combiner: Combiner,
  memberProbabilities: readonly Float64Array[],
  input: { x: Float64Array; width: number; rows: number },
  out = new Float64Array(input.rows),
): Float64Array {
  for (let row = 0; row < input.rows; row++) {
    let sum = 0;
    if (combiner.kind === 'stacked') {
      sum = combiner.intercept;
      for (let m = 0; m < memberProbabilities.length; m++) {
        sum += combiner.coefficients[m]! * logit(memberProbabilities[m]![row]!);
      }
      out[row] = sigmoid(sum);
      continue;
    }
    const weights =
      combiner.kind === 'weighted'
        ? combiner.weights
        : input.x[row * input.width + combiner.gateFeature]! > combiner.threshold
          ? combiner.wild
          : combiner.calm;
    for (let m = 0; m < memberProbabilities.length; m++) sum += weights[m]! * memberProbabilities[m]![row]!;
    out[row] = sum;
  }
  return out;
}
