import { InputError, SignalboxError } from '../../infra/errors.ts';
import type { FittedModel, SerialisedModel } from '../estimators/estimator.ts';
import { loadModel } from '../estimators/registry.ts';
import { calibrate } from './calibration.ts';
import { combine } from './combiner.ts';
import { applyScaler } from './scaler.ts';
import { assertEnsembleIntact, type SerialisedEnsemble } from './serialised-ensemble.ts';
import { aboveBase, temper } from './temper.ts';

/** Everything an ensemble says of some rows. */
export interface EnsemblePrediction {
  /** Calibrated probability of up. */
  readonly probability: Float64Array;
  /** Log-odds of the combined member probability less those of the training base rate: what information coefficients use. */
  readonly score: Float64Array;
  /** Each member's own probability, in member order. */
  readonly members: readonly Float64Array[];
}

/** A loaded ensemble. Synchronous, so that the engine can ask it inside `handle`. */
export interface EnsembleModel {
  readonly featureNames: readonly string[];
  readonly memberNames: readonly string[];
  /** Last label end of its training rows, UTC milliseconds. */
  readonly trainedToMs: number;
  readonly serialised: SerialisedEnsemble;
  /** Calibrated probability of up for `rows` rows of row-major `x` in the order of `featureNames`; NaN cells allowed. */
  predict(x: Float64Array, rows: number, out?: Float64Array): Float64Array;
  predictDetailed(x: Float64Array, rows: number): EnsemblePrediction;
  dispose(): void;
}

/** Throws when a member gave something that is no probability: it is never replaced or left out. */
function assertProbabilities(name: string, values: Float64Array, rows: number): void {
  for (let row = 0; row < rows; row++) {
    const p = values[row]!;
    if (!(p >= 0 && p <= 1)) {
      throw new SignalboxError(`Ensemble member ${name} predicted ${p} for row ${row}: not a probability`, {
        remedy: 'Train the model again; if it stays, check the features of that bar.',
      });
    }
  }
}

/** Asks each member for its probabilities of scaled rows; names the member that fails. */
export function predictMembers(
  members: readonly { readonly name: string; readonly model: FittedModel }[],
  scaled: Float64Array,
  rows: number,
): Float64Array[] {
  return members.map(({ name, model }) => {
    let values: Float64Array;
    try {
      values = model.predict(scaled, rows);
    } catch (cause) {
      const said = cause instanceof Error ? cause.message : String(cause);
      throw new SignalboxError(`Ensemble member ${name} failed to predict: ${said}`, { cause });
    }
    assertProbabilities(name, values, rows);
    return values;
  });
}

/** Loads an ensemble: checks version and checksum, then every member. */
export async function loadEnsemble(
  serialised: SerialisedEnsemble,
  load: (model: SerialisedModel) => Promise<FittedModel> = loadModel,
): Promise<EnsembleModel> {
  assertEnsembleIntact(serialised);
  const width = serialised.featureNames.length;
  const members = await Promise.all(
    serialised.members.map(async ({ name, model }) => ({ name, model: await load(model) })),
  );
  const predictDetailed = (x: Float64Array, rows: number): EnsemblePrediction => {
    if (x.length < rows * width) {
      throw new InputError(
        `The ensemble needs ${width} features a row, got ${x.length} values for ${rows} rows`,
        'Use the feature set that the model was trained with.',
      );
    }
    const input = x.length === rows * width ? x : x.subarray(0, rows * width);
    const probabilities = predictMembers(members, applyScaler(serialised.scaler, input, rows), rows);
    const base = (): number => serialised.baseLogit;
    const tempered = probabilities.map((values, m) => temper(values, serialised.memberSlopes[m]!, base));
    const score = aboveBase(combine(serialised.combiner, tempered, { x: input, width, rows }), base);
    return {
      probability: score.map((value) => calibrate(serialised.calibration, value)),
      score,
      members: probabilities,
    };
  };
  return {
    featureNames: serialised.featureNames,
    memberNames: members.map(({ name }) => name),
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
