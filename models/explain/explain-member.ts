import type { Random } from '../../infra/random.ts';
import { logit, sigmoid } from '../ensemble/logit.ts';
import type { FittedModel } from '../estimators/estimator.ts';
import { LinearModel } from '../estimators/linear/linear-model.ts';
import { GradientBoostingModel } from '../estimators/boosting/gradient-boosting.ts';
import { RandomForestModel } from '../estimators/forest/random-forest.ts';
import { treeShapOf } from '../estimators/shap/tree-shap.ts';
import { standardiseRow } from '../estimators/standardiser.ts';
import { sampledShapley } from './sampled-shapley.ts';

/**
 * How a member's contributions were found: exactly (the first two), as a mean over sampled orders, or not at all:
 * `undivided` members are told as a whole.
 */
type ExplanationMethod = 'tree-shap' | 'linear' | 'sampled-shapley' | 'undivided';

/** What each feature adds to one member's output. */
export interface MemberExplanation {
  readonly method: ExplanationMethod;
  readonly unit: 'probability' | 'log-odds';
  /**
   * Output when nothing is known: the mean of the training rows (trees), their mean row (linear), their median row
   * (sampled).
   */
  readonly base: number;
  readonly value: number;
  /** `base` plus these is `value`, one per feature; all 0 for an undivided member. */
  readonly contributions: Float64Array;
  /** Standard errors of sampled contributions; null where they are exact. */
  readonly standardError: Float64Array | null;
}

/** Explains a member's outputs for windows (`rows * window * width`), scaled or, for one that takes them so, raw. */
export type MemberExplainer = (windows: Float64Array, rows: number) => MemberExplanation[];

export interface Sampling {
  /**
   * Pairs of orders: a sampled explanation costs `2 pairs (width + 1)` predictions. 0: members that would need it stay
   * undivided.
   */
  readonly pairs: number;
  readonly random: Random;
  /** Many rows will be explained: `treeShapOf`. */
  readonly tables?: boolean | undefined;
  /** Medians of the features, for a member that takes them unscaled. */
  readonly median: readonly number[];
}

function sumFrom(base: number, contributions: Float64Array): number {
  let sum = base;
  for (let j = 0; j < contributions.length; j++) sum += contributions[j]!;
  return sum;
}

function treeExplainer(model: FittedModel, tables: boolean): MemberExplainer {
  const shap = treeShapOf(model, { tables });
  const width = model.featureNames.length;
  return (windows, rows) => {
    const values = shap.explain(windows, rows);
    return Array.from({ length: rows }, (_, row) => {
      const contributions = values.slice(row * width, (row + 1) * width);
      const value = sumFrom(shap.baseValue, contributions);
      return { method: 'tree-shap', unit: shap.unit, base: shap.baseValue, value, contributions, standardError: null };
    });
  };
}

/** A linear score needs no sampling: a feature adds its coefficient times its distance from the training mean. */
function linearExplainer({ body }: LinearModel): MemberExplainer {
  const width = body.coefficients.length;
  const unit = body.link === 'sigmoid' ? 'log-odds' : 'probability';
  return (windows, rows) =>
    Array.from({ length: rows }, (_, row) => {
      const contributions = new Float64Array(width);
      standardiseRow(body.standardiser, { x: windows, from: row * width }, { out: contributions, to: 0 });
      for (let feature = 0; feature < width; feature++) contributions[feature]! *= body.coefficients[feature]!;
      const value = sumFrom(body.intercept, contributions);
      return { method: 'linear', unit, base: body.intercept, value, contributions, standardError: null };
    });
}

/** The row that says nothing: scaled features are 0 at the median of the training rows. */
function absentRow(model: FittedModel, { median }: Pick<Sampling, 'median'>): Float64Array {
  return model.unscaled ? Float64Array.from(median) : new Float64Array((model.window ?? 1) * model.featureNames.length);
}

function sampledExplainer(model: FittedModel, { pairs, random, median }: Sampling): MemberExplainer {
  const width = model.featureNames.length;
  const size = (model.window ?? 1) * width;
  const value = (windows: Float64Array, rows: number): Float64Array => model.predict(windows, rows).map(logit);
  const absent = absentRow(model, { median });
  return (windows, rows) =>
    Array.from({ length: rows }, (_, row) => {
      const present = windows.subarray(row * size, (row + 1) * size);
      // The same orders for every row: what differs between two explanations is the rows.
      const sampling = { pairs, random: random.fork('orders') };
      return {
        method: 'sampled-shapley',
        unit: 'log-odds',
        ...sampledShapley({ value, present, absent, width }, sampling),
      };
    });
}

function undividedExplainer(model: FittedModel, sampling: Sampling): MemberExplainer {
  const width = model.featureNames.length;
  const [base] = model.predict(absentRow(model, sampling), 1).map(logit);
  const none = new Float64Array(width);
  return (windows, rows) =>
    Array.from(model.predict(windows, rows).map(logit), (value) => ({
      method: 'undivided',
      unit: 'log-odds',
      base: base!,
      value,
      contributions: none,
      standardError: null,
    }));
}

/** The explainer of a member: exact for trees and linear models, sampled for everything else. */
export function memberExplainer(model: FittedModel, sampling: Sampling): MemberExplainer {
  if (model instanceof RandomForestModel || model instanceof GradientBoostingModel) {
    return treeExplainer(model, sampling.tables ?? false);
  }
  if (model instanceof LinearModel) return linearExplainer(model);
  return sampling.pairs === 0 ? undividedExplainer(model, sampling) : sampledExplainer(model, sampling);
}

/** A member's output as a probability. */
export function probabilityIn(unit: MemberExplanation['unit'], value: number): number {
  return unit === 'log-odds' ? sigmoid(value) : Math.min(1, Math.max(0, value));
}
