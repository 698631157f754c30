import type { Random } from '../../infra/random.ts';
import { calibrate } from '../ensemble/calibration.ts';
import type { Combiner } from '../ensemble/combiner.ts';
import type { EnsembleModel } from '../ensemble/ensemble-model.ts';
import { logit, sigmoid } from '../ensemble/logit.ts';
import { applyScaler } from '../ensemble/scaler.ts';
import { tailOfWindows } from '../estimators/sequence-windows.ts';
import { memberExplainer, probabilityIn } from './explain-member.ts';
import type { MemberExplanation } from './explain-member.ts';

export interface ExplainedFeature {
  readonly name: string;
  /** The feature as it was, unscaled; NaN when it was missing. */
  readonly value: number;
  /** How many spreads of the training rows it stood from their median: at most 6. */
  readonly distance: number;
  /** What it adds to the score. */
  readonly contribution: number;
}

export interface ExplainedMember extends MemberExplanation {
  readonly name: string;
  readonly kind: string;
  readonly probability: number;
  /** What the member as a whole adds to the score. */
  readonly share: number;
}

/** One prediction of an ensemble taken apart. */
export interface EnsembleExplanation {
  /** Calibrated probability of up, and the one that the model gives when nothing is known. */
  readonly probability: number;
  readonly baseProbability: number;
  /** Scores are log-odds above those of the training base rate; `score` is `baseScore` plus all contributions. */
  readonly score: number;
  readonly baseScore: number;
  /** In the order of the model's features. */
  readonly features: readonly ExplainedFeature[];
  readonly members: readonly ExplainedMember[];
}

/** Below this two outputs count as one, and the slope between them is taken around them. */
const NEAR = 1e-9;

/** Slope of a smooth function between two points: makes contributions in one unit add up in the next. */
function secant(f: (x: number) => number, from: number, to: number): number {
  if (Math.abs(to - from) > NEAR) return (f(to) - f(from)) / (to - from);
  return (f(from + 1e-6) - f(from - 1e-6)) / 2e-6;
}

function weightsOf(combiner: Combiner, row: Float64Array): readonly number[] {
  if (combiner.kind === 'weighted') return combiner.weights;
  if (combiner.kind === 'stacked') return combiner.coefficients;
  return row[combiner.gateFeature]! > combiner.threshold ? combiner.wild : combiner.calm;
}

/** Log-odds of the combined probability before the base rate is taken off, from tempered member probabilities. */
function combinedLogit(combiner: Combiner, weights: readonly number[], tempered: readonly number[]): number {
  if (combiner.kind !== 'stacked') return logit(tempered.reduce((sum, p, m) => sum + weights[m]! * p, 0));
  return tempered.reduce((sum, p, m) => sum + weights[m]! * logit(p), combiner.intercept);
}

/**
 * Explains predictions of an ensemble. Each member is explained in its own unit (exactly for trees and linear models, sampled for others,
 * and named so), and its contributions are carried through tempering and combination by the slopes between what the model says of nothing and
 * of the row, so that all contributions add up to the score exactly. `pairs` orders and their reverses are sampled for a network.
 */
export function ensembleExplainer(
  ensemble: EnsembleModel,
  sampling: { readonly pairs: number; readonly random: Random },
): (window: Float64Array) => EnsembleExplanation {
  const { serialised, members, window, featureNames } = ensemble;
  const { scaler, combiner, memberSlopes, baseLogit, calibration } = serialised;
  const width = featureNames.length;
  const explainers = members.map(({ name, model }) =>
    memberExplainer(model, { pairs: sampling.pairs, random: sampling.random.fork(name) }),
  );
  return (x) => {
    const scaled = applyScaler(scaler, x, window);
    const row = x.subarray((window - 1) * width);
    const weights = weightsOf(combiner, row);
    const own = members.map(({ model }, m) =>
      explainers[m]!(tailOfWindows(scaled, 1, { window, kept: model.window ?? 1, width })),
    );
    const tempers = own.map(
      ({ unit }, m) =>
        (value: number) =>
          sigmoid(baseLogit + memberSlopes[m]! * (logit(probabilityIn(unit, value)) - baseLogit)),
    );
    const absent = own.map(({ base }, m) => tempers[m]!(base));
    const present = own.map(({ value }, m) => tempers[m]!(value));
    const mean = (p: readonly number[]): number => p.reduce((sum, one, m) => sum + weights[m]! * one, 0);
    const overall = combiner.kind === 'stacked' ? 1 : secant(logit, mean(absent), mean(present));
    const slopes = own.map(({ base, value }, m) => {
      const inner = combiner.kind === 'stacked' ? (v: number) => logit(tempers[m]!(v)) : tempers[m]!;
      return overall * weights[m]! * secant(inner, base, value);
    });
    const contributions = new Float64Array(width);
    own.forEach((member, m) => member.contributions.forEach((one, j) => (contributions[j]! += slopes[m]! * one)));
    const score = combinedLogit(combiner, weights, present) - baseLogit;
    const baseScore = combinedLogit(combiner, weights, absent) - baseLogit;
    return {
      probability: calibrate(calibration, score),
      baseProbability: calibrate(calibration, baseScore),
      score,
      baseScore,
      features: featureNames.map((name, j) => ({
        name,
        value: row[j]!,
        distance: scaled[(window - 1) * width + j]!,
        contribution: contributions[j]!,
      })),
      members: own.map((member, m) => ({
        ...member,
        name: members[m]!.name,
        kind: members[m]!.model.kind,
        probability: probabilityIn(member.unit, member.value),
        share: slopes[m]! * (member.value - member.base),
      })),
    };
  };
}
