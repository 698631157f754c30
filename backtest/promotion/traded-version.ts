import { SignalboxError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { progressTo, silentProgress, type Progress } from '../../infra/terminal/progress.ts';
import { createRandom } from '../../infra/random.ts';
import { readLivePredictions, type StoredLivePredictions } from '../../models/monitoring/live-prediction-store.ts';
import { predictLive } from '../../models/monitoring/predict-live.ts';
import { readModel, type ModelVersion } from '../../models/registry/model-store.ts';
import { readPredictions, type StoredPredictions } from '../../models/registry/prediction-store.ts';
import { loadDataset, type LoadedDataset } from '../../models/training/load-dataset.ts';
import { readTraining, type TrainingPlan } from '../../models/registry/training-store.ts';
import { findSeries } from '../../pipelines/bars/bar-series-store.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { barsOf, runHistoricalSession } from '../../trading/sessions/historical-session.ts';
import { BASELINE_SESSIONS, baselineRunner, runBaselines } from '../judgement/baselines.ts';
import { evaluate } from '../judgement/evaluation.ts';
import type { TrialRecord } from '../judgement/trial-history.ts';
import { experimentSession, type TradedExperiment } from '../../trading/sessions/experiment-session.ts';
import { marketDays } from '../../pipelines/calendars/market-days.ts';

/** The data of a training as the store has them now: bars that came since included. */
export interface TrainingData extends LoadedDataset, TradedExperiment {
  readonly plan: TrainingPlan;
  readonly source: string;
  /** Close of the newest bar. */
  readonly newestMs: number;
  readonly atHand: AtHand | null;
}

/** What a run that has just trained still has in memory. */
export interface AtHand {
  readonly trainingHash: string;
  readonly loaded: LoadedDataset;
  /** What its folds predicted, as the store gives it. */
  readonly predictions: StoredPredictions;
}

/** Data that a training was planned on, and everything since: what is at hand, else read from the store. */
export async function loadTrainingData(
  database: Database,
  trainingHash: string,
  atHand: AtHand | null = null,
): Promise<TrainingData> {
  const plan = await readTraining(database.pool, trainingHash);
  const own = atHand?.trainingHash === trainingHash ? atHand : null;
  const { bars, actions, dataset, inferenceRows, report } = own?.loaded ?? (await loadDataset(database, plan));
  const loaded: LoadedDataset = { bars, actions, dataset, inferenceRows, report };
  const series = await findSeries(
    database.pool,
    plan.series.map(({ id }) => id),
  );
  const closes = loaded.bars.map(({ closeTimeMs, length }) => closeTimeMs[length - 1] ?? -Infinity);
  return {
    ...loaded,
    plan,
    experiment: plan.experiment,
    calendar: calendarNamed(series[0]!.calendar),
    instruments: series.map(({ instrument }) => instrument),
    source: series[0]!.source,
    newestMs: Math.max(...closes),
    atHand: own,
  };
}

/** A version's out-of-sample life: what its folds predicted, and after them what its final model said. */
export interface TradedVersion {
  readonly plan: TrainingPlan;
  readonly predictions: StoredPredictions;
  /** Its daily net record over `data`, in excess of buy-and-hold of the same average exposure too. */
  readonly record: TrialRecord;
  /** Last label end that the final model was trained on. */
  readonly trainedToMs: number;
}

/** How a version is traded, and where that is shown. */
interface TradeOptions {
  readonly role: 'champion' | 'challenger';
  readonly madeAtMs: number;
  readonly progress?: Progress | undefined;
}

/**
 * Trades everything a version has predicted out of sample over the bars of `data`, by its own experiment's rules and
 * costs: the folds' predictions, then those of the final model for bars after its training.
 */
export async function tradeVersion(
  database: Database,
  { modelHash }: Pick<ModelVersion, 'modelHash'>,
  data: TrainingData,
  { role, madeAtMs, progress = silentProgress() }: TradeOptions,
): Promise<TradedVersion> {
  const model = await readModel(database.pool, modelHash);
  const plan = await readTraining(database.pool, model.trainingHash);
  await predictLive(database, { modelHash, role }, { built: data, madeAtMs });
  const { atHand } = data;
  const folds =
    atHand?.trainingHash === model.trainingHash
      ? atHand.predictions
      : await readPredictions(database.pool, model.trainingHash);
  const live = await readLivePredictions(database.pool, modelHash);
  const predictions = joined(folds, live, model.trainToMs);
  if (predictions.length === 0) throw new SignalboxError('A version without a prediction cannot be traded.');
  const session = experimentSession({ ...data, experiment: plan.experiment }, { predictions, plan });
  const stage = progress.stage(`trade the ${role}`, (1 + BASELINE_SESSIONS) * barsOf(session));
  const result = runHistoricalSession({ ...session, onProgress: progressTo(stage) });
  const random = createRandom(plan.experiment.seed).fork('promotion');
  const runBaseline = baselineRunner(session);
  const run: typeof runBaseline = (baseline) => {
    const done = runBaseline(baseline);
    stage.advance(done.bars);
    return done;
  };
  const market = marketDays(data.calendar, data.bars);
  const baselines = runBaselines({ session: result, bars: session.bars, market, run, random, randomRuns: 0 });
  stage.done(`${result.bars} bars, ${result.ledger.length} trades`);
  const { record } = evaluate(result, baselines, market);
  return { plan, predictions, record, trainedToMs: model.trainToMs };
}

/** Out-of-fold rows, then live ones: a final model predicts from the end of its last label on, the folds before. */
function joined(folds: StoredPredictions, live: StoredLivePredictions, trainedToMs: number): StoredPredictions {
  const fold = folds.fold.reduce((last, index) => Math.max(last, index), -1) + 1;
  const rows = rowsNotIn(folds, live);
  const length = folds.length + rows.length;
  const ended = (before: Int32Array, value: number): Int32Array =>
    Int32Array.from({ length }, (_, at) => before[at] ?? value);
  const column = (
    name: 'decisionTimeMs' | 'probability' | 'score' | 'novelty' | 'y' | 'realisedReturn',
  ): Float64Array =>
    Float64Array.from({ length }, (_, at) =>
      at < folds.length ? folds[name][at]! : live[name][rows[at - folds.length]!]!,
    );
  return {
    length,
    symbol: [...folds.symbol, ...rows.map((row) => live.symbol[row]!)],
    decisionTimeMs: column('decisionTimeMs'),
    probability: column('probability'),
    score: column('score'),
    novelty: column('novelty'),
    disagreement: Float64Array.from({ length }, (_, at) =>
      at < folds.length ? (folds.disagreement?.[at] ?? NaN) : live.disagreement[rows[at - folds.length]!]!,
    ),
    y: column('y'),
    realisedReturn: column('realisedReturn'),
    path: ended(folds.path, 0),
    reasons: [...folds.reasons, ...rows.map((row) => live.reasons[row]!)],
    fold: ended(folds.fold, fold),
    trainedToMs: Float64Array.from({ length }, (_, at) => folds.trainedToMs[at] ?? trainedToMs),
  };
}

/** Live rows of a symbol and time that no fold predicted: few times beside the folds' millions of rows. */
function rowsNotIn(folds: StoredPredictions, live: StoredLivePredictions): number[] {
  const times = new Set(live.decisionTimeMs);
  const known = new Set<string>();
  for (let row = 0; row < folds.length; row++) {
    if (times.has(folds.decisionTimeMs[row]!)) known.add(`${folds.symbol[row]} ${folds.decisionTimeMs[row]}`);
  }
  return Array.from({ length: live.length }, (_, row) => row).filter(
    (row) => !known.has(`${live.symbol[row]} ${live.decisionTimeMs[row]}`),
  );
}
