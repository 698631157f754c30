import type { Random } from '../../infra/random.ts';
import type { Combiner } from '../ensemble/combiner.ts';
import type { EnsembleModel } from '../ensemble/ensemble-model.ts';
import { logit, sigmoid } from '../ensemble/logit.ts';
import { sideColumnOf } from '../ensemble/primary-side.ts';
import { applyScaler } from '../ensemble/scaler.ts';
import { tailOfWindows } from '../estimators/sequence-windows.ts';
import { memberExplainer, probabilityIn, type MemberExplanation } from './explain-member.ts';

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

/** A row's members explained, and what each feature adds to the score through them, before any turn to up. */
export interface CarriedRow {
  readonly row: Float64Array;
  readonly scaled: Float64Array;
  readonly own: readonly MemberExplanation[];
  readonly slopes: readonly number[];
  /** Log-odds of the combination without and with the row. */
  readonly absent: number;
  readonly present: number;
  readonly contributions: Float64Array;
}

/** How members are sampled that cannot be explained exactly. */
export interface MemberSampling {
  readonly pairs: number;
  readonly random: Random;
}

/**
 * Explains the members for each row and carries what they say into the score. Takes unscaled windows, `rows * window *
 * width`.
 */
export function rowCarrier(
  ensemble: EnsembleModel,
  sampling: MemberSampling,
): (windows: Float64Array, rows: number, use: (carried: CarriedRow) => void) => void {
  const { serialised, members, window, featureNames } = ensemble;
  const { scaler, combiner, memberSlopes, baseLogit } = serialised;
  const width = featureNames.length;
  const explainers = members.map(({ name, model }) =>
    memberExplainer(model, { pairs: sampling.pairs, random: sampling.random.fork(name) }),
  );
  const carryRow = (row: Float64Array, scaled: Float64Array, own: readonly MemberExplanation[]): CarriedRow => {
    const carried = own.map((explanation, m) => ({
      own: explanation,
      tempered: (value: number) =>
        sigmoid(baseLogit + memberSlopes[m]! * (logit(probabilityIn(explanation.unit, value)) - baseLogit)),
    }));
    const { slopes, absent, present } = carry(combiner, weightsOf(combiner, row), carried);
    const contributions = new Float64Array(width);
    own.forEach((member, m) => {
      for (let j = 0; j < width; j++) contributions[j]! += slopes[m]! * member.contributions[j]!;
    });
    return { row, scaled, own, slopes, absent, present, contributions };
  };
  return (windows, rows, use) => {
    const scaled = applyScaler(scaler, windows, rows * window);
    const own = members.map(({ model }, m) =>
      explainers[m]!(tailOfWindows(scaled, rows, { window, kept: model.window ?? 1, width }), rows),
    );
    const last = tailOfWindows(windows, rows, { window, kept: 1, width });
    const lastScaled = tailOfWindows(scaled, rows, { window, kept: 1, width });
    for (let row = 0; row < rows; row++) {
      const [from, to] = [row * width, (row + 1) * width];
      const explained = own.map((explanations) => explanations[row]!);
      use(carryRow(last.subarray(from, to), lastScaled.subarray(from, to), explained));
    }
  };
}

/** What a member as a whole adds to the score. */
export function shareOf({ value, base }: MemberExplanation, slope: number): number {
  return slope * (value - base);
}

/** Column of the feature whose sign is the primary side; null for a model without one. */
export function sideColumnIn({ serialised, featureNames }: EnsembleModel): number | null {
  const { sideFeature } = serialised;
  return sideFeature === undefined ? null : sideColumnOf(featureNames, sideFeature);
}
