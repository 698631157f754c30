import type { Database } from '../../infra/postgres/database.ts';
import { availableParallelism } from 'node:os';
import { progressTo, silentProgress, type Progress } from '../../infra/terminal/progress.ts';
import { createRandom, type Random } from '../../infra/random.ts';
import { RESAMPLES } from '../../models/scores/block-bootstrap.ts';
import { scoreOnThreads } from '../../models/scores/score-on-threads.ts';
import { DEFAULT_INTERVALS } from '../../models/intervals/intervals-schema.ts';
import { measuredCoverage, type MeasuredCoverage } from '../../models/intervals/measured-coverage.ts';
import type { Experiment } from '../../models/experiment/experiment.ts';
import type { StoredPredictions } from '../../models/registry/prediction-store.ts';
import { scorePredictions, type ScoreReport } from '../../models/scores/prediction-scores.ts';
import { scoreValues } from '../../models/training/fold/fold-summary.ts';
import {
  barsOf,
  runHistoricalSession,
  type HistoricalSessionOptions,
} from '../../trading/sessions/historical-session.ts';
import type { SessionDefinition } from '../../trading/sessions/session-store.ts';
import type { SessionResult, SignalRecord } from '../../trading/session-result.ts';
import { baseRateEvidence } from '../judgement/base-rate.ts';
import type { WalkForwardOutcome } from '../judgement/fold-outcome.ts';
import { foresightOf } from '../judgement/foresight.ts';
import { withFeatures } from './attribute-features.ts';
import { runJournaledSession } from './journaled-session.ts';
import {
  BASELINE_SESSIONS,
  baselineRunner,
  randomRunCount,
  runBaselines,
  type BaselineOptions,
  type Baselines,
} from '../judgement/baselines.ts';
import { analyse, type Analysis } from '../analysis/analyse.ts';
import type { MonteCarloSettings } from '../statistics/monte-carlo.ts';
import { evaluate, type Evaluation } from '../judgement/evaluation.ts';
import { pathFan, type TradedPath } from '../judgement/paths/path-fan.ts';
import { pathSection, pathsSection, type PathsSection } from '../judgement/paths/path-outcome.ts';
import type { PreparedExperiment } from '../../models/training/prepare-experiment.ts';
import { backtestResult, type BacktestResult } from '../judgement/result.ts';
import type { TrainedExperiment } from '../../models/training/train-experiment.ts';
import { followPlan } from '../plan/follow-plan.ts';
import { recordTrial } from '../judgement/trial-store.ts';
import { marketDays } from '../../pipelines/calendars/market-days.ts';
import { experimentSession, sessionDefinition, tradedPredictions } from '../../trading/sessions/experiment-session.ts';

/** A session beside its baselines, and what is said of it. */
interface MeasuredBacktest {
  readonly result: BacktestResult;
  readonly evaluation: Evaluation;
}

export interface ExperimentBacktest extends MeasuredBacktest {
  readonly analysis: Analysis;
}

/**
 * Trades the out-of-sample predictions of a trained experiment from the first of them on, measures the session beside
 * its baselines, counts the trial and judges. Deterministic for stored predictions. The result has no sections of
 * `analysedBacktest`, whose further sessions take longer than all of this: for those who ask for figures and verdict.
 */
export async function backtestExperiment(
  database: Database,
  prepared: PreparedExperiment,
  trained: TrainedExperiment,
): Promise<MeasuredBacktest> {
  const { evaluation, judge } = await tradeAndMeasure(database, prepared, trained, {});
  return { result: judge(undefined), evaluation };
}

/** The same, and the session taken apart for people: what a report shows of it. */
export async function analysedBacktest(
  database: Database,
  prepared: PreparedExperiment,
  trained: TrainedExperiment,
  work: BacktestWork = {},
): Promise<ExperimentBacktest> {
  const { plan, evaluation, judge } = await tradeAndMeasure(database, prepared, trained, work);
  const { session } = evaluation;
  const apart = shownAnalysis(evaluation, plan, { experiment: prepared.experiment, work });
  const analysis = await withFeatures(database, { session, analysis: apart }, { prepared, trained });
  const lastSignals = [...session.lastSignals, ...(work.latest ?? [])];
  // No spread: it would make everything that is made when somebody looks.
  const shown = Object.create(session, { lastSignals: { value: lastSignals, enumerable: true } }) as SessionResult;
  return { result: judge(analysis), evaluation: { ...evaluation, session: shown }, analysis };
}

async function tradeAndMeasure(
  database: Database,
  prepared: PreparedExperiment,
  trained: TrainedExperiment,
  work: BacktestWork,
): Promise<{
  plan: HistoricalSessionOptions;
  evaluation: Evaluation;
  judge: (analysis: Analysis | undefined) => BacktestResult;
}> {
  const { experiment } = prepared;
  const plan = experimentSession(prepared, trained);
  const session = await shownSession(database, sessionDefinition(prepared, trained, 'backtest'), plan, work);
  const random = createRandom(experiment.seed).fork('backtest');
  const market = marketDays(prepared.calendar, prepared.bars);
  const baselines = shownBaselines({ session, bars: plan.bars, market, run: baselineRunner(plan) }, random, work);
  const evaluation = evaluate(session, baselines, market);
  const walkForward = await walkForwardOf(experiment, trained, work);
  const history = await recordTrial(database, {
    ...evaluation.record,
    dataHash: prepared.ingested.dataHash,
    experimentHash: trained.plan.experimentHash,
    experimentName: experiment.name,
    symbols: prepared.instruments.map(({ symbol }) => symbol),
  });
  const { returns, excessReturns } = evaluation.record;
  const followed = await followPlan(database, {
    kind: 'backtest',
    name: experiment.name,
    experiment,
    experimentHash: trained.plan.experimentHash,
    dataHash: prepared.ingested.dataHash,
    measured: {
      returns,
      excessReturns: evaluation.withoutBenchmark === null ? excessReturns : new Float64Array(0),
      scores: scoreValues(walkForward.pooled.scores),
      periodsPerYear: market.periodsPerYear,
    },
  });
  const judge = (analysis: Analysis | undefined): BacktestResult =>
    backtestResult({
      evaluation,
      history,
      experiment: experiment.name,
      strategy: { name: plan.strategy.name, parameters: plan.strategy.parameters },
      random: random.fork('statistics'),
      walkForward,
      paths: experiment.splits.kind === 'combinatorial' ? tradePaths(prepared, trained, evaluation) : undefined,
      costs: experiment.costs,
      protection: experiment.protection,
      foresight: foresightOf(experiment.splits),
      analysis,
      plan: followed,
    });
  return { plan, evaluation, judge };
}

/** The session taken apart, which takes some further runs of it. */
function shownAnalysis(
  evaluation: Evaluation,
  plan: HistoricalSessionOptions,
  { experiment, work }: { experiment: Experiment; work: BacktestWork },
): Analysis {
  const stage = (work.progress ?? silentProgress()).stage('trades, costs, capacity, regimes and chance');
  const random = createRandom(experiment.seed).fork('analysis');
  const { costs } = experiment;
  const analysis = analyse({ evaluation, plan, costs, random, monteCarlo: work.monteCarlo });
  stage.done();
  return analysis;
}

/** The session, its bars counted as they are traded. */
async function shownSession(
  database: Database,
  definition: SessionDefinition,
  plan: HistoricalSessionOptions,
  { progress = silentProgress(), signal }: BacktestWork,
): Promise<SessionResult> {
  const stage = progress.stage('trade the predictions', barsOf(plan));
  const show = progressTo(stage);
  const onProgress = (bars: number): void => {
    signal?.throwIfAborted();
    show(bars);
  };
  const session = await runJournaledSession(database, definition, { ...plan, onProgress });
  stage.done(`${session.bars} bars, ${session.ledger.length} trades`);
  return session;
}

/** The baselines, each of their sessions shown as it is done. */
function shownBaselines(
  { run, ...options }: Pick<BaselineOptions, 'session' | 'bars' | 'market' | 'run'>,
  random: Random,
  { progress = silentProgress() }: BacktestWork,
): Baselines {
  const stage = progress.stage('baselines', BASELINE_SESSIONS + randomRunCount(options.session.bars));
  const counted: BaselineOptions['run'] = (plan) => {
    const done = run(plan);
    stage.advance();
    return done;
  };
  const baselines = runBaselines({ ...options, run: counted, random: random.fork('baselines') });
  stage.done(`${baselines.random.length} random sessions beside buy-and-hold`);
  return baselines;
}

/** Scores and trades every reconstructed path by itself; `first` is what the first one gave. */
function tradePaths(prepared: PreparedExperiment, trained: TrainedExperiment, first: Evaluation): PathsSection {
  const { experiment } = prepared;
  const count = trained.predictions.path.reduce((most, path) => Math.max(most, path), 0) + 1;
  const traded: TradedPath[] = [];
  const paths = Array.from({ length: count }, (_, path) => {
    const predictions = tradedPredictions(experiment, trained.predictions, path);
    const scores = scoreValues(scorePredictions(predictions).scores);
    const evaluation = path === 0 ? first : tradePath(prepared, trained, path);
    const section = pathSection(path, { rows: predictions.length, scores }, evaluation);
    const { session } = evaluation;
    traded.push({ session, initialCapital: experiment.capital, excessReturn: section.excessReturn });
    return section;
  });
  return pathsSection(paths, pathFan(traded));
}

function tradePath(prepared: PreparedExperiment, trained: TrainedExperiment, path: number): Evaluation {
  const plan = experimentSession(prepared, trained, path);
  const session = runHistoricalSession(plan);
  const random = createRandom(prepared.experiment.seed).fork('paths');
  const market = marketDays(prepared.calendar, prepared.bars);
  const { bars } = plan;
  const baselines = runBaselines({ session, bars, market, run: baselineRunner(plan), random, randomRuns: 0 });
  return evaluate(session, baselines, market);
}

/** How a backtest is done and shown. */
export interface BacktestWork {
  /** What the final model says of the newest bars: told beside the session's own signals. */
  readonly latest?: readonly SignalRecord[] | undefined;
  readonly progress?: Progress | undefined;
  /** As many as the machine runs at once by default. */
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What a user asks to be drawn; the usual paths by default. */
  readonly monteCarlo?: Partial<MonteCarloSettings> | undefined;
}

/** Scores of the folds and of all they predicted, beside a constant that knows the base rates of their training. */
async function walkForwardOf(
  experiment: Experiment,
  { folds, predictions }: Pick<TrainedExperiment, 'folds' | 'predictions'>,
  work: BacktestWork,
): Promise<WalkForwardOutcome> {
  const traded = tradedPredictions(experiment, predictions);
  const rates = new Map(folds.map(({ index, baseRate }) => [index, baseRate]));
  const baseRate = baseRateEvidence(traded, (fold) => rates.get(fold), experiment.labels.meta !== undefined);
  return {
    folds,
    pooled: await pooledScores(experiment, traded, work),
    baseRate,
    coverage: coverageOf(experiment, traded),
  };
}

/** Intervals for what came of the predictions, made as they would have been at the time, and what they were worth. */
function coverageOf({ intervals, labels, seed }: Experiment, traded: StoredPredictions): MeasuredCoverage {
  const random = createRandom(seed).fork('coverage');
  return measuredCoverage(traded, { ...(intervals ?? DEFAULT_INTERVALS), horizonBars: labels.horizonBars, random });
}

async function pooledScores(
  experiment: Experiment,
  traded: StoredPredictions,
  { progress = silentProgress(), threads = availableParallelism(), signal }: BacktestWork,
): Promise<ScoreReport> {
  const random = createRandom(experiment.seed).fork('scores');
  const { horizonBars } = experiment.labels;
  const stage = progress.stage('intervals of the scores', RESAMPLES);
  const show = progressTo(stage);
  const onProgress = (fraction: number): void => show(Math.floor(fraction * RESAMPLES));
  const report = await scoreOnThreads(traded, { random, horizonBars, threads, signal, onProgress });
  stage.done(`${report.rows} predictions of ${report.bars} bars, ${RESAMPLES} resamples`);
  return report;
}
