import type pg from 'pg';
import type { Database } from '../infra/postgres/database.ts';
import { historyOf, unannualisedSharpe, type TrialHistory, type TrialRecord } from './trial-history.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** A trial: a distinct (resolved experiment, data) with its out-of-sample record. */
export interface Trial extends TrialRecord {
  readonly dataHash: string;
  /** Hash of the resolved experiment. */
  readonly experimentHash: string;
  readonly experimentName: string;
}

interface TrialRow {
  experiment_hash: string;
  day_closes: Date[];
  daily_returns: number[];
  excess_returns: number[];
}

/**
 * Stores `trial` and returns the history of its data, this trial included. A repeat replaces its own row and so does not count
 * again; trials on other data are never seen. Trials of one data hash that finish at the same moment wait for each other,
 * so that each sees the ones before it. Throws SignalboxError when the database fails.
 */
export async function recordTrial(database: Pick<Database, 'transaction'>, trial: Trial): Promise<TrialHistory> {
  return recordTrials(database, [trial]);
}

/** The same for several trials on the same data, in one transaction. */
export async function recordTrials(
  database: Pick<Database, 'transaction'>,
  trials: readonly Trial[],
): Promise<TrialHistory> {
  const { dataHash } = trials[0]!;
  if (trials.some((trial) => trial.dataHash !== dataHash)) throw new Error('trials recorded together share their data');
  return database.transaction(async (client) => {
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`signalbox trials ${dataHash}`]);
    for (const trial of trials) await insertTrial(client, trial);
    return historyOf(await selectTrials(client, dataHash));
  });
}

/** The records of every trial on some data. */
export async function readTrials(database: Pick<Database, 'pool'>, dataHash: string): Promise<TrialRecord[]> {
  return selectTrials(database.pool, dataHash);
}

async function insertTrial(client: Queryable, trial: Trial): Promise<void> {
  await client.query(
    `INSERT INTO signalbox.trials
         (data_hash, experiment_hash, experiment_name, day_closes, daily_returns, excess_returns, sharpe, excess_sharpe)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT (data_hash, experiment_hash) DO UPDATE SET
         experiment_name = EXCLUDED.experiment_name,
         day_closes = EXCLUDED.day_closes,
         daily_returns = EXCLUDED.daily_returns,
         excess_returns = EXCLUDED.excess_returns,
         sharpe = EXCLUDED.sharpe,
         excess_sharpe = EXCLUDED.excess_sharpe`,
    [
      trial.dataHash,
      trial.experimentHash,
      trial.experimentName,
      Array.from(trial.timeMs, (time) => new Date(time).toISOString()),
      Array.from(trial.returns),
      Array.from(trial.excessReturns),
      unannualisedSharpe(trial.returns),
      unannualisedSharpe(trial.excessReturns),
    ],
  );
}

async function selectTrials(client: Queryable, dataHash: string): Promise<TrialRecord[]> {
  const { rows } = await client.query<TrialRow>(
    `SELECT experiment_hash, day_closes, daily_returns, excess_returns
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
