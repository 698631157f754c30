import { availableParallelism } from 'node:os';
import { sliceBarColumns, type BarColumns } from '../features/bar.ts';
import { SignalboxError } from '../infra/errors.ts';
import type { Database } from '../infra/postgres/database.ts';
import { silentProgress, type Progress } from '../infra/progress.ts';
import { createRandom, type Random } from '../infra/random.ts';
import { limitsOf, type Experiment } from '../models/experiment.ts';
import { lifeMsOf, plannedSpans } from '../models/promotion/model-life.ts';
import { takePredictions } from '../models/prediction-columns.ts';
import type { StoredPredictions } from '../models/prediction-store.ts';
import { RESAMPLES } from '../models/scores/block-bootstrap.ts';
import { scorePredictions, type ScoreReport } from '../models/scores/prediction-scores.ts';
import { scoreOnThreads } from '../models/scores/score-on-threads.ts';
import { scoreValues } from '../models/training/fold-summary.ts';
import type { Calendar } from '../pipelines/calendars/calendar.ts';
import type { SessionActions } from '../trading/corporate-actions.ts';
import { runHistoricalSession, type HistoricalSessionOptions } from '../trading/historical-session.ts';
import type { SignalRecord } from '../trading/session-result.ts';
import type { SessionDefinition } from '../trading/session-store.ts';
import type { SizingRule } from '../trading/sizing.ts';
import { foresightOf } from './foresight.ts';
import { runJournaledSession } from './journaled-session.ts';
import { createModelStrategy, storedPredictors, type ModelSignalRules } from '../trading/strategies/model-signals.ts';
import { baselineRunner, randomRunCount, runBaselines, type BaselineOptions, type Baselines } from './baselines.ts';
import { evaluate, type Evaluation } from './evaluation.ts';
import { pathSection, pathsSection, type PathsSection } from './path-outcome.ts';
import type { PreparedExperiment } from './prepare-experiment.ts';
import { backtestResult, type BacktestResult } from './result.ts';
import { barsPerYear, marketDays } from './session-options.ts';
import type { TrainedExperiment } from './train-experiment.ts';
import { recordTrial } from './trial-store.ts';

/** What a session needs of a prepared experiment. */
export type TradedExperiment = Pick<PreparedExperiment, 'experiment' | 'calendar' | 'bars' | 'actions' | 'instruments'>;

export interface ExperimentBacktest {
  readonly result: BacktestResult;
  readonly evaluation: Evaluation;
}

/**
 * Trades the out-of-sample predictions of a trained experiment from the first of them on, measures the session beside its
 * baselines, counts the trial and judges. Deterministic for stored predictions.
 */
export async function backtestExperiment(
  database: Database,
  prepared: PreparedExperiment,
  trained: TrainedExperiment,
  work: BacktestWork = {},
): Promise<ExperimentBacktest> {
  const { experiment } = prepared;
  const plan = experimentSession(prepared, trained);
  const session = await runJournaledSession(database, sessionDefinition(prepared, trained, 'backtest'), plan);
  const random = createRandom(experiment.seed).fork('backtest');
  const baselines = shownBaselines({ session, bars: plan.bars, run: baselineRunner(plan) }, random, work);
  const evaluation = evaluate(session, baselines, marketDays(prepared.calendar));
  const pooled = await pooledScores(experiment, trained.predictions, work);
  const history = await recordTrial(database, {
    ...evaluation.record,
    dataHash: prepared.ingested.dataHash,
    experimentHash: trained.plan.experimentHash,
    experimentName: experiment.name,
    symbols: prepared.instruments.map(({ symbol }) => symbol),
  });
  const result = backtestResult({
    evaluation,
    history,
    experiment: experiment.name,
    strategy: { name: plan.strategy.name, parameters: plan.strategy.parameters },
    random: random.fork('statistics'),
    walkForward: { folds: trained.folds, pooled },
    paths: experiment.splits.kind === 'combinatorial' ? tradePaths(prepared, trained, evaluation) : undefined,
    foresight: foresightOf(experiment.splits),
  });
  const shown = { ...session, lastSignals: [...session.lastSignals, ...(work.latest ?? [])] };
  return { result, evaluation: { ...evaluation, session: shown } };
}

/** The baselines, each of their sessions shown as it is done. */
function shownBaselines(
  { session, bars, run }: Pick<BaselineOptions, 'session' | 'bars' | 'run'>,
  random: Random,
  { progress = silentProgress() }: BacktestWork,
): Baselines {
  // Buy-and-hold, about three sessions until its exposure matches, and the random ones.
  const stage = progress.stage('baselines', randomRunCount(session.bars) + 4);
  const counted: BaselineOptions['run'] = (plan) => {
    const done = run(plan);
    stage.advance();
    return done;
  };
  const baselines = runBaselines({ session, bars, run: counted, random: random.fork('baselines') });
  stage.done(`${baselines.random.length} random sessions beside buy-and-hold`);
  return baselines;
}

/** Scores and trades every reconstructed path by itself; `first` is what the first one gave. */
function tradePaths(prepared: PreparedExperiment, trained: TrainedExperiment, first: Evaluation): PathsSection {
  const { experiment } = prepared;
  const count = trained.predictions.path.reduce((most, path) => Math.max(most, path), 0) + 1;
  const paths = Array.from({ length: count }, (_, path) => {
    const predictions = tradedPredictions(experiment, trained.predictions, path);
    const scores = scoreValues(scorePredictions(predictions).scores);
    const evaluation = path === 0 ? first : tradePath(prepared, trained, path);
    return pathSection(path, { rows: predictions.length, scores }, evaluation);
  });
  return pathsSection(paths);
}

function tradePath(prepared: PreparedExperiment, trained: TrainedExperiment, path: number): Evaluation {
  const plan = experimentSession(prepared, trained, path);
  const session = runHistoricalSession(plan);
  const random = createRandom(prepared.experiment.seed).fork('paths');
  const baselines = runBaselines({ session, bars: plan.bars, run: baselineRunner(plan), random, randomRuns: 0 });
  return evaluate(session, baselines, marketDays(prepared.calendar));
}

/** Identity of a session of an experiment: it names everything that decides what the session does. */
export function sessionDefinition(
  prepared: PreparedExperiment,
  { trainingHash, plan }: Pick<TrainedExperiment, 'trainingHash' | 'plan'>,
  kind: SessionDefinition['kind'],
): SessionDefinition {
  const { experiment, ingested, instruments } = prepared;
  return {
    id: `${kind}-${experiment.name}-${trainingHash.slice(0, 8)}-${plan.experimentHash.slice(0, 8)}`,
    kind,
    symbols: instruments.map(({ symbol }) => symbol),
    capital: experiment.capital,
    definition: { trainingHash, experimentHash: plan.experimentHash, dataHash: ingested.dataHash },
  };
}

/** The session of an experiment, by one path of a combinatorial split, over the bars from its first out-of-sample decision on. */
export function experimentSession(
  prepared: TradedExperiment,
  { predictions, plan }: { predictions: StoredPredictions; plan: Pick<TrainedExperiment['plan'], 'folds'> },
  path = 0,
): HistoricalSessionOptions {
  const { experiment, calendar } = prepared;
  const traded = tradedPredictions(experiment, predictions, path);
  const lifeMs = lifeMsOf(experiment, plannedSpans(plan.folds));
  const [firstMs] = traded.decisionTimeMs;
  if (firstMs === undefined) throw new SignalboxError('There is no out-of-sample prediction to trade.');
  const bars = prepared.bars.map((columns) => barsFromClose(columns, firstMs));
  return {
    bars,
    instruments: prepared.instruments,
    strategy: createModelStrategy(
      storedPredictors({ ...traded, expiresAtMs: expiries(traded, lifeMs) }),
      thresholdsOf(experiment),
    ),
    ...sessionRules(experiment, bars, calendar),
    actions: actionsFrom(prepared.actions, bars),
  };
}

/** A model without an end of training (k-fold) is tested where it stands and does not expire there. */
function expiries({ trainedToMs }: StoredPredictions, lifeMs: number): Float64Array {
  return trainedToMs.map((timeMs) => (timeMs === -Infinity ? Infinity : timeMs + lifeMs));
}

/** Probabilities between which a position is kept. */
export function thresholdsOf({ signals }: Experiment): ModelSignalRules {
  return { buyAbove: signals.buyAbove, sellBelow: signals.sellBelow };
}

/** Everything of a session that an experiment decides, but what is traded and by which strategy. */
export function sessionRules(
  experiment: Experiment,
  bars: readonly BarColumns[],
  calendar: Calendar,
): Omit<HistoricalSessionOptions, 'bars' | 'instruments' | 'strategy'> {
  const { buyAbove, sellBelow, cooldownBars, maxAgeBars, longShort } = experiment.signals;
  return {
    sizing: sizingRule(experiment.sizing),
    limits: limitsOf(experiment),
    signals: { buyAbove, sellBelow, cooldownBars, maxAgeBars, longShort },
    costs: experiment.costs,
    capital: experiment.capital,
    dayOf: marketDays(calendar).dayOf,
    barsPerYear: barsPerYear(bars, calendar),
  };
}

/** The actions that come after the first bar of each symbol; undefined where there is none, so that nobody looks for them. */
export function actionsFrom(actions: SessionActions, bars: readonly BarColumns[]): SessionActions | undefined {
  const later = actions.map((list, s) => list.filter(({ effectiveMs }) => effectiveMs > bars[s]!.openTimeMs[0]!));
  return later.some((list) => list.length > 0) ? later : undefined;
}

/** The bars that close at `closeTimeMs` or later. */
export function barsFromClose(columns: BarColumns, closeTimeMs: number): BarColumns {
  let from = 0;
  while (from < columns.length && columns.closeTimeMs[from]! < closeTimeMs) from++;
  return sliceBarColumns(columns, from, columns.length);
}

/**
 * One prediction per symbol and time: one path of a combinatorial split. The models of k-fold and combinatorial splits
 * were trained before and after the rows they predict, with those rows purged, so that only walk-forward models have an end
 * of training that a decision must not precede (`foresightOf` keeps the others from being called evidence).
 */
function tradedPredictions(experiment: Experiment, predictions: StoredPredictions, path = 0): StoredPredictions {
  const whole = predictions.path.every((one) => one === path);
  const own = whole ? predictions : takePredictions(predictions, rowsOfPath(predictions, path));
  if (experiment.splits.kind === 'walk-forward') return own;
  return { ...own, trainedToMs: new Float64Array(own.length).fill(-Infinity) };
}

function rowsOfPath({ length, path: paths }: StoredPredictions, path: number): Int32Array {
  const rows = new Int32Array(length);
  let count = 0;
  for (let row = 0; row < length; row++) if (paths[row] === path) rows[count++] = row;
  return rows.subarray(0, count);
}

/** How a backtest is done and shown. */
export interface BacktestWork {
  /** What the final model says of the newest bars: told beside the session's own signals. */
  readonly latest?: readonly SignalRecord[] | undefined;
  readonly progress?: Progress | undefined;
  /** As many as the machine runs at once by default. */
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

async function pooledScores(
  experiment: Experiment,
  predictions: StoredPredictions,
  { progress = silentProgress(), threads = availableParallelism(), signal }: BacktestWork,
): Promise<ScoreReport> {
  const random = createRandom(experiment.seed).fork('scores');
  const { horizonBars } = experiment.labels;
  const stage = progress.stage('intervals of the scores', RESAMPLES);
  let shown = 0;
  const onProgress = (fraction: number): void => {
    const done = Math.floor(fraction * RESAMPLES);
    stage.advance(done - shown);
    shown = done;
  };
  const traded = tradedPredictions(experiment, predictions);
  const report = await scoreOnThreads(traded, { random, horizonBars, threads, signal, onProgress });
  stage.done(`${report.rows} predictions of ${report.bars} bars, ${RESAMPLES} resamples`);
  return report;
}

/** The sizing section as the engine's rule. */
function sizingRule(sizing: Experiment['sizing']): SizingRule {
  const { kind, fraction, kellyShare, targetVolatility, volatilityBars } = sizing;
  switch (kind) {
    case 'fraction-of-equity':
      return { kind, fraction };
    case 'equal-weight':
      return { kind };
    case 'kelly-capped':
      return { kind, fraction, kellyShare };
    case 'volatility-target':
      return { kind, fraction, targetVolatility, volatilityBars };
  }
}
