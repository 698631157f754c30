import type { Random } from '../../infra/random.ts';
import { logit, sigmoid } from '../ensemble/logit.ts';
import type { FittedModel } from '../estimators/estimator.ts';
import { LinearModel } from '../estimators/linear/linear-model.ts';
import { GradientBoostingModel } from '../estimators/boosting/gradient-boosting.ts';
import { RandomForestModel } from '../estimators/forest/random-forest.ts';
import { treeShapOf } from '../estimators/shap/tree-shap.ts';
import { standardiseRow } from '../estimators/standardiser.ts';
import { sampledShapley } from './sampled-shapley.ts';

/** How a member's contributions were found. The first two are exact; the third is a mean over sampled orders. */
export type ExplanationMethod = 'tree-shap' | 'linear' | 'sampled-shapley';

/** What each feature adds to one member's output. */
export interface MemberExplanation {
  readonly method: ExplanationMethod;
  readonly unit: 'probability' | 'log-odds';
  /** Output when nothing is known: the mean of the training rows (trees), their mean row (linear), their median row (sampled). */
  readonly base: number;
  readonly value: number;
  /** `base` plus these is `value`, one per feature. */
  readonly contributions: Float64Array;
  /** Standard errors of sampled contributions; null where they are exact. */
  readonly standardError: Float64Array | null;
}

/** Explains a member's output for one scaled window (`window * width`). */
export type MemberExplainer = (window: Float64Array) => MemberExplanation;

export interface Sampling {
  /** Pairs of orders: a sampled explanation costs `2 pairs (width + 1)` predictions. */
  readonly pairs: number;
  readonly random: Random;
}

function treeExplainer(model: FittedModel): MemberExplainer {
  const shap = treeShapOf(model);
  return (window) => {
    const contributions = shap.explain(window, 1);
    const value = contributions.reduce((sum, one) => sum + one, shap.baseValue);
    return { method: 'tree-shap', unit: shap.unit, base: shap.baseValue, value, contributions, standardError: null };
  };
}

/** A linear score needs no sampling: a feature adds its coefficient times its distance from the training mean. */
function linearExplainer({ body }: LinearModel): MemberExplainer {
  const row = new Float64Array(body.coefficients.length);
  const unit = body.link === 'sigmoid' ? 'log-odds' : 'probability';
  return (window) => {
    standardiseRow(body.standardiser, { x: window, from: 0 }, { out: row, to: 0 });
    const contributions = row.map((value, feature) => value * body.coefficients[feature]!);
    const value = contributions.reduce((sum, one) => sum + one, body.intercept);
    return { method: 'linear', unit, base: body.intercept, value, contributions, standardError: null };
  };
}

function sampledExplainer(model: FittedModel, { pairs, random }: Sampling): MemberExplainer {
  return (present) => ({
    method: 'sampled-shapley',
    unit: 'log-odds',
    ...sampledShapley(
      {
        value: (windows, rows) => model.predict(windows, rows).map(logit),
        present,
        // Scaled features are 0 at the median of the training rows.
        absent: new Float64Array(present.length),
        width: model.featureNames.length,
      },
      // The same orders for every row: what differs between two explanations is the rows.
      { pairs, random: random.fork('orders') },
    ),
  });
}

/** The explainer of a member: exact for trees and linear models, sampled for everything else. */
export function memberExplainer(model: FittedModel, sampling: Sampling): MemberExplainer {
  if (model instanceof RandomForestModel || model instanceof GradientBoostingModel) return treeExplainer(model);
  return model instanceof LinearModel ? linearExplainer(model) : sampledExplainer(model, sampling);
}

/** A member's output as a probability. */
export function probabilityIn(unit: MemberExplanation['unit'], value: number): number {
  return unit === 'log-odds' ? sigmoid(value) : Math.min(1, Math.max(0, value));
}
