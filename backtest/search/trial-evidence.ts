import { sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { createRandom } from '../../infra/random.ts';
import { takeRows, type Dataset } from '../../models/dataset.ts';
import type { Experiment } from '../../models/experiment/experiment.ts';
import { lifeMsOf, foldSpans } from '../../models/promotion/model-life.ts';
import { scorePredictions } from '../../models/scores/prediction-scores.ts';
import type { TrialEvidence } from '../../models/search/objective.ts';
import type { TestPredictions } from '../../models/search/search-store.ts';
import { purgedKFolds } from '../../models/splits/combinatorial.ts';
import { decisionTimesOf, rowRange, type Fold } from '../../models/splits/fold.ts';
import { experimentFolds } from '../../models/splits/experiment-folds.ts';
import { scoreValues } from '../../models/training/fold/fold-summary.ts';
import { stitchPredictions, type Predictions } from '../../models/training/fold/predictions.ts';
import { trainFold } from '../../models/training/fold/train-fold.ts';
import type { TrainingContext } from '../../models/training/fold/training-context.ts';
import { runHistoricalSession, type HistoricalSessionOptions } from '../../trading/sessions/historical-session.ts';
import type { SessionResult } from '../../trading/session-result.ts';
import { createModelStrategy, storedPredictors, type PredictionTable } from '../../trading/strategies/model-signals.ts';
import { baselineRunner, runBaselines } from '../judgement/baselines.ts';
import { evaluate, type Evaluation } from '../judgement/evaluation.ts';
import { actionsFrom, barsFromClose, sessionRules, thresholdsOf } from '../../trading/sessions/session-rules.ts';
import type { TradedExperiment } from '../../trading/sessions/experiment-session.ts';
import { marketDays } from '../../pipelines/calendars/market-days.ts';
import { simulatedBroker } from '../../trading/brokers/simulated/simulated-broker.ts';

/** What trials of a search are run on: rows, and the bars that they are traded over. */
export interface TrialData extends Omit<TradedExperiment, 'experiment'> {
  readonly dataset: Dataset;
}

/** The rows of a training window: those of an outer fold, or all; of them the newest share of bars. */
export function windowRows(dataset: Dataset, fold: Pick<Fold, 'trainRows'> | null, share: number): Dataset {
  const window = fold === null ? dataset : takeRows(dataset, fold.trainRows);
  if (share >= 1) return window;
  const { timeMs, firstRow } = decisionTimesOf(window);
  const from = timeMs.length - Math.ceil(share * timeMs.length);
  return takeRows(window, rowRange(firstRow[from]!, window.rows));
}

/**
 * Scores a configuration inside one training window: purged folds of the window's rows alone are predicted by ensembles
 * that were trained on the others, and what they predict is traded. No row outside the window is looked at, no bar
 * beyond its last label.
 */
export async function trialEvidence(
  data: TrialData,
  window: Dataset,
  trial: { readonly experiment: Experiment; readonly folds: number; readonly context: TrainingContext },
): Promise<TrialEvidence> {
  const { experiment, folds, context } = trial;
  const inner = purgedKFolds(window, { folds, embargoBars: experiment.splits.embargoBars });
  const parts: Predictions[] = [];
  for (const fold of inner) {
    const onProgress = (fraction: number): void => context.onProgress?.((fold.index + fraction) / inner.length);
    parts.push((await trainFold(window, fold, experiment, { ...context, onProgress })).predictions);
  }
  const [predictions] = stitchPredictions(parts);
  const endMs = window.labelEndTimeMs.reduce((last, end) => Math.max(last, end), -Infinity);
  // The models of k-fold know both sides of what they predict, purged: they have no end of training and do not expire
  // there.
  const table = tableOf(predictions!, { trainedToMs: -Infinity, expiresAtMs: Infinity });
  const { evaluation } = tradeTable(data, experiment, { table, endMs });
  return evidenceOf(predictions!, evaluation);
}

/** The figures of some predictions and their session. */
export function evidenceOf(
  predictions: Parameters<typeof scorePredictions>[0],
  { record, session }: Evaluation,
): TrialEvidence {
  return {
    rows: predictions.y.length,
    scores: scoreValues(scorePredictions(predictions).scores),
    dayMs: Array.from(record.timeMs),
    returns: Array.from(record.returns),
    excessReturns: Array.from(record.excessReturns),
    trades: session.ledger.length,
  };
}

/** Tests a configuration on an outer fold: trained on its training rows, predicting its test rows. */
export async function testFold(
  data: TrialData,
  index: number,
  { experiment, context }: { experiment: Experiment; context: TrainingContext },
): Promise<{ predictions: TestPredictions; scores: TrialEvidence['scores'] }> {
  const folds = experimentFolds(data.dataset, experiment);
  const { predictions, report, ensemble } = await trainFold(data.dataset, folds[index]!, experiment, context);
  const ordered = experiment.splits.kind === 'walk-forward';
  const lifeMs = lifeMsOf(experiment, foldSpans(folds));
  const first = Array.from(predictions.path.keys()).filter((row) => predictions.path[row] === 0);
  const take = (column: Float64Array): number[] => first.map((row) => column[row]!);
  return {
    scores: scoreValues(report.scores),
    predictions: {
      symbol: first.map((row) => predictions.symbols[predictions.symbolIndex[row]!]!),
      decisionTimeMs: take(predictions.decisionTimeMs),
      probability: take(predictions.probability),
      score: take(predictions.score),
      y: take(predictions.y),
      realisedReturn: take(predictions.realisedReturn),
      // JSON has no infinities; a model that knows both sides of its test rows may trade all of them.
      trainedToMs: ordered ? ensemble.trainedToMs : 0,
      expiresAtMs: ordered ? ensemble.trainedToMs + lifeMs : Number.MAX_SAFE_INTEGER,
    },
  };
}

function tableOf(
  predictions: Predictions,
  { trainedToMs, expiresAtMs }: { trainedToMs: number; expiresAtMs: number },
): PredictionTable {
  return {
    symbol: Array.from(predictions.symbolIndex, (index) => predictions.symbols[index]!),
    decisionTimeMs: predictions.decisionTimeMs,
    probability: predictions.probability,
    trainedToMs: new Float64Array(predictions.rows).fill(trainedToMs),
    expiresAtMs: new Float64Array(predictions.rows).fill(expiresAtMs),
  };
}

/** A session over a table of predictions with what it is measured beside. */
export interface TradedTable {
  readonly options: HistoricalSessionOptions;
  readonly session: SessionResult;
  readonly evaluation: Evaluation;
}

/**
 * Trades predictions from the first of them to `endMs` (all bars by default), beside a benchmark of the same exposure.
 */
export function tradeTable(
  data: Omit<TradedExperiment, 'experiment'>,
  experiment: Experiment,
  { table, endMs = Infinity }: { table: PredictionTable; endMs?: number },
): TradedTable {
  const firstMs = table.decisionTimeMs.reduce((first, time) => Math.min(first, time), Infinity);
  const bars = data.bars.map((columns) => until(barsFromClose(columns, firstMs), endMs));
  const options: HistoricalSessionOptions = {
    bars,
    instruments: data.instruments,
    strategy: createModelStrategy(storedPredictors(table), thresholdsOf(experiment)),
    broker: simulatedBroker(experiment.costs),
    ...sessionRules(experiment, bars, data.calendar),
    actions: actionsFrom(data.actions, bars),
  };
  const session = runHistoricalSession(options);
  const random = createRandom(experiment.seed).fork('trial');
  const market = marketDays(data.calendar, data.bars);
  const baselines = runBaselines({ session, bars, market, run: baselineRunner(options), random, randomRuns: 0 });
  return { options, session, evaluation: evaluate(session, baselines, market) };
}

/** The bars that close by `endMs`. */
function until(columns: BarColumns, endMs: number): BarColumns {
  let to = columns.length;
  while (to > 0 && columns.closeTimeMs[to - 1]! > endMs) to--;
  return sliceBarColumns(columns, 0, to);
}
