import { availableParallelism } from 'node:os';
import type { Clock } from '../../infra/clock.ts';
import type { Config } from '../../infra/config.ts';
import { SignalboxError } from '../../infra/errors.ts';
import { hashOf } from '../../infra/hash.ts';
import { configuredClient } from '../../infra/mlflow/configured-client.ts';
import { drainWhile } from '../../infra/mlflow/drain-while.ts';
import { enqueue } from '../../infra/mlflow/outbox-store.ts';
import type { Database } from '../../infra/postgres/database.ts';
import type { Progress } from '../../infra/terminal/progress.ts';
import { assertQueueReachable, createQueueFactory, type QueueFactory } from '../../infra/redis/queue.ts';
import { experimentHash } from '../../models/experiment/load-experiment.ts';
import type { DoneTrial } from '../../models/search/done-trial.ts';
import { learnedSearch } from '../../models/search/apply-parameters.ts';
import { bestOf, nextProposals, proposalCount } from '../../models/search/proposals.ts';
import { runRound } from '../../models/search/run-round.ts';
import { searchOpening, searchStream } from '../../models/search/search-entries.ts';
import type { SearchSettings } from '../../models/search/search-schema.ts';
import { isOutage } from '../../infra/postgres/database-error.ts';
import {
  deleteSearch,
  readJournal,
  readProgress,
  TEST_RUNG,
  WHOLE_WINDOW,
  writeSearch,
  type JournalRow,
  type SearchJob,
  type SearchPlan,
} from '../../models/search/search-store.ts';
import { experimentFolds } from '../../models/splits/experiment-folds.ts';
import { tensorBackendOf } from '../../models/registry/tensor-backend.ts';
import { startSearchWorkers } from './optimize-worker.ts';
import type { PreparedExperiment } from '../../models/training/prepare-experiment.ts';

/** Raised when the form of what a search stores changes: journals of an older form are then not gone on with. */
const SEARCH_VERSION = 1;

export interface OptimizeOptions {
  readonly config: Config;
  readonly database: Database;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Forget what was searched before. */
  readonly fresh: boolean;
}

/** A search that has come to its end. */
export interface FinishedSearch {
  readonly hash: string;
  readonly plan: SearchPlan;
  readonly journal: readonly JournalRow[];
}

/** The plan of a search and its identity: everything that can change a proposal or a score. */
async function planSearch(
  prepared: PreparedExperiment,
  backend: Config['tfBackend'],
): Promise<{ hash: string; plan: SearchPlan }> {
  const { experiment, ingested, set, reference, dataset } = prepared;
  if (experiment.search === null) throw new SignalboxError('The experiment has no search section.');
  const search = learnedSearch(experiment.search);
  const plan: SearchPlan = {
    experiment,
    search,
    data: {
      dataHash: ingested.dataHash,
      featureSetHash: set.hash,
      series: reference.series,
      fromMs: reference.fromMs,
      toMs: reference.toMs,
      rows: dataset.rows,
      backend: await tensorBackendOf(experiment, backend),
    },
    folds: experimentFolds(dataset, experiment).length,
  };
  const { dataHash, featureSetHash, backend: computed } = plan.data;
  const identity = { version: SEARCH_VERSION, experiment: experimentHash(experiment), search };
  return { hash: hashOf({ ...identity, dataHash, featureSetHash, backend: computed }), plan };
}

/**
 * Searches every outer training window and all rows for the best parameters, then tests what each window chose on its
 * outer fold: on the job queue, with workers of this process and any others that share it. What is in the journal is
 * not done again: a search that was killed goes on with the proposals it would have made.
 */
export async function searchParameters(
  prepared: PreparedExperiment,
  options: OptimizeOptions,
): Promise<FinishedSearch> {
  const { database, config, progress } = options;
  const { hash, plan } = await planSearch(prepared, config.tfBackend);
  await database.transaction(async (client) => {
    if (options.fresh) await deleteSearch(client, hash);
    if (!(await writeSearch(client, hash, plan))) return;
    await enqueue(client, searchStream(hash), searchOpening(hash, plan, options.clock()));
  });
  const total = (plan.folds + 1) * proposalCount(plan.search) + plan.folds;
  const stage = progress.stage(
    `search ${hash.slice(0, 8)}: ${plan.search.trials} trials on ${plan.folds + 1} training windows`,
    total,
  );
  let shown = 0;
  const onDone = (done: number): void => {
    if (done > shown) stage.advance(done - shown);
    shown = Math.max(shown, done);
  };
  const queues = createQueueFactory(config, database, (error) => progress.note(`queue: ${error.message}`));
  // Jobs whose server is away cannot be finished.
  let away = false;
  try {
    await assertQueueReachable(queues);
    if ((await openJobs(options, { hash, plan })).length > 0) {
      const concurrency = config.workers ?? availableParallelism();
      await startSearchWorkers({ config, database, queues, concurrency });
    }
    const onError = (error: Error): void => progress.note(`tracking: ${error.message}`);
    await drainWhile({ database, client: configuredClient(config), onError }, () =>
      runRounds(options, { hash, plan }, { queues, onDone }),
    );
  } catch (error) {
    away = isOutage(error);
    throw error;
  } finally {
    await queues.close(options.signal.aborted || away);
  }
  stage.done(`${shown} jobs in the journal`);
  return { hash, plan, journal: await readJournal(database.pool, hash) };
}

async function runRounds(
  options: OptimizeOptions,
  search: { hash: string; plan: SearchPlan },
  { queues, onDone }: { queues: QueueFactory; onDone: (done: number) => void },
): Promise<void> {
  for (;;) {
    const jobs = await openJobs(options, search);
    if (jobs.length === 0) return;
    const { database, signal } = options;
    await runRound({ database, queues, searchHash: search.hash, signal, onDone }, jobs);
  }
}

/** What is to be done next, over all windows. Empty when the search is over. */
async function openJobs(
  { database }: Pick<OptimizeOptions, 'database'>,
  { hash, plan }: { hash: string; plan: SearchPlan },
): Promise<SearchJob[]> {
  const rows = await readProgress(database.pool, hash);
  return nextJobs(plan, rows).map((job) => ({ ...job, searchHash: hash }));
}

/** The open jobs of every window: its proposals, and when those are done the test of what it chose. Pure. */
export function nextJobs(
  plan: Pick<SearchPlan, 'search' | 'folds'>,
  rows: readonly (DoneTrial & { readonly window: number })[],
): Omit<SearchJob, 'searchHash'>[] {
  const windows = [WHOLE_WINDOW, ...Array.from({ length: plan.folds }, (_, index) => index)];
  return windows.flatMap((window) => {
    const here = rows.filter((row) => row.window === window);
    const done = here.filter(({ rung }) => rung !== TEST_RUNG);
    const proposals = nextProposals(plan.search, streamOf(window), done);
    if (proposals.length > 0) return proposals.map((proposal) => ({ ...proposal, window }));
    if (window === WHOLE_WINDOW || here.some(({ rung }) => rung === TEST_RUNG)) return [];
    const { trial, parameters } = chosenIn(plan.search, done, window);
    return [{ window, trial, rung: TEST_RUNG, share: 1, parameters }];
  });
}

/** The best trial of a window. SignalboxError when not one could be scored. */
export function chosenIn(search: SearchSettings, done: readonly DoneTrial[], window: number): DoneTrial {
  const best = bestOf(search, done);
  if (best !== null) return best;
  throw new SignalboxError(`No trial on ${windowName(window)} has a ${search.objective}.`, {
    remedy: 'Widen search.space, or take more data: every combination was invalid or could not be scored.',
  });
}

/** Names the random streams of a window: another name gives other proposals. */
const streamOf = (window: number): string => (window === WHOLE_WINDOW ? 'all rows' : `fold ${window}`);

/** The same in words: folds are counted from 1. */
const windowName = (window: number): string => (window === WHOLE_WINDOW ? 'all rows' : `fold ${window + 1}`);
