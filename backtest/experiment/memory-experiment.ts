import type { BarColumns } from '../../features/bar.ts';
import type { EventBook } from '../../features/events/event-book.ts';
import { computeFeatures, type FeatureMatrix } from '../../features/feature-matrix.ts';
import { experimentFeatures } from '../../models/experiment/experiment-features.ts';
import { createRandom } from '../../infra/random.ts';
import { buildDataset } from '../../models/training/build-dataset.ts';
import type { Dataset } from '../../models/dataset.ts';
import type { Experiment } from '../../models/experiment/experiment.ts';
import { scorePredictions, type ScoreReport } from '../../models/scores/prediction-scores.ts';
import { foldSpans, lifeMsOf } from '../../models/promotion/model-life.ts';
import { experimentFolds } from '../../models/splits/experiment-folds.ts';
import { experimentWindow } from '../../models/registry/experiment-window.ts';
import { stitchPredictions, type Predictions } from '../../models/training/fold/predictions.ts';
import { trainFold, type FoldOutcome } from '../../models/training/fold/train-fold.ts';
import type { TrainingParts } from '../../models/training/fold/training-context.ts';
import { computeAdjustedFeatures } from '../../pipelines/adjustments/adjusted-features.ts';
import { adjustBars } from '../../pipelines/adjustments/bar-adjuster.ts';
import type { DatedAction } from '../../pipelines/adjustments/corporate-action.ts';
import type { Calendar } from '../../pipelines/calendars/calendar.ts';
import { marketHours } from '../../pipelines/calendars/market-hours.ts';
import type { Effect } from '../../trading/effect.ts';
import { runHistoricalSession, type HistoricalSessionOptions } from '../../trading/sessions/historical-session.ts';
import { MemoryJournal } from '../../trading/journal/memory-journal.ts';
import type { Strategy } from '../../trading/strategies/strategy.ts';
import { createModelStrategy, storedPredictors } from '../../trading/strategies/model-signals.ts';
import { baselineRunner, runBaselines } from '../judgement/baselines.ts';
import { evaluate } from '../judgement/evaluation.ts';
import { baseRateEvidence, type BaseRateEvidence } from '../judgement/base-rate.ts';
import { foresightOf } from '../judgement/foresight.ts';
import { backtestResult, type BacktestResult } from '../judgement/result.ts';
import { fileInstrument } from '../../pipelines/sources/files/file-instrument.ts';
import { historyOf } from '../judgement/trial-history.ts';
import { actionsFrom, barsFromClose, sessionRules, thresholdsOf } from '../../trading/sessions/session-rules.ts';
import { marketDays } from '../../pipelines/calendars/market-days.ts';
import { simulatedBroker } from '../../trading/brokers/simulated/simulated-broker.ts';

/** Parts that tests exchange for broken ones, to see that look-ahead is noticed. */
export interface ReplaceableParts {
  readonly computeFeatures: typeof computeFeatures;
  readonly buildDataset: typeof buildDataset;
  readonly training: Partial<TrainingParts>;
  readonly strategy: (honest: Strategy, bars: readonly BarColumns[]) => Strategy;
}

export interface MemoryExperimentOptions {
  readonly experiment: Experiment;
  readonly bars: readonly BarColumns[];
  readonly calendar: Calendar;
  /** What the experiment takes out of the bars, one list per symbol; nothing if absent. */
  readonly actions?: readonly (readonly DatedAction[])[] | undefined;
  /** What `events(...)` among its features is made of. */
  readonly events?: EventBook | null | undefined;
  readonly parts?: Partial<ReplaceableParts>;
}

/** Everything an experiment decides on its way from bars to orders. */
export interface MemoryExperiment {
  readonly matrices: readonly FeatureMatrix[];
  readonly dataset: Dataset;
  readonly predictions: Predictions;
  /** Signals, refusals, orders and fills in order. */
  readonly effects: readonly Effect[];
  readonly session: HistoricalSessionOptions;
  readonly scores: ScoreReport;
  readonly baseRate: BaseRateEvidence;
}

/**
 * An experiment over bars in memory, without a database or a queue: the same features, labels, folds, training and
 * engine as `run`, one after the other. Proofs run hundreds of them and `lookahead` compares two.
 */
export async function runInMemory(options: MemoryExperimentOptions): Promise<MemoryExperiment> {
  const { experiment, bars, events, parts = {} } = options;
  const symbols = bars.map(({ symbol }) => symbol);
  const hours = marketHours(options.calendar);
  const set = experimentFeatures(experiment, { timeframe: experiment.data.timeframe, symbols, hours, events });
  const actions = options.actions ?? bars.map(() => []);
  const matrices = computeAdjustedFeatures(set, bars, actions, parts.computeFeatures ?? computeFeatures);
  const held = bars.map((columns, s) => adjustBars(columns, actions[s]!));
  const window = experimentWindow(experiment);
  const { dataset } = (parts.buildDataset ?? buildDataset)({ matrices, bars: held, actions, experiment, window });
  const outcomes: FoldOutcome[] = [];
  const folds = experimentFolds(dataset, experiment);
  for (const fold of folds) {
    outcomes.push(await trainFold(dataset, fold, experiment, { threads: 1, parts: parts.training ?? {} }));
  }
  const [predictions] = stitchPredictions(outcomes.map((outcome) => outcome.predictions));
  const trainedToMs = outcomes.map((outcome) => outcome.ensemble.trainedToMs);
  const lifeMs = lifeMsOf(experiment, foldSpans(folds));
  const session = sessionOf(options, predictions!, { trainedToMs, lifeMs });
  const effects: Effect[] = [];
  const hashed = new MemoryJournal(symbols, { keep: false });
  const journal = {
    append: (effect: Effect): void => {
      effects.push(effect);
      hashed.append(effect);
    },
    hash: (): string => hashed.hash(),
  };
  runHistoricalSession({ ...session, journal });
  const random = createRandom(experiment.seed).fork('scores');
  const scores = scorePredictions(predictions!, { random, horizonBars: experiment.labels.horizonBars });
  const sided = experiment.labels.meta !== undefined;
  const baseRate = baseRateEvidence(predictions!, (fold) => outcomes[fold]?.baseRate, sided);
  return { matrices, dataset, predictions: predictions!, effects, session, scores, baseRate };
}

function sessionOf(
  { experiment, bars, calendar, actions, parts }: MemoryExperimentOptions,
  predictions: Predictions,
  { trainedToMs, lifeMs }: { trainedToMs: readonly number[]; lifeMs: number },
): HistoricalSessionOptions {
  const table = {
    symbol: Array.from(predictions.symbolIndex, (index) => predictions.symbols[index]!),
    decisionTimeMs: predictions.decisionTimeMs,
    probability: predictions.probability,
    trainedToMs: Float64Array.from(predictions.fold, (fold) => trainedToMs[fold]!),
    expiresAtMs: Float64Array.from(predictions.fold, (fold) => trainedToMs[fold]! + lifeMs),
  };
  const honest = createModelStrategy(storedPredictors(table), thresholdsOf(experiment));
  const traded = bars.map((columns) => barsFromClose(columns, predictions.decisionTimeMs[0]!));
  return {
    bars: traded,
    instruments: bars.map(({ symbol }) => fileInstrument(symbol, { calendar: 'none', lot: 1 })),
    strategy: parts?.strategy?.(honest, traded) ?? honest,
    broker: simulatedBroker(experiment.costs),
    ...sessionRules(experiment, traded, calendar),
    actions: actions === undefined ? undefined : actionsFrom(actions, traded),
  };
}

/** The result document of an experiment in memory, as its only trial. */
export function judgeInMemory(run: MemoryExperiment, options: MemoryExperimentOptions): BacktestResult {
  const { experiment, calendar } = options;
  const session = runHistoricalSession(run.session);
  const random = createRandom(experiment.seed).fork('backtest');
  const runner = baselineRunner(run.session);
  const { bars } = run.session;
  const market = marketDays(calendar, bars);
  const baselines = runBaselines({ session, bars, market, run: runner, random: random.fork('baselines') });
  const evaluation = evaluate(session, baselines, market);
  return backtestResult({
    evaluation,
    history: historyOf([evaluation.record]),
    experiment: experiment.name,
    strategy: run.session.strategy,
    random: random.fork('statistics'),
    walkForward: { folds: [], pooled: run.scores, baseRate: run.baseRate },
    costs: experiment.costs,
    foresight: foresightOf(experiment.splits),
  });
}
