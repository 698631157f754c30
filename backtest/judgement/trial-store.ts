import { lockUntilCommit } from '../../infra/postgres/lock-until-commit.ts';
import type pg from 'pg';
import type { Database } from '../../infra/postgres/database.ts';
import { countOffers } from '../../models/promotion/decision-store.ts';
import { isOverFiles } from '../../models/experiment/replaced-data.ts';
import { historyOf, unannualisedSharpe, type TrialHistory, type TrialRecord } from './trial-history.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** A trial: a distinct (resolved experiment, data) with its out-of-sample record. */
export interface Trial extends TrialRecord {
  readonly dataHash: string;
  /** Hash of the resolved experiment. */
  readonly experimentHash: string;
  readonly experimentName: string;
  /** The universe. */
  readonly symbols: readonly string[];
  /** Figures that a search of rules goes on from; absent for any other trial. */
  readonly figures?: unknown;
}

/** A stored trial of a search of rules. */
export interface StoredTrial extends TrialRecord {
  readonly experimentHash: string;
  readonly figures: unknown;
}

interface TrialRow {
  day_closes: Date[];
  daily_returns: number[];
  excess_returns: number[];
}

/**
 * Stores `trial` and returns the history of its data, this trial included. A repeat replaces its own row and so does
 * not count again; trials on other data are never seen. Trials of one data hash that finish at the same moment wait for
 * each other, so that each sees the ones before it. Throws SignalboxError when the database fails.
 */
export async function recordTrial(database: Pick<Database, 'transaction'>, trial: Trial): Promise<TrialHistory> {
  return recordTrials(database, [trial]);
}

/** The same for several trials on the same data, in one transaction. */
export async function recordTrials(
  database: Pick<Database, 'transaction'>,
  trials: readonly Trial[],
): Promise<TrialHistory> {
  return database.transaction(async (client) => {
    await insertTrials(client, trials);
    return historyOf(await selectTrials(client, trials[0]!.dataHash));
  });
}

/** Stores trials on the same data that are not the last of their search: what they say together is asked later. */
export async function keepTrials(database: Pick<Database, 'transaction'>, trials: readonly Trial[]): Promise<void> {
  if (trials.length > 0) await database.transaction((client) => insertTrials(client, trials));
}

/** What everything that was tried on some data says. */
export async function readHistory(database: Pick<Database, 'pool'>, dataHash: string): Promise<TrialHistory> {
  return historyOf(await selectTrials(database.pool, dataHash));
}

/** How many distinct trials there have been on some data. */
export async function countTrials({ pool }: Pick<Database, 'pool'>, dataHash: string): Promise<number> {
  const { rows } = await pool.query<{ trials: number }>(
    'SELECT count(*)::int AS trials FROM signalbox.trials WHERE data_hash = $1',
    [dataHash],
  );
  return rows[0]!.trials;
}

/**
 * How many distinct trials of an experiment there have been, those of its searches, of changed keys and over other data
 * among them; with `since` those that were first seen from then on.
 */
export async function countNamedTrials(
  { pool }: Pick<Database, 'pool'>,
  name: string,
  since: Date | null,
): Promise<number> {
  const { rows } = await pool.query<{ trials: number }>(
    `SELECT count(*)::int AS trials FROM signalbox.trials
     WHERE (experiment_name = $1 OR starts_with(experiment_name, $1 || ' (') OR starts_with(experiment_name, $1 || '.')
        OR starts_with(experiment_name, $1 || '-set-'))
       AND ($2::timestamptz IS NULL OR first_seen_at >= $2)`,
    [name, since],
  );
  return rows[0]!.trials;
}

async function insertTrials(client: Queryable, trials: readonly Trial[]): Promise<void> {
  const { dataHash } = trials[0]!;
  if (trials.some((trial) => trial.dataHash !== dataHash)) throw new Error('trials recorded together share their data');
  await lockUntilCommit(client, `signalbox trials ${dataHash}`);
  for (const trial of trials) await insertTrial(client, trial);
}

/** Those of the trials named that are stored with figures. */
export async function readTrials(
  database: Pick<Database, 'pool'>,
  dataHash: string,
  experimentHashes: readonly string[],
): Promise<StoredTrial[]> {
  const { rows } = await database.pool.query<TrialRow & { experiment_hash: string; figures: unknown }>(
    `SELECT experiment_hash, figures, day_closes, daily_returns, excess_returns FROM signalbox.trials
     WHERE data_hash = $1 AND experiment_hash = ANY($2) AND figures IS NOT NULL`,
    [dataHash, experimentHashes],
  );
  return rows.map((row) => ({ ...recordOf(row), experimentHash: row.experiment_hash, figures: row.figures }));
}

/** What was tried before somebody wants to be believed. */
export interface Tries {
  /**
   * Every distinct (experiment, data) of the name, or of the same universe on overlapping days: other data starts no
   * new history here, but for files in the place of an experiment's own data, which have histories of their own.
   */
  readonly trials: readonly TrialRecord[];
  /** Distinct states of the data among them: each new bar is a new chance to look good. */
  readonly dataStates: number;
  /** Earlier offers of versions of those names to the gate; one repeated at the same newest bar is the same offer. */
  readonly offers: number;
  /** When the first of all that was; null where nothing was tried. */
  readonly sinceMs: number | null;
}

/**
 * A version that is about to be judged: its record covers `fromMs` to `toMs` of a universe, its last label is `ageDays`
 * old.
 */
export interface Judged {
  readonly name: string;
  readonly modelHash: string;
  readonly symbols: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly ageDays: number;
}

/** Everything that counts against a version. */
export async function readTries(database: Pick<Database, 'pool'>, of: Judged): Promise<Tries> {
  const { rows } = await database.pool.query<
    TrialRow & { data_hash: string; experiment_name: string; first_seen_at: Date }
  >(
    `SELECT data_hash, experiment_name, first_seen_at, day_closes, daily_returns, excess_returns FROM signalbox.trials
     WHERE experiment_name = $1
       OR (symbols = $2 AND (position('.' in experiment_name) > 0) = $5 AND day_closes[1] <= to_timestamp($4::float8 / 1000)
           AND day_closes[cardinality(day_closes)] >= to_timestamp($3::float8 / 1000))
     ORDER BY data_hash, experiment_hash`,
    [of.name, [...of.symbols].sort(), of.fromMs, of.toMs, isOverFiles(of.name)],
  );
  const names = [...new Set([of.name, ...rows.map((row) => row.experiment_name)])];
  const offered = await countOffers(database.pool, names, of);
  const times = rows.map((row) => row.first_seen_at.getTime());
  if (offered.sinceMs !== null) times.push(offered.sinceMs);
  return {
    trials: rows.map(recordOf),
    dataStates: new Set(rows.map((row) => row.data_hash)).size,
    offers: offered.count,
    sinceMs: times.length === 0 ? null : Math.min(...times),
  };
}

async function insertTrial(client: Queryable, trial: Trial): Promise<void> {
  await client.query(
    `INSERT INTO signalbox.trials
         (data_hash, experiment_hash, experiment_name, day_closes, daily_returns, excess_returns, sharpe, excess_sharpe,
          symbols, figures)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
       ON CONFLICT (data_hash, experiment_hash) DO UPDATE SET
         experiment_name = EXCLUDED.experiment_name,
         day_closes = EXCLUDED.day_closes,
         daily_returns = EXCLUDED.daily_returns,
         excess_returns = EXCLUDED.excess_returns,
         sharpe = EXCLUDED.sharpe,
         excess_sharpe = EXCLUDED.excess_sharpe,
         symbols = EXCLUDED.symbols,
         figures = EXCLUDED.figures`,
    [
      trial.dataHash,
      trial.experimentHash,
      trial.experimentName,
      Array.from(trial.timeMs, (time) => new Date(time).toISOString()),
      Array.from(trial.returns),
      Array.from(trial.excessReturns),
      unannualisedSharpe(trial.returns),
      unannualisedSharpe(trial.excessReturns),
      [...trial.symbols].sort(),
      trial.figures === undefined ? null : JSON.stringify(trial.figures),
    ],
  );
}

async function selectTrials(client: Queryable, dataHash: string): Promise<TrialRecord[]> {
  const { rows } = await client.query<TrialRow>(
    `SELECT day_closes, daily_returns, excess_returns
       FROM signalbox.trials WHERE data_hash = $1 ORDER BY experiment_hash`,
    [dataHash],
  );
  return rows.map(recordOf);
}

function recordOf(row: TrialRow): TrialRecord {
  return {
    timeMs: Float64Array.from(row.day_closes, (close) => close.getTime()),
    returns: Float64Array.from(row.daily_returns),
    excessReturns: Float64Array.from(row.excess_returns),
  };
}
