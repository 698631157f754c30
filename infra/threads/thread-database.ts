import { workerData } from 'node:worker_threads';
import type { Config } from '../config.ts';
import { openDatabase, type Database } from '../postgres/database.ts';

/** What the threads of a queue's processor receive besides their job. */
export interface ProcessorData {
  readonly config: Config;
  readonly databaseUrl: string;
}

let database: Promise<Database> | null = null;

/** The connections of a processor's thread, kept between its jobs. */
export function threadDatabase(connectionsMax: number): Promise<Database> {
  const { config, databaseUrl } = workerData as ProcessorData;
  database ??= openDatabase({ ...config, databaseUrl }, { migrate: false, connectionsMax });
  // An outage at the first job must not be the answer to every later one.
  database.catch(() => (database = null));
  return database;
}
