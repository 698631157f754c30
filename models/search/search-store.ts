import type pg from 'pg';
import { SignalboxError } from '../../infra/errors.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { checkedAgain } from '../experiment/files-apart.ts';
import type { TrainingPlan } from '../registry/training-store.ts';
import type { DoneTrial } from './done-trial.ts';
import type { TrialEvidence } from './objective.ts';
import type { Parameters, SearchSettings } from './search-schema.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/**
 * The training window of all rows: what is best there is what would be used next. Others are named by their outer fold.
 */
export const WHOLE_WINDOW = -1;
/** The rung that stands for the test of the chosen parameters on an outer fold. */
export const TEST_RUNG = -1;

/** All that a worker needs to do a trial: data by reference. */
export interface SearchPlan {
  readonly experiment: Experiment;
  readonly search: SearchSettings;
  readonly data: Pick<TrainingPlan, 'dataHash' | 'featureSetHash' | 'series' | 'fromMs' | 'toMs' | 'rows' | 'backend'>;
  /** Outer folds by index, as many as the splits give. */
  readonly folds: number;
}

/** Out-of-fold predictions of one outer test, as plain columns. */
export interface TestPredictions {
  readonly symbol: readonly string[];
  readonly decisionTimeMs: readonly number[];
  readonly probability: readonly number[];
  readonly score: readonly number[];
  readonly y: readonly number[];
  readonly realisedReturn: readonly number[];
  readonly trainedToMs: number;
  readonly expiresAtMs: number;
}

/** What a job leaves in the journal: the evidence, or why there is none; the predictions of a test. */
export interface SearchResult {
  readonly evidence: TrialEvidence | null;
  readonly reason: string | null;
  readonly predictions: TestPredictions | null;
}

/** A row of the journal. */
export interface JournalRow extends DoneTrial {
  readonly window: number;
  readonly result: SearchResult;
}

/** Stores a search once; a second call changes nothing but takes a request to cancel back. */
export async function writeSearch(client: Queryable, hash: string, plan: SearchPlan): Promise<boolean> {
  const { rows } = await client.query<{ created: boolean }>(
    `INSERT INTO signalbox.searches (hash, experiment_name, data_hash, plan) VALUES ($1, $2, $3, $4)
     ON CONFLICT (hash) DO UPDATE SET cancelled = false RETURNING xmax = 0 AS created`,
    [hash, plan.experiment.name, plan.data.dataHash, JSON.stringify(plan)],
  );
  return rows[0]!.created;
}

/** SignalboxError when it was deleted. */
export async function readSearch(client: Queryable, hash: string): Promise<SearchPlan> {
  const { rows } = await client.query<{ plan: SearchPlan }>('SELECT plan FROM signalbox.searches WHERE hash = $1', [
    hash,
  ]);
  const plan = rows[0]?.plan;
  if (plan === undefined) {
    throw new SignalboxError(`There is no search ${hash.slice(0, 12)}.`, { remedy: 'Run `signalbox optimize` again.' });
  }
  return { ...plan, experiment: checkedAgain(plan.experiment) };
}

/** Hashes of searches that begin with `prefix`, two at most: enough to see whether it names one. */
export async function searchesNamed(client: Queryable, prefix: string): Promise<string[]> {
  const { rows } = await client.query<{ hash: string }>(
    'SELECT hash FROM signalbox.searches WHERE starts_with(hash, $1) LIMIT 2',
    [prefix],
  );
  return rows.map(({ hash }) => hash);
}

/** Forgets a search and its journal. */
export async function deleteSearch(client: Queryable, hash: string): Promise<void> {
  await client.query('DELETE FROM signalbox.searches WHERE hash = $1', [hash]);
}

/** True when somebody asked to stop, or the search is gone. */
export async function isSearchCancelled(client: Queryable, hash: string): Promise<boolean> {
  const { rows } = await client.query<{ cancelled: boolean }>(
    'SELECT cancelled FROM signalbox.searches WHERE hash = $1',
    [hash],
  );
  return rows[0]?.cancelled ?? true;
}

/** Asks the workers that hold trials of a search to stop. */
export async function requestSearchCancel(client: Queryable, hash: string): Promise<void> {
  await client.query('UPDATE signalbox.searches SET cancelled = true WHERE hash = $1', [hash]);
}

/** One job of a search. */
export interface SearchJob {
  readonly searchHash: string;
  readonly window: number;
  readonly trial: number;
  readonly rung: number;
  readonly share: number;
  readonly parameters: Parameters;
}

/** Writes a job's row inside the caller's transaction. False when another worker has done the same job first. */
export async function writeTrial(
  client: Queryable,
  job: SearchJob,
  done: { objective: number | null; result: SearchResult },
): Promise<boolean> {
  const { rowCount } = await client.query(
    `INSERT INTO signalbox.search_trials (search_hash, training_window, trial, rung, parameters, objective, result)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
    [
      job.searchHash,
      job.window,
      job.trial,
      job.rung,
      JSON.stringify(job.parameters),
      done.objective,
      JSON.stringify(done.result),
    ],
  );
  return rowCount === 1;
}

/** True when a job's row is stored. */
export async function isTrialDone(client: Queryable, job: Omit<SearchJob, 'parameters' | 'share'>): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT 1 FROM signalbox.search_trials
     WHERE search_hash = $1 AND training_window = $2 AND trial = $3 AND rung = $4`,
    [job.searchHash, job.window, job.trial, job.rung],
  );
  return rowCount === 1;
}

/** Rows of the journal without their results: enough to propose from. */
export async function readProgress(client: Queryable, hash: string): Promise<(DoneTrial & { window: number })[]> {
  const { rows } = await client.query<DoneTrial & { window: number }>(
    `SELECT training_window AS window, trial, rung, parameters, objective FROM signalbox.search_trials
     WHERE search_hash = $1 ORDER BY training_window, rung, trial`,
    [hash],
  );
  return rows;
}

/** The whole journal. */
export async function readJournal(client: Queryable, hash: string): Promise<JournalRow[]> {
  const { rows } = await client.query<JournalRow>(
    `SELECT training_window AS window, trial, rung, parameters, objective, result FROM signalbox.search_trials
     WHERE search_hash = $1 ORDER BY training_window, rung, trial`,
    [hash],
  );
  return rows;
}
