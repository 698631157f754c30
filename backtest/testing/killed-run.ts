import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../infra/postgres/database.ts';
import { startSignalbox, type Ended } from './run-process.ts';

/** Where a run can be killed: when standard error first says so, and some milliseconds later. */
export const KILL_POINTS = [
  { stage: 'the database is being made', says: 'database' },
  { stage: 'ingest', says: 'ingest' },
  { stage: 'materialise', says: 'materialize' },
  { stage: 'training', says: 'train ' },
  { stage: 'backtest', says: 'backtest, baselines' },
  { stage: 'report', says: 'report' },
] as const;

export interface KilledRunOptions {
  readonly experiment: string;
  readonly base: NodeJS.ProcessEnv;
  readonly env: NodeJS.ProcessEnv;
  /** Text on standard error after which the run is killed, and how long after it. */
  readonly says: string;
  readonly delayMs: number;
}

/** Kills a run with `kill -9` at a moment, then runs it again to its end. False `killed`: it had ended before. */
export async function killAndRunAgain(options: KilledRunOptions): Promise<{ killed: boolean; again: Ended }> {
  const { experiment, base, env } = options;
  const first = startSignalbox(['run', experiment, '--once'], base, env);
  await Promise.race([first.said(options.says), first.ended]);
  await Promise.race([sleep(options.delayMs), first.ended]);
  first.kill();
  const { code } = await first.ended;
  const again = await startSignalbox(['run', experiment, '--once', '--json'], base, env).ended;
  return { killed: code === null, again };
}

/** Rows that a run leaves behind, by table: equal after any number of killed and repeated runs. */
export async function rowCounts(database: Database): Promise<Record<string, number>> {
  const tables = [
    ...['bars', 'feature_rows', 'trainings', 'fold_results', 'predictions', 'models', 'model_versions', 'trials'],
    ...['tracking_entries', 'sessions', 'signals', 'orders', 'fills'],
  ];
  const counts: Record<string, number> = {};
  for (const table of tables) {
    const { rows } = await database.pool.query<{ count: number }>(`SELECT count(*) AS count FROM signalbox.${table}`);
    counts[table] = rows[0]!.count;
  }
  return counts;
}
