import { z } from 'zod';
import type { Clock } from '../../infra/clock.ts';
import { SignalboxError } from '../../infra/errors.ts';
import { enqueue } from '../../infra/mlflow/outbox-store.ts';
import type { Database } from '../../infra/postgres/database.ts';
import type { Experiment } from '../../models/experiment/experiment.ts';
import { applyParameters, valueOf } from '../../models/search/apply-parameters.ts';
import { objectiveOf } from '../../models/search/objective.ts';
import { searchStream, trialEntries } from '../../models/search/search-entries.ts';
import {
  readSearch,
  TEST_RUNG,
  WHOLE_WINDOW,
  writeTrial,
  type SearchJob,
  type SearchPlan,
  type SearchResult,
} from '../../models/search/search-store.ts';
import { experimentFolds } from '../../models/splits/experiment-folds.ts';
import { withoutSeen } from '../../models/splits/seen-rows.ts';
import { loadDataset } from '../../models/training/load-dataset.ts';
import { useBackendOf } from '../../models/registry/tensor-backend.ts';
import type { TrainingContext } from '../../models/training/fold/training-context.ts';
import { findSeries } from '../../pipelines/bars/bar-series-store.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { testFold, trialEvidence, windowRows, type TrialData } from './trial-evidence.ts';

export interface SearchJobContext {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress: (fraction: number) => void;
}

/** A search's plan with its data: kept by a thread between the jobs of one search. */
export interface LoadedSearch {
  readonly hash: string;
  readonly plan: SearchPlan;
  readonly data: TrialData;
}

/** Reads a search's plan and data. SignalboxError when the rows are others than were planned on. */
export async function loadSearch(database: Database, hash: string): Promise<LoadedSearch> {
  const plan = await readSearch(database.pool, hash);
  await useBackendOf(plan.data);
  const reference = { ...plan.data, experiment: plan.experiment };
  const { dataset, bars, actions } = await loadDataset(database, reference, { judgedByReturns: true });
  if (dataset.rows !== plan.data.rows) {
    const remedy = 'Optimize again: it plans on the data as they are now.';
    const text = `The data have ${dataset.rows} labelled rows; the search was planned on ${plan.data.rows}.`;
    throw new SignalboxError(text, { remedy });
  }
  const series = await findSeries(
    database.pool,
    plan.data.series.map(({ id }) => id),
  );
  const calendar = calendarNamed(series[0]!.calendar);
  const instruments = series.map(({ instrument }) => instrument);
  return { hash, plan, data: { dataset, bars, actions, calendar, instruments } };
}

/**
 * Does one job of a search and writes its row and what the tracking server is told in one transaction; once, whoever is
 * first.
 */
export async function runSearchJob(
  database: Database,
  search: LoadedSearch,
  { job, context }: { job: SearchJob; context: SearchJobContext },
): Promise<void> {
  const startMs = context.clock();
  const training = { signal: context.signal, onProgress: context.onProgress, threads: 1 };
  const result = await computeJob(search, job, training);
  const { objective: name } = search.plan.search;
  const objective = result.evidence === null ? null : objectiveOf(name, result.evidence);
  const done = { objective, result, startMs, endMs: context.clock() };
  await database.transaction(async (client) => {
    if (!(await writeTrial(client, job, done))) return;
    await enqueue(client, searchStream(search.hash), trialEntries(search.plan, job, done));
  });
}

/**
 * The result of one job: a pure function of search and job. A combination of values that no experiment may have gives a
 * reason.
 */
export async function computeJob(
  { plan, data }: Pick<LoadedSearch, 'plan' | 'data'>,
  job: Pick<SearchJob, 'window' | 'rung' | 'share' | 'parameters'>,
  context: TrainingContext,
): Promise<SearchResult> {
  const applied = tryApply(plan, job);
  if (typeof applied === 'string') return { evidence: null, reason: applied, predictions: null };
  if (job.rung === TEST_RUNG) {
    const { predictions, scores } = await testFold(data, job.window, { experiment: applied, context });
    const evidence = { rows: predictions.y.length, scores, dayMs: [], returns: [], excessReturns: [], trades: 0 };
    return { evidence, reason: null, predictions };
  }
  const fold = job.window === WHOLE_WINDOW ? null : experimentFolds(data.dataset, plan.experiment)[job.window]!;
  const onBars = plan.search.method === 'halving' && plan.search.halving.resource === 'bars';
  // Trials test every row of their window: those that a member has seen elsewhere are none of it.
  const window = withoutSeen(windowRows(data.dataset, fold, onBars ? job.share : 1), applied);
  const trial = { experiment: applied, folds: plan.search.folds, context };
  return { evidence: await trialEvidence(data, window, trial), reason: null, predictions: null };
}

/**
 * The experiment of a job, its rationed resource cut to the share; the mistake in words where values do not go
 * together.
 */
function tryApply(
  { experiment, search }: SearchPlan,
  { parameters, share }: Pick<SearchJob, 'parameters' | 'share'>,
): Experiment | string {
  try {
    const applied = applyParameters(experiment, parameters);
    const { resource } = search.halving;
    if (search.method !== 'halving' || resource === 'bars' || share >= 1) return applied;
    const whole = Number(valueOf(applied, resource));
    return applyParameters(applied, { [resource]: Math.max(1, Math.round(share * whole)) });
  } catch (error) {
    if (error instanceof z.ZodError) return error.issues[0]!.message;
    if (error instanceof SignalboxError) return error.message;
    throw error;
  }
}
