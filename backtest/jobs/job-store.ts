import type pg from 'pg';
import type { BacktestRequest } from './backtest-request.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** A backtest that was asked for, without its result. */
export interface BacktestJob {
  readonly id: string;
  readonly asked: BacktestRequest;
  readonly askedBy: string;
  readonly askedAt: Date;
  readonly correlationId: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  readonly beganAt: Date | null;
  readonly endedAt: Date | null;
  /** Why it failed. */
  readonly problem: string | null;
}

const JOB = `id, asked, asked_by AS "askedBy", asked_at AS "askedAt", correlation_id AS "correlationId", state,
  began_at AS "beganAt", ended_at AS "endedAt", problem`;

export async function addJob(
  client: Queryable,
  { id, asked, askedBy, correlationId }: Pick<BacktestJob, 'id' | 'asked' | 'askedBy' | 'correlationId'>,
): Promise<BacktestJob> {
  const { rows } = await client.query<BacktestJob>(
    `INSERT INTO signalbox.backtest_jobs (id, asked, asked_by, correlation_id) VALUES ($1, $2, $3, $4) RETURNING ${JOB}`,
    [id, JSON.stringify(asked), askedBy, correlationId],
  );
  return rows[0]!;
}

/** Jobs, the newest first. */
export async function listJobs(client: Queryable, limit: number): Promise<BacktestJob[]> {
  const { rows } = await client.query<BacktestJob>(
    `SELECT ${JOB} FROM signalbox.backtest_jobs ORDER BY asked_at DESC, id LIMIT $1`,
    [limit],
  );
  return rows;
}

export async function findJob(client: Queryable, id: string): Promise<BacktestJob | undefined> {
  const { rows } = await client.query<BacktestJob>(`SELECT ${JOB} FROM signalbox.backtest_jobs WHERE id = $1`, [id]);
  return rows[0];
}

/** What it came to; null until it is done. */
export async function jobResult(client: Queryable, id: string): Promise<unknown> {
  const { rows } = await client.query<{ result: unknown }>('SELECT result FROM signalbox.backtest_jobs WHERE id = $1', [
    id,
  ]);
  return rows[0]?.result ?? null;
}

/** Begins a job, once more too where its worker died or it failed. Null where it is done, or there is none. */
export async function beginJob(client: Queryable, id: string): Promise<BacktestJob | null> {
  const { rows } = await client.query<BacktestJob>(
    `UPDATE signalbox.backtest_jobs SET state = 'running', began_at = now(), ended_at = NULL, problem = NULL
     WHERE id = $1 AND state <> 'done' RETURNING ${JOB}`,
    [id],
  );
  return rows[0] ?? null;
}

export async function endJob(
  client: Queryable,
  id: string,
  outcome: { readonly result: object } | { readonly problem: string },
): Promise<void> {
  const [state, result, problem] =
    'result' in outcome ? ['done', JSON.stringify(outcome.result), null] : ['failed', null, outcome.problem];
  await client.query(
    'UPDATE signalbox.backtest_jobs SET state = $2, ended_at = now(), result = $3, problem = $4 WHERE id = $1',
    [id, state, result, problem],
  );
}
