import { availableParallelism } from 'node:os';
import type { Clock } from '../../infra/clock.ts';
import type { Config } from '../../infra/config.ts';
import { sourceDifference, sourceState } from '../../infra/git.ts';
import { configuredClient } from '../../infra/mlflow/configured-client.ts';
import { drainWhile } from '../../infra/mlflow/drain-while.ts';
import { enqueue } from '../../infra/mlflow/outbox-store.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { progressTo, type Progress } from '../../infra/terminal/progress.ts';
import { assertQueueReachable, createQueueFactory } from '../../infra/redis/queue.ts';
import { readPredictions, type StoredPredictions } from '../registry/prediction-store.ts';
import type { FoldSummary } from './fold/fold-summary.ts';
import { planTraining } from './plan-training.ts';
import { runTraining } from './run-training.ts';
import { openingEntries } from './tracking-entries.ts';
import { streamOf, FINAL_FOLD } from '../registry/training-names.ts';
import { isOutage } from '../../infra/postgres/database-error.ts';
import {
  deleteTraining,
  readFoldResults,
  readTrainingState,
  writeTraining,
  type TrainingPlan,
} from '../registry/training-store.ts';
import { startWorkers } from './worker.ts';
import type { PreparedExperiment } from './prepare-experiment.ts';

export interface TrainOptions {
  readonly config: Config;
  readonly database: Database;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Forget what was trained before and train it again. */
  readonly fresh: boolean;
  /** The experiment file as the user wrote it, for the record. */
  readonly experimentText: string;
}

/** A finished training: what its folds found and predicted. */
export interface TrainedExperiment {
  readonly trainingHash: string;
  readonly plan: TrainingPlan;
  readonly folds: readonly FoldSummary[];
  readonly predictions: StoredPredictions;
  /** False when everything had been trained before. */
  readonly trainedNow: boolean;
}

/** What planning a training needs of `TrainOptions`. */
export type PlanOptions = Pick<TrainOptions, 'config' | 'database' | 'clock' | 'fresh' | 'experimentText'>;

/** What a plan is made from. */
export function planOptions(
  prepared: PreparedExperiment,
  backend: Config['tfBackend'],
): Parameters<typeof planTraining>[0] {
  return {
    experiment: prepared.experiment,
    dataset: prepared.dataset,
    dataHash: prepared.ingested.dataHash,
    featureSetHash: prepared.set.hash,
    series: prepared.reference.series,
    fromMs: prepared.reference.fromMs,
    toMs: prepared.reference.toMs,
    backend,
  };
}

/**
 * Plans the training of an experiment and stores the plan, with what the tracking server is told of it, if it is new.
 */
export async function storePlan(
  prepared: PreparedExperiment,
  options: PlanOptions,
): Promise<{ hash: string; plan: TrainingPlan }> {
  const { hash, plan } = await planTraining(planOptions(prepared, options.config.tfBackend));
  await options.database.transaction(async (client) => {
    // In one transaction with the new plan: a worker that still has a fold of the old one in hand never sees none.
    if (options.fresh) await deleteTraining(client, hash);
    if (!(await writeTraining(client, hash, plan))) return;
    const provenance = {
      source: sourceState(),
      difference: sourceDifference(),
      experimentText: options.experimentText,
      dataStatement: prepared.sourceStatement,
      bars: prepared.bars.reduce((sum, { length }) => sum + length, 0),
    };
    await enqueue(client, streamOf(hash), openingEntries(hash, plan, provenance, options.clock()));
  });
  return { hash, plan };
}

/**
 * Trains an experiment's walk-forward and final model on the job queue, with workers of this process and any others
 * that share the queue. Folds that are done already are not done again.
 */
export async function trainExperiment(prepared: PreparedExperiment, options: TrainOptions): Promise<TrainedExperiment> {
  const { database, config, progress } = options;
  const { hash, plan } = await storePlan(prepared, options);
  const total = plan.folds.length + 1;
  const earlier = await readTrainingState(database.pool, hash);
  const before = earlier.done.size;
  const stage = progress.stage(`train ${plan.folds.length} folds and the final model`, total * 100);
  const show = progressTo(stage);
  const queues = createQueueFactory(config, database, (error) => progress.note(`queue: ${error.message}`));
  // Jobs whose server is away cannot be finished.
  let away = false;
  try {
    await assertQueueReachable(queues);
    const concurrency = Math.min(Math.max(1, total - before), config.workers ?? availableParallelism());
    const atHand = { trainingHash: hash, dataset: prepared.dataset };
    if (!earlier.assembled) await startWorkers({ config, database, queues, concurrency, atHand });
    const onProgress = (done: number): void => show(Math.floor(done * 100));
    const onError = (error: Error): void => progress.note(`tracking: ${error.message}`);
    await drainWhile({ database, client: configuredClient(config), onError }, () =>
      runTraining({ database, queues, trainingHash: hash, signal: options.signal, onProgress }),
    );
  } catch (error) {
    away = isOutage(error);
    throw error;
  } finally {
    await queues.close(options.signal.aborted || away);
  }
  stage.done(before >= total ? 'already trained' : `${total - before} trained`);
  return { trainingHash: hash, plan, trainedNow: before < total, ...(await readTrained(database, hash, progress)) };
}

/** Fold summaries in order and all out-of-sample predictions of a training. */
export async function readTrained(
  database: Database,
  trainingHash: string,
  progress?: Progress,
): Promise<Pick<TrainedExperiment, 'folds' | 'predictions'>> {
  const results = await readFoldResults<FoldSummary>(database.pool, trainingHash);
  const folds = [...results].filter(([fold]) => fold !== FINAL_FOLD).map(([, summary]) => summary);
  return { folds, predictions: await readPredictions(database.pool, trainingHash, progress) };
}
