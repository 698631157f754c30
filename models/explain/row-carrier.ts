import type { Random } from '../../infra/random.ts';
import { takeColumnValues } from '../dataset.ts';
import type { Combiner } from '../ensemble/combiner.ts';
import type { EnsembleModel } from '../ensemble/ensemble-model.ts';
import { logit, sigmoid } from '../ensemble/logit.ts';
import { sideColumnOf } from '../ensemble/primary-side.ts';
import { applyScaler } from '../ensemble/scaler.ts';
import { tailOfWindows } from '../estimators/sequence-windows.ts';
import { memberExplainer, probabilityIn, type MemberExplanation } from './explain-member.ts';

/** Below this two outputs count as one, and the slope between them is taken around them. */
const NEAR = 1e-9;
const STEP = 1e-6;

function weightsOf(combiner: Combiner, row: Float64Array): readonly number[] {
  if (combiner.kind === 'weighted') return combiner.weights;
  if (combiner.kind === 'stacked') return combiner.coefficients;
  return row[combiner.gateFeature]! > combiner.threshold ? combiner.wild : combiner.calm;
}

/**
 * What carries members' outputs into the score: tempered, and where the combiner adds log-odds, as those. Made once for
 * all rows, without a function for each row.
 */
class Carriage {
  readonly #serialised: EnsembleModel['serialised'];
  /** Members' inner values without and with the row. */
  readonly #absent: Float64Array;
  readonly #present: Float64Array;

  constructor({ serialised, members }: EnsembleModel) {
    this.#serialised = serialised;
    this.#absent = new Float64Array(members.length);
    this.#present = new Float64Array(members.length);
  }

  /** What the combiner weighs of member `m`, whose output in its unit is `value`. */
  #inner(m: number, unit: MemberExplanation['unit'], value: number): number {
    const { baseLogit, memberSlopes, combiner } = this.#serialised;
    const tempered = sigmoid(baseLogit + memberSlopes[m]! * (logit(probabilityIn(unit, value)) - baseLogit));
    return combiner.kind === 'stacked' ? logit(tempered) : tempered;
  }

  /** Slope of `inner` from what a member says of nothing to what it says of the row: contributions then add up. */
  #innerSlope(m: number, { unit, base, value }: MemberExplanation): number {
    if (Math.abs(value - base) > NEAR) return (this.#present[m]! - this.#absent[m]!) / (value - base);
    return (this.#inner(m, unit, base + STEP) - this.#inner(m, unit, base - STEP)) / (2 * STEP);
  }

  /** Slopes from each member's unit to the score, and the log-odds of the combination without and with the row. */
  carry(own: readonly MemberExplanation[], row: Float64Array): Pick<CarriedRow, 'slopes' | 'absent' | 'present'> {
    const { combiner } = this.#serialised;
    const weights = weightsOf(combiner, row);
    let from = 0;
    let to = 0;
    for (let m = 0; m < own.length; m++) {
      const { unit, base, value } = own[m]!;
      this.#absent[m] = this.#inner(m, unit, base);
      this.#present[m] = this.#inner(m, unit, value);
      from += weights[m]! * this.#absent[m]!;
      to += weights[m]! * this.#present[m]!;
    }
    const stacked = combiner.kind === 'stacked';
    const overall = stacked ? 1 : logitSlope(from, to);
    const slopes = new Float64Array(own.length);
    for (let m = 0; m < own.length; m++) slopes[m] = overall * weights[m]! * this.#innerSlope(m, own[m]!);
    if (stacked) return { slopes, absent: combiner.intercept + from, present: combiner.intercept + to };
    return { slopes, absent: logit(from), present: logit(to) };
  }
}

function logitSlope(from: number, to: number): number {
  if (Math.abs(to - from) > NEAR) return (logit(to) - logit(from)) / (to - from);
  return (logit(from + STEP) - logit(from - STEP)) / (2 * STEP);
}

/** A row's members explained, and what each feature adds to the score through them, before any turn to up. */
export interface CarriedRow {
  readonly row: Float64Array;
  readonly scaled: Float64Array;
  readonly own: readonly MemberExplanation[];
  readonly slopes: Float64Array;
  /** Log-odds of the combination without and with the row. */
  readonly absent: number;
  readonly present: number;
  readonly contributions: Float64Array;
}

/** How members are sampled that cannot be explained exactly. */
export interface MemberSampling {
  readonly pairs: number;
  readonly random: Random;
  /** Many rows will be explained: `treeShapOf`. */
  readonly tables?: boolean | undefined;
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
  const { scaler, columns } = serialised;
  const width = featureNames.length;
  const looked = columns ?? featureNames.map((_, column) => column);
  const median = looked.map((column) => scaler.center[column]!);
  const explainers = members.map(({ name, model }) =>
    memberExplainer(model, { ...sampling, random: sampling.random.fork(name), median }),
  );
  const carriage = new Carriage(ensemble);
  const carryRow = (row: Float64Array, scaled: Float64Array, own: readonly MemberExplanation[]): CarriedRow => {
    const { slopes, absent, present } = carriage.carry(own, row);
    const contributions = new Float64Array(width);
    for (let m = 0; m < own.length; m++) {
      const of = own[m]!.contributions;
      for (let j = 0; j < width; j++) contributions[j]! += slopes[m]! * of[j]!;
    }
    return { row, scaled, own, slopes, absent, present, contributions };
  };
  return (windows, rows, use) => {
    const scaled = applyScaler(scaler, windows, rows * window);
    const seen = (all: Float64Array): Float64Array =>
      columns === undefined ? all : takeColumnValues(all, width, columns);
    const [scaledSeen, windowsSeen] = [seen(scaled), seen(windows.subarray(0, rows * window * width))];
    const own = members.map(({ model }, m) => {
      const shape = { window, kept: model.window ?? 1, width: looked.length };
      const told = explainers[m]!(tailOfWindows(model.unscaled ? windowsSeen : scaledSeen, rows, shape), rows);
      return columns === undefined ? told : told.map((one) => ofAllFeatures(one, columns, width));
    });
    const last = tailOfWindows(windows, rows, { window, kept: 1, width });
    const lastScaled = tailOfWindows(scaled, rows, { window, kept: 1, width });
    for (let row = 0; row < rows; row++) {
      const [from, to] = [row * width, (row + 1) * width];
      const explained = own.map((explanations) => explanations[row]!);
      use(carryRow(last.subarray(from, to), lastScaled.subarray(from, to), explained));
    }
  };
}

/** A member's contributions in the places of all features: 0 for those that it does not look at. */
function ofAllFeatures(told: MemberExplanation, columns: readonly number[], width: number): MemberExplanation {
  const placed = (values: Float64Array): Float64Array => {
    const all = new Float64Array(width);
    values.forEach((value, k) => (all[columns[k]!] = value));
    return all;
  };
  const { contributions, standardError } = told;
  return {
    ...told,
    contributions: placed(contributions),
    standardError: standardError === null ? null : placed(standardError),
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
