import type { Database } from '../../infra/postgres/database.ts';
import { availableParallelism } from 'node:os';
import { silentProgress, type Progress } from '../../infra/terminal/progress.ts';
import { createRandom, type Random } from '../../infra/random.ts';
import { RESAMPLES } from '../../models/scores/block-bootstrap.ts';
import { scoreOnThreads } from '../../models/scores/score-on-threads.ts';
import type { Experiment } from '../../models/experiment/experiment.ts';
import type { StoredPredictions } from '../../models/registry/prediction-store.ts';
import { scorePredictions, type ScoreReport } from '../../models/scores/prediction-scores.ts';
import { scoreValues } from '../../models/training/fold/fold-summary.ts';
import { runHistoricalSession } from '../../trading/sessions/historical-session.ts';
import type { SignalRecord } from '../../trading/session-result.ts';
import { foresightOf } from '../judgement/foresight.ts';
import { runJournaledSession } from './journaled-session.ts';
import {
  baselineRunner,
  randomRunCount,
  runBaselines,
  type BaselineOptions,
  type Baselines,
} from '../judgement/baselines.ts';
import { evaluate, type Evaluation } from '../judgement/evaluation.ts';
import { pathSection, pathsSection, type PathsSection } from '../judgement/path-outcome.ts';
import type { PreparedExperiment } from '../../models/training/prepare-experiment.ts';
import { backtestResult, type BacktestResult } from '../judgement/result.ts';
import type { TrainedExperiment } from '../../models/training/train-experiment.ts';
import { recordTrial } from '../judgement/trial-store.ts';
import { marketDays } from '../../pipelines/calendars/market-days.ts';
import { experimentSession, sessionDefinition, tradedPredictions } from '../../trading/sessions/experiment-session.ts';

export interface ExperimentBacktest {
  readonly result: BacktestResult;
  readonly evaluation: Evaluation;
}

/**
 * Trades the out-of-sample predictions of a trained experiment from the first of them on, measures the session beside
 * its baselines, counts the trial and judges. Deterministic for stored predictions.
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
