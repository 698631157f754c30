import type { Database } from '../../infra/postgres/database.ts';
import { createRandom } from '../../infra/random.ts';
import type { Experiment } from '../../models/experiment/experiment.ts';
import type { StoredPredictions } from '../../models/registry/prediction-store.ts';
import { scorePredictions, type ScoreReport } from '../../models/scores/prediction-scores.ts';
import { scoreValues } from '../../models/training/fold/fold-summary.ts';
import { runHistoricalSession } from '../../trading/sessions/historical-session.ts';
import type { SignalRecord } from '../../trading/session-result.ts';
import { foresightOf } from '../judgement/foresight.ts';
import { runJournaledSession } from './journaled-session.ts';
import { baselineRunner, runBaselines } from '../judgement/baselines.ts';
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
 * Trades the out-of-sample predictions of a trained experiment from the first of them on, measures the session beside its
 * baselines, counts the trial and judges. Deterministic for stored predictions.
 */
export async function backtestExperiment(
  database: Database,
  prepared: PreparedExperiment,
  trained: TrainedExperiment,
  latest: readonly SignalRecord[],
): Promise<ExperimentBacktest> {
  const { experiment } = prepared;
  const plan = experimentSession(prepared, trained);
  const session = await runJournaledSession(database, sessionDefinition(prepared, trained, 'backtest'), plan);
  const random = createRandom(experiment.seed).fork('backtest');
  const run = baselineRunner(plan);
  const baselines = runBaselines({ session, bars: plan.bars, run, random: random.fork('baselines') });
  const evaluation = evaluate(session, baselines, marketDays(prepared.calendar));
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
    walkForward: { folds: trained.folds, pooled: pooledScores(experiment, trained.predictions) },
    paths: experiment.splits.kind === 'combinatorial' ? tradePaths(prepared, trained, evaluation) : undefined,
    foresight: foresightOf(experiment.splits),
  });
  const shown = { ...session, lastSignals: [...session.lastSignals, ...latest] };
  return { result, evaluation: { ...evaluation, session: shown } };
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

function pooledScores(experiment: Experiment, predictions: StoredPredictions): ScoreReport {
  const random = createRandom(experiment.seed).fork('scores');
  const { horizonBars } = experiment.labels;
  return scorePredictions(tradedPredictions(experiment, predictions), { random, horizonBars });
}
