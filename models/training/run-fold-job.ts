import type { Clock } from '../../infra/clock.ts';
import { enqueue } from '../../infra/mlflow/outbox-store.ts';
import { SignalboxError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { takeRows, type Dataset } from '../dataset.ts';
import { loadEnsemble } from '../ensemble/ensemble-model.ts';
import { encodeEnsemble, type SerialisedEnsemble } from '../ensemble/serialised-ensemble.ts';
import { reasonedRows } from '../explain/row-reasons.ts';
import { writeModel } from '../registry/model-store.ts';
import type { RowMoves } from '../registry/prediction-columns.ts';
import { writePredictions } from '../registry/prediction-store.ts';
import { experimentFolds } from '../splits/experiment-folds.ts';
import type { FoldJob } from './fold-job.ts';
import { FINAL_FOLD } from '../registry/training-names.ts';
import { foldSummary, type FoldSummary } from './fold/fold-summary.ts';
import { loadDataset } from './load-dataset.ts';
import { trainFinal, trainFold, type FoldOutcome } from './fold/train-fold.ts';
import { finalEntries, foldEntries } from './tracking-entries.ts';
import { streamOf } from '../registry/training-names.ts';
import { readTraining, writeFoldResult, type TrainingPlan } from '../registry/training-store.ts';
import { useBackendOf } from '../registry/tensor-backend.ts';

export interface FoldJobContext {
  /** The rows of the training where this process has them; else they are read by reference. */
  readonly dataset?: Dataset | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress: (fraction: number) => void;
}

/** Share of a fold's progress that reading the data takes up. */
const LOADED = 0.05;

/**
 * Does one fold of a training, or its final model: reads the data by reference, trains, and stores result, predictions,
 * model and tracking entries in one transaction. When another worker has stored the fold meanwhile, nothing is written.
 */
export async function runFoldJob(database: Database, job: FoldJob, context: FoldJobContext): Promise<void> {
  const startMs = context.clock();
  const plan = await readTraining(database.pool, job.trainingHash);
  await useBackendOf(plan);
  const dataset = context.dataset ?? (await loadDataset(database, plan, { dataHash: plan.dataHash })).dataset;
  assertPlanned(dataset, plan);
  context.onProgress(LOADED);
  const training = {
    signal: context.signal,
    onProgress: (fraction: number) => context.onProgress(LOADED + (1 - LOADED) * fraction),
    threads: 1,
  };
  if (job.fold === FINAL_FOLD) {
    const { ensemble, findings } = await trainFinal(dataset, plan.experiment, training);
    const endMs = context.clock();
    await store(database, job, { plan, ensemble, findings, outcome: null, reasons: [], moves: null, startMs, endMs });
    return;
  }
  const fold = experimentFolds(dataset, plan.experiment)[job.fold]!;
  const outcome = await trainFold(dataset, fold, plan.experiment, training);
  const { ensemble, findings } = outcome;
  const reasoned = await reasonsOf(ensemble, takeRows(dataset, fold.testRows));
  await store(database, job, { plan, ensemble, findings, outcome, ...reasoned, startMs, endMs: context.clock() });
}

/**
 * Rows may be on their way out or in (`--fresh`, new bars): a result of other rows than were planned on must not count.
 */
function assertPlanned(dataset: Dataset, plan: TrainingPlan): void {
  if (dataset.rows === plan.rows) return;
  throw new SignalboxError(`The data have ${dataset.rows} labelled rows; the training was planned on ${plan.rows}.`, {
    remedy: 'Run the experiment again: it plans on the data as they are now.',
  });
}

/** What moved each prediction, most of it in words: stored beside it, so that signals and results can say it. */
async function reasonsOf(serialised: SerialisedEnsemble, test: Dataset): Promise<ReturnType<typeof reasonedRows>> {
  const ensemble = await loadEnsemble(serialised);
  try {
    return reasonedRows(ensemble, test);
  } finally {
    ensemble.dispose();
  }
}

interface Finished {
  readonly plan: TrainingPlan;
  readonly ensemble: SerialisedEnsemble;
  /** What could not be learned, and why: all that is kept of the final model besides itself. */
  readonly findings: readonly string[];
  /** Null for the final model. */
  readonly outcome: FoldOutcome | null;
  /** Top reasons of the fold's predictions. */
  readonly reasons: readonly string[];
  readonly moves: RowMoves | null;
  readonly startMs: number;
  readonly endMs: number;
}

async function store(database: Database, job: FoldJob, finished: Finished): Promise<void> {
  const { plan, ensemble, outcome } = finished;
  const summary: FoldSummary | null = outcome === null ? null : foldSummary(outcome);
  const content = encodeEnsemble(ensemble);
  await database.transaction(async (client) => {
    const first = await writeFoldResult(client, job.trainingHash, job.fold, summary ?? { findings: finished.findings });
    if (!first) return;
    await writeModel(client, {
      trainingHash: job.trainingHash,
      fold: job.fold === FINAL_FOLD ? null : job.fold,
      trainFromMs: ensemble.trainedFromMs,
      trainToMs: ensemble.trainedToMs,
      featureSetHash: plan.featureSetHash,
      content,
    });
    const timing = { startMs: finished.startMs, endMs: finished.endMs };
    if (outcome === null || summary === null) {
      await enqueue(client, streamOf(job.trainingHash), finalEntries(job.trainingHash, plan, content, timing));
      return;
    }
    const { predictions } = outcome;
    const symbol = Array.from(predictions.symbolIndex, (index) => predictions.symbols[index]!);
    const { reasons, moves } = finished;
    await writePredictions(client, job.trainingHash, job.fold, { ...predictions, symbol, reasons, moves });
    await enqueue(client, streamOf(job.trainingHash), foldEntries(job.trainingHash, plan, summary, timing));
  });
}
