import { InputError } from '../../../infra/errors.ts';
import { takeRows, type Dataset } from '../../dataset.ts';
import { loadEnsemble, predictRows } from '../../ensemble/ensemble-model.ts';
import { disagreementOf } from '../../ensemble/disagreement.ts';
import { fitScaler } from '../../ensemble/scaler.ts';
import type { SerialisedEnsemble } from '../../ensemble/serialised-ensemble.ts';
import { estimatorOf, loadModel } from '../../estimators/registry.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import { fitNovelty, noveltyOf } from '../../monitoring/novelty.ts';
import { describeTraining } from '../../monitoring/training-reference.ts';
import { constantScores, shareOfUp } from '../../scores/constant-forecast.ts';
import { scorePredictions, type ScoreReport } from '../../scores/prediction-scores.ts';
import { selectFeatures, type FeatureSelection } from '../../selection/select-features.ts';
import { purgedKFolds } from '../../splits/combinatorial.ts';
import type { Fold } from '../../splits/fold.ts';
import { assertNoLeakage } from '../../splits/leakage-guard.ts';
import { learnEnsemble, type InnerDiagnostics, type LearnedEnsemble } from './learn-ensemble.ts';
import { predictionsOf, type Predictions } from './predictions.ts';
import type { TrainingContext, TrainingParts } from './training-context.ts';
import type { Scorable, Scores } from '../../scores/score.ts';

/** What training and testing one fold leaves behind. */
export interface FoldOutcome {
  readonly index: number;
  readonly ranges: Fold['ranges'];
  readonly trainRows: number;
  readonly testRows: number;
  readonly purgedRows: number;
  readonly embargoedRows: number;
  readonly ensemble: SerialisedEnsemble;
  readonly predictions: Predictions;
  /** Out-of-sample scores of the ensemble; without intervals, a fold is too short for them. */
  readonly report: ScoreReport;
  /** Share of up among the training rows. */
  readonly baseRate: number;
  /** Scores of a constant that knows `baseRate`, on the same test rows. */
  readonly constant: Scores;
  /** Out-of-sample scores of each member alone, uncalibrated. */
  readonly members: readonly { readonly name: string; readonly scores: Scores }[];
  readonly inner: InnerDiagnostics;
  /** What could not be learned from the training rows, and why. */
  readonly findings: readonly string[];
  /** Which features the members learned from; null: all of them. */
  readonly selection: FeatureSelection | null;
}

function partsOf(context: TrainingContext): TrainingParts {
  const guards = { innerFolds: purgedKFolds, guard: assertNoLeakage };
  return { estimatorOf, loadModel, fitScaler, selectFeatures, ...guards, ...context.parts };
}

/**
 * Trains the experiment's ensemble on a fold's training rows and predicts its test rows. Pure: equal input gives equal
 * bytes, because every random stream is named by the experiment's seed, the fold and the member, wherever it runs.
 * Throws a LeakageError when a training label reaches into the test rows, a SignalboxError naming member and fold when
 * a member fails.
 */
export async function trainFold(
  dataset: Dataset,
  fold: Fold,
  experiment: Experiment,
  context: TrainingContext = {},
): Promise<FoldOutcome> {
  const parts = partsOf(context);
  parts.guard(dataset, fold);
  const named = { stream: `fold ${fold.index}`, where: `fold ${fold.index + 1}` };
  const train = takeRows(dataset, fold.trainRows);
  const learned = await learnEnsemble({ train, experiment, ...named, parts, context });
  const { ensemble, inner, findings, selection } = learned;
  const test = takeRows(dataset, fold.testRows);
  const baseRate = shareOfUp(train.y);
  const model = await loadEnsemble(ensemble, parts.loadModel);
  try {
    const predicted = predictRows(model, test);
    return {
      index: fold.index,
      ranges: fold.ranges,
      trainRows: fold.trainRows.length,
      testRows: fold.testRows.length,
      purgedRows: fold.purgedRows,
      embargoedRows: fold.embargoedRows,
      ensemble,
      predictions: predictionsOf(dataset, fold, {
        ...predicted,
        novelty: noveltyOfTest(train, test, ensemble),
        disagreement: disagreementOf(predicted),
      }),
      report: scorePredictions(scorable(test, predicted.score, predicted.probability)),
      baseRate,
      constant: constantScores(test, () => baseRate),
      members: model.memberNames.map((name, m) => {
        const values = predicted.members[m]!;
        return { name, scores: scorePredictions(scorable(test, values, values)).scores };
      }),
      inner,
      findings,
      selection,
    };
  } finally {
    model.dispose();
  }
}

function scorable(test: Dataset, score: Float64Array, probability: Float64Array): Scorable {
  const { y, realisedReturn, decisionTimeMs } = test;
  return { score, probability, y, realisedReturn, decisionTimeMs };
}

/** How unlike its training rows each test row is; NaN where there are too few training rows to say. */
function noveltyOfTest(train: Dataset, test: Dataset, { scaler, sideFeature }: SerialisedEnsemble): Float64Array {
  // The scaler of a meta-model knows the rows with a side alone.
  const reference = fitNovelty(train, sideFeature === undefined ? scaler : undefined);
  return reference === null ? new Float64Array(test.rows).fill(NaN) : noveltyOf(reference, test);
}

/** Trains the experiment's ensemble on every row: the model that predicts bars after the last label. */
export async function trainFinal(
  dataset: Dataset,
  experiment: Experiment,
  context: TrainingContext = {},
): Promise<LearnedEnsemble> {
  if (dataset.rows === 0) throw new InputError('There are no labelled rows to train on', 'Take more data.');
  const reference = describeTraining(dataset, experiment.monitoring.windowBars);
  const named = { stream: 'final', where: 'the final model' };
  return learnEnsemble({ train: dataset, experiment, ...named, parts: partsOf(context), context, reference });
}
