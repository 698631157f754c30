import type pg from 'pg';
import { SignalboxError } from '../../infra/errors.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { checkedAgain } from '../experiment/files-apart.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** A half-open stretch of decision times in ISO 8601, first and last inclusive. */
interface PlanRange {
  readonly from: string;
  readonly to: string;
}

/** Ranges of one fold as results and reports show them. */
export interface PlannedFold {
  readonly index: number;
  readonly train: PlanRange;
  readonly purge: PlanRange | null;
  readonly embargo: PlanRange | null;
  readonly test: PlanRange;
  readonly trainRows: number;
  readonly testRows: number;
}

/** One series of a universe by reference. */
interface SeriesReference {
  readonly id: number;
  readonly symbol: string;
  /** Identifies the actions its bars are adjusted by; absent for raw bars. */
  readonly adjustment?: string;
  /** Identifies the events that its rows are made of; absent where no feature reads any. */
  readonly events?: string;
}

/** All that a worker anywhere needs to do a fold: data by reference, never by value. */
export interface TrainingPlan {
  readonly experiment: Experiment;
  readonly experimentHash: string;
  readonly dataHash: string;
  readonly featureSetHash: string;
  /** Series ids in universe order, and the symbols they stand for. */
  readonly series: readonly SeriesReference[];
  readonly folds: readonly PlannedFold[];
  /** Rows of the dataset that was planned on: a fold that reads another number of them must not count. */
  readonly rows: number;
  /** TensorFlow.js backend every fold must use: results depend on it. */
  readonly backend: 'wasm' | 'native' | 'none';
  /** Inclusive range of bars by open time, ms. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

/** Stores the plan of a training once; a second call with the same hash changes nothing. True when it was new. */
export async function writeTraining(client: Queryable, hash: string, plan: TrainingPlan): Promise<boolean> {
  const { rowCount } = await client.query(
    `INSERT INTO signalbox.trainings
       (hash, experiment_name, experiment_hash, data_hash, feature_set_hash, backend, plan)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (hash) DO NOTHING`,
    [
      hash,
      plan.experiment.name,
      plan.experimentHash,
      plan.dataHash,
      plan.featureSetHash,
      plan.backend,
      JSON.stringify(plan),
    ],
  );
  return rowCount === 1;
}

/** The plan of a training. SignalboxError when it was deleted meanwhile. */
export async function readTraining(client: Queryable, hash: string): Promise<TrainingPlan> {
  const { rows } = await client.query<{ plan: TrainingPlan }>('SELECT plan FROM signalbox.trainings WHERE hash = $1', [
    hash,
  ]);
  if (rows[0] === undefined) {
    throw new SignalboxError(`There is no training ${hash.slice(0, 12)} in this database.`, {
      remedy: 'It was deleted by a run with --fresh; start the experiment again.',
    });
  }
  // Plans of earlier versions lack keys that have a default now.
  return { ...rows[0].plan, experiment: checkedAgain(rows[0].plan.experiment) };
}

/** What a training learned from, as far as other models have to share it. */
export interface TrainedUniverse {
  readonly featureSetHash: string;
  readonly symbols: readonly string[];
}

/** The features and symbols of a training; null where it was deleted. Plans of any age can be asked. */
export async function trainedUniverse(client: Queryable, hash: string): Promise<TrainedUniverse | null> {
  const { rows } = await client.query<{ feature_set_hash: string; symbols: string[] }>(
    `SELECT feature_set_hash,
       ARRAY(SELECT entry ->> 'symbol' FROM jsonb_array_elements(plan -> 'series') AS entry) AS symbols
     FROM signalbox.trainings WHERE hash = $1`,
    [hash],
  );
  const [row] = rows;
  return row === undefined ? null : { featureSetHash: row.feature_set_hash, symbols: row.symbols };
}

/** A stored training, and which data it was made from. */
export interface Lineage {
  readonly trainingHash: string;
  readonly experiment: string;
  readonly featureSetHash: string;
  readonly seriesIds: readonly number[];
  /** Opens of its bars, `[fromMs, toMs)`. */
  readonly fromMs: number;
  readonly toMs: number;
}

interface LineageRow {
  readonly hash: string;
  readonly experiment_name: string;
  readonly feature_set_hash: string;
  readonly series: readonly { readonly id: number }[];
  readonly from_ms: number | null;
  readonly to_ms: number | null;
}

/**
 * What every stored training was made from, oldest first: models and predictions can be told, and made again, while
 * that is there.
 */
export async function readLineage(client: Queryable): Promise<Lineage[]> {
  const { rows } = await client.query<LineageRow>(
    `SELECT hash, experiment_name, feature_set_hash, plan -> 'series' AS series,
       (plan ->> 'fromMs')::double precision AS from_ms, (plan ->> 'toMs')::double precision AS to_ms
     FROM signalbox.trainings ORDER BY created_at`,
  );
  return rows.map((row) => ({
    trainingHash: row.hash,
    experiment: row.experiment_name,
    featureSetHash: row.feature_set_hash,
    seriesIds: row.series.map(({ id }) => id),
    fromMs: row.from_ms ?? -Infinity,
    toMs: row.to_ms ?? Infinity,
  }));
}

/** Hashes of trainings that begin with `prefix`, two at most: enough to see whether it names one. */
export async function trainingsNamed(client: Queryable, prefix: string): Promise<string[]> {
  const { rows } = await client.query<{ hash: string }>(
    'SELECT hash FROM signalbox.trainings WHERE starts_with(hash, $1) LIMIT 2',
    [prefix],
  );
  return rows.map(({ hash }) => hash);
}

/** Deletes a training with its folds, predictions and models, so that it is computed again. */
export async function deleteTraining(client: Queryable, hash: string): Promise<void> {
  await client.query('DELETE FROM signalbox.trainings WHERE hash = $1', [hash]);
}

/**
 * Writes the result of one fold inside the caller's transaction. False when another worker has finished the same fold
 * first: the caller rolls its own work back, so that the fold is done once.
 */
export async function writeFoldResult(
  client: Queryable,
  hash: string,
  fold: number,
  result: unknown,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `INSERT INTO signalbox.fold_results (training_hash, fold, result) VALUES ($1, $2, $3)
     ON CONFLICT (training_hash, fold) DO NOTHING`,
    [hash, fold, JSON.stringify(result)],
  );
  return rowCount === 1;
}

/** Results of the folds that are done, by fold. */
export async function readFoldResults<Result>(client: Queryable, hash: string): Promise<Map<number, Result>> {
  const { rows } = await client.query<{ fold: number; result: Result }>(
    'SELECT fold, result FROM signalbox.fold_results WHERE training_hash = $1 ORDER BY fold',
    [hash],
  );
  return new Map(rows.map((row) => [row.fold, row.result]));
}

/** True when a fold's result is stored. */
export async function isFoldDone(client: Queryable, hash: string, fold: number): Promise<boolean> {
  const { rowCount } = await client.query(
    'SELECT 1 FROM signalbox.fold_results WHERE training_hash = $1 AND fold = $2',
    [hash, fold],
  );
  return rowCount === 1;
}

/** How far a training is: cheap enough to be asked for often. */
export interface TrainingState {
  readonly done: ReadonlySet<number>;
  readonly assembled: boolean;
  readonly cancelled: boolean;
}

/**
 * Which folds are done, whether they have been put together, whether somebody asked to stop. A deleted training counts
 * as cancelled.
 */
export async function readTrainingState(client: Queryable, hash: string): Promise<TrainingState> {
  const { rows } = await client.query<{ done: number[]; assembled: boolean; cancelled: boolean }>(
    `SELECT ARRAY(SELECT fold FROM signalbox.fold_results WHERE training_hash = hash) AS done,
       assembled_at IS NOT NULL AS assembled, cancelled
     FROM signalbox.trainings WHERE hash = $1`,
    [hash],
  );
  const { done = [], assembled = false, cancelled = true } = rows[0] ?? {};
  return { done: new Set(done), assembled, cancelled };
}

/** Asks the workers that hold folds of a training to stop. False when there is no such training. */
export async function requestCancel(client: Queryable, hash: string): Promise<boolean> {
  const { rowCount } = await client.query('UPDATE signalbox.trainings SET cancelled = true WHERE hash = $1', [hash]);
  return rowCount === 1;
}

/** Takes a request to cancel back: the training goes on where it was. */
export async function clearCancel(client: Queryable, hash: string): Promise<void> {
  await client.query('UPDATE signalbox.trainings SET cancelled = false WHERE hash = $1 AND cancelled', [hash]);
}

/** True when the training was cancelled or deleted. */
export async function isCancelled(client: Queryable, hash: string): Promise<boolean> {
  const { rows } = await client.query<{ cancelled: boolean }>(
    'SELECT cancelled FROM signalbox.trainings WHERE hash = $1',
    [hash],
  );
  return rows[0]?.cancelled ?? true;
}

/** True when the folds' results have been put together. */
export async function isAssembled(client: Queryable, hash: string): Promise<boolean> {
  const { rows } = await client.query<{ assembled: boolean }>(
    'SELECT assembled_at IS NOT NULL AS assembled FROM signalbox.trainings WHERE hash = $1',
    [hash],
  );
  return rows[0]?.assembled ?? false;
}

/** Notes that the folds' results have been put together. */
export async function markAssembled(client: Queryable, hash: string): Promise<void> {
  await client.query('UPDATE signalbox.trainings SET assembled_at = now() WHERE hash = $1', [hash]);
}

/** The experiment of every training of `name`, as its plan holds it. */
export async function trainedExperiments(client: Queryable, name: string): Promise<Experiment[]> {
  const { rows } = await client.query<{ experiment: Experiment }>(
    `SELECT plan -> 'experiment' AS experiment FROM signalbox.trainings WHERE experiment_name = $1`,
    [name],
  );
  return rows.map(({ experiment }) => checkedAgain(experiment));
}

/** The first of `hashes` whose folds are all done and put together, or null. */
export async function findAssembled(client: Queryable, hashes: readonly string[]): Promise<string | null> {
  const { rows } = await client.query<{ hash: string }>(
    `SELECT hash FROM signalbox.trainings WHERE hash = ANY($1) AND assembled_at IS NOT NULL
     ORDER BY assembled_at DESC, hash LIMIT 1`,
    [hashes],
  );
  return rows[0]?.hash ?? null;
}
