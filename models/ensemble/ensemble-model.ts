import { InputError } from '../../infra/errors.ts';
import type { FittedModel, SerialisedModel } from '../estimators/estimator.ts';
import { loadModel } from '../estimators/registry.ts';
import { gatherWindows, tailOfWindows, type PredictableRows } from '../estimators/sequence-windows.ts';
import { calibrate } from './calibration.ts';
import { combine } from './combiner.ts';
import { probabilitiesOfUp, scoresOfUp, sideColumnOf, sidesOf } from './primary-side.ts';
import { predictMembers, stretches, windowOf, type Member } from './predict-members.ts';
import { applyScaler } from './scaler.ts';
import { assertEnsembleIntact, type SerialisedEnsemble } from './serialised-ensemble.ts';
import { aboveBase, temper } from './temper.ts';

/** Everything an ensemble says of some rows. */
export interface EnsemblePrediction {
  /** Calibrated probability of up. */
  readonly probability: Float64Array;
  /**
   * Log-odds of the combined member probability less those of the training base rate: what information coefficients
   * use. With a primary side the log-odds of up as they are, 0 without one.
   */
  readonly score: Float64Array;
  /** Each member's own probability, in member order. */
  readonly members: readonly Float64Array[];
}

/** A loaded ensemble. Synchronous, so that the engine can ask it inside `handle`. */
export interface EnsembleModel {
  readonly featureNames: readonly string[];
  readonly memberNames: readonly string[];
  readonly members: readonly Member[];
  /** Rows of a symbol that a prediction looks at, the predicted one last; 1 unless a member is a sequence network. */
  readonly window: number;
  /** Last label end of its training rows, UTC milliseconds. */
  readonly trainedToMs: number;
  readonly serialised: SerialisedEnsemble;
  /**
   * Calibrated probability of up for `rows` windows of row-major `x` (`rows * window * width`, oldest row first,
   * columns in the order of `featureNames`; NaN cells allowed). `predictRows` gathers the windows of a dataset.
   */
  predict(x: Float64Array, rows: number, out?: Float64Array): Float64Array;
  predictDetailed(x: Float64Array, rows: number): EnsemblePrediction;
  dispose(): void;
}

/** What `ensemble` says of rows that may look back into their history, a stretch of them at a time. */
export function predictRows(
  ensemble: Pick<EnsembleModel, 'window' | 'memberNames' | 'predictDetailed'>,
  data: PredictableRows,
): EnsemblePrediction {
  const { rows, width } = data;
  const probability = new Float64Array(rows);
  const score = new Float64Array(rows);
  const members = ensemble.memberNames.map(() => new Float64Array(rows));
  for (const stretch of stretches(rows, ensemble.window, width)) {
    const part = ensemble.predictDetailed(gatherWindows(data, ensemble.window, stretch), stretch.to - stretch.from);
    probability.set(part.probability, stretch.from);
    score.set(part.score, stretch.from);
    part.members.forEach((values, m) => members[m]!.set(values, stretch.from));
  }
  return { probability, score, members };
}

/**
 * Loads an ensemble: checks version and checksum, then every member. One that learned whether a primary side is right
 * is asked for the probability of up like any other: here, and nowhere else, what it learned is turned into that.
 */
export async function loadEnsemble(
  serialised: SerialisedEnsemble,
  load: (model: SerialisedModel) => Promise<FittedModel> = loadModel,
): Promise<EnsembleModel> {
  assertEnsembleIntact(serialised);
  const width = serialised.featureNames.length;
  const members = await Promise.all(
    serialised.members.map(async ({ name, model }) => ({ name, model: await load(model) })),
  );
  const window = windowOf(members);
  const ofUp = upConversion(serialised);
  const predictDetailed = (x: Float64Array, rows: number): EnsemblePrediction => {
    const size = rows * window * width;
    if (x.length < size) {
      const looked = window === 1 ? '' : ` over ${window} rows`;
      throw new InputError(
        `The ensemble needs ${width} features a row${looked}, got ${x.length} values for ${rows} rows`,
        'Use the feature set that the model was trained with, and the rows before each row that it looks at.',
      );
    }
    const input = x.length === size ? x : x.subarray(0, size);
    const scaled = applyScaler(serialised.scaler, input, rows * window);
    const probabilities = predictMembers(
      members,
      { scaled, unscaled: input },
      { rows, width, columns: serialised.columns },
    );
    const last = tailOfWindows(input, rows, { window, kept: 1, width });
    const base = (): number => serialised.baseLogit;
    const tempered = probabilities.map((values, m) => temper(values, serialised.memberSlopes[m]!, base));
    const score = aboveBase(combine(serialised.combiner, tempered, { x: last, width, rows }), base);
    const probability = score.map((value) => calibrate(serialised.calibration, value));
    return ofUp({ probability, score, members: probabilities }, last);
  };
  return {
    featureNames: serialised.featureNames,
    memberNames: members.map(({ name }) => name),
    members,
    window,
    trainedToMs: serialised.trainedToMs,
    serialised,
    predictDetailed,
    predict: (x, rows, out) => {
      const { probability } = predictDetailed(x, rows);
      if (out === undefined) return probability;
      out.set(probability);
      return out;
    },
    dispose: () => members.forEach(({ model }) => model.dispose()),
  };
}

/** From what an ensemble learned to up. `x`: the predicted rows, unscaled. */
function upConversion({
  sideFeature,
  featureNames,
  baseLogit,
}: SerialisedEnsemble): (learned: EnsemblePrediction, x: Float64Array) => EnsemblePrediction {
  if (sideFeature === undefined) return (learned) => learned;
  const width = featureNames.length;
  const column = sideColumnOf(featureNames, sideFeature);
  return ({ probability, score, members }, x) => {
    const sides = sidesOf(x, { rows: probability.length, width, column });
    return {
      probability: probabilitiesOfUp(probability, sides),
      score: scoresOfUp(score, () => baseLogit, sides),
      members: members.map((values) => probabilitiesOfUp(values, sides)),
    };
  };
}
