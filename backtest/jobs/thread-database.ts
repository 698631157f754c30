import { workerData } from 'node:worker_threads';
import { openDatabase, type Database } from '../../infra/postgres/database.ts';
import type { BacktestThreadData } from './backtest-worker.ts';

let database: Promise<Database> | null = null;

/** The connections of a processor's thread, kept between its jobs. */
export function threadDatabase(connectionsMax: number): Promise<Database> {
  const { config, databaseUrl } = workerData as BacktestThreadData;
  database ??= openDatabase({ ...config, databaseUrl }, { migrate: false, connectionsMax });
  // An outage at the first job must not be the answer to every later one.
  database.catch(() => (database = null));
  return database;
}
