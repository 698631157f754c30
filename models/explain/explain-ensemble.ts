import type { EnsembleExplanation } from './ensemble-explanation.ts';
import type { Random } from '../../infra/random.ts';
import { calibrate } from '../ensemble/calibration.ts';
import type { Combiner } from '../ensemble/combiner.ts';
import type { EnsembleModel } from '../ensemble/ensemble-model.ts';
import { logit, sigmoid } from '../ensemble/logit.ts';
import { sideColumnOf } from '../ensemble/primary-side.ts';
import { applyScaler } from '../ensemble/scaler.ts';
import { tailOfWindows } from '../estimators/sequence-windows.ts';
import { memberExplainer, probabilityIn } from './explain-member.ts';
import type { MemberExplanation } from './explain-member.ts';
import { explanationOfUp } from './explain-side.ts';

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

/** A member's explanation beside what carries it into the score. */
interface Carried {
  readonly own: MemberExplanation;
  /** Tempered probability of an output in the member's unit. */
  readonly tempered: (value: number) => number;
}

/** Slopes from each member's unit to the score, and the log-odds of the combination without and with the row. */
function carry(
  combiner: Combiner,
  weights: readonly number[],
  members: readonly Carried[],
): { slopes: number[]; absent: number; present: number } {
  const stacked = combiner.kind === 'stacked';
  const inner = ({ tempered }: Carried) => (stacked ? (value: number) => logit(tempered(value)) : tempered);
  const total = (value: (member: Carried) => number): number =>
    members.reduce((sum, member, m) => sum + weights[m]! * inner(member)(value(member)), 0);
  const outer = stacked ? (sum: number) => combiner.intercept + sum : logit;
  const from = total(({ own }) => own.base);
  const to = total(({ own }) => own.value);
  const overall = stacked ? 1 : secant(logit, from, to);
  const slopes = members.map(
    (member, m) => overall * weights[m]! * secant(inner(member), member.own.base, member.own.value),
  );
  return { slopes, absent: outer(from), present: outer(to) };
}

/**
 * Explains predictions of an ensemble. Each member is explained in its own unit (exactly for trees and linear models, sampled for others,
 * and named so), and its contributions are carried through tempering and combination by the slopes between what the model says of nothing and
 * of the row, so that all contributions (of features, and of members that stay undivided) add up to the score exactly. What a model
 * with a primary side learned is told as of up. Takes unscaled windows, `rows * window * width`.
 */
export function ensembleExplainer(
  ensemble: EnsembleModel,
  sampling: { readonly pairs: number; readonly random: Random },
): (windows: Float64Array, rows: number) => EnsembleExplanation[] {
  const { serialised, members, window, featureNames } = ensemble;
  const { scaler, combiner, memberSlopes, baseLogit, calibration, sideFeature } = serialised;
  const width = featureNames.length;
  const sideColumn = sideFeature === undefined ? null : sideColumnOf(featureNames, sideFeature);
  const explainers = members.map(({ name, model }) =>
    memberExplainer(model, { pairs: sampling.pairs, random: sampling.random.fork(name) }),
  );
  const explainRow = (
    row: Float64Array,
    scaled: Float64Array,
    own: readonly MemberExplanation[],
  ): EnsembleExplanation => {
    const carried = own.map((explanation, m) => ({
      own: explanation,
      tempered: (value: number) =>
        sigmoid(baseLogit + memberSlopes[m]! * (logit(probabilityIn(explanation.unit, value)) - baseLogit)),
    }));
    const { slopes, absent, present } = carry(combiner, weightsOf(combiner, row), carried);
    const contributions = new Float64Array(width);
    own.forEach((member, m) => member.contributions.forEach((one, j) => (contributions[j]! += slopes[m]! * one)));
    const learned: EnsembleExplanation = {
      probability: calibrate(calibration, present - baseLogit),
      baseProbability: calibrate(calibration, absent - baseLogit),
      score: present - baseLogit,
      baseScore: absent - baseLogit,
      features: featureNames.map((name, j) => ({
        name,
        value: row[j]!,
        distance: scaled[j]!,
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
    return sideColumn === null ? learned : explanationOfUp(learned, learned.features[sideColumn]!, baseLogit);
  };
  return (windows, rows) => {
    const scaled = applyScaler(scaler, windows, rows * window);
    const own = members.map(({ model }, m) =>
      explainers[m]!(tailOfWindows(scaled, rows, { window, kept: model.window ?? 1, width }), rows),
    );
    const last = tailOfWindows(windows, rows, { window, kept: 1, width });
    const lastScaled = tailOfWindows(scaled, rows, { window, kept: 1, width });
    return Array.from({ length: rows }, (_, row) =>
      explainRow(
        last.subarray(row * width, (row + 1) * width),
        lastScaled.subarray(row * width, (row + 1) * width),
        own.map((explanations) => explanations[row]!),
      ),
    );
  };
}
