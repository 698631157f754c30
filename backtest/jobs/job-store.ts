import type pg from 'pg';
import type { BacktestRequest } from './backtest-request.ts';
import type { ExperimentRequest, StrategyRequest } from './experiment-request.ts';
import type { ToldProgress } from './job-progress.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** What was asked for, by the kind of job. */
export type AskedJob =
  | { readonly kind: 'rules'; readonly asked: BacktestRequest }
  | { readonly kind: ExperimentRequest['command']; readonly asked: ExperimentRequest | StrategyRequest };

/** A backtest that was asked for, without its result. */
export type BacktestJob = AskedJob & {
  readonly id: string;
  readonly askedBy: string;
  readonly askedAt: Date;
  readonly correlationId: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'canceled';
  readonly beganAt: Date | null;
  readonly endedAt: Date | null;
  /** Why it failed. */
  readonly problem: string | null;
  readonly progress: ToldProgress | null;
  /** Id of the run that it left. */
  readonly run: string | null;
};

const JOB = `id, asked, asked_by AS "askedBy", asked_at AS "askedAt", correlation_id AS "correlationId", state,
  began_at AS "beganAt", ended_at AS "endedAt", problem, kind, progress, run`;

export async function addJob(
  client: Queryable,
  { id, kind, asked, askedBy, correlationId }: AskedJob & Pick<BacktestJob, 'id' | 'askedBy' | 'correlationId'>,
): Promise<BacktestJob> {
  const { rows } = await client.query<BacktestJob>(
    `INSERT INTO signalbox.backtest_jobs (id, kind, asked, asked_by, correlation_id)
     VALUES ($1, $2, $3, $4, $5) RETURNING ${JOB}`,
    [id, kind, JSON.stringify(asked), askedBy, correlationId],
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

/** Begins a job, once more too where its worker died or it failed. Null where it is done or canceled. */
export async function beginJob(client: Queryable, id: string): Promise<BacktestJob | null> {
  const { rows } = await client.query<BacktestJob>(
    `UPDATE signalbox.backtest_jobs SET state = 'running', began_at = now(), ended_at = NULL, problem = NULL
     WHERE id = $1 AND state IN ('waiting', 'running', 'failed') RETURNING ${JOB}`,
    [id],
  );
  return rows[0] ?? null;
}

/** Keeps how far a job is. False where it does not run any more, as one that was canceled. */
export async function keepProgress(client: Queryable, id: string, progress: ToldProgress): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE signalbox.backtest_jobs SET progress = $2 WHERE id = $1 AND state = 'running'`,
    [id, JSON.stringify(progress)],
  );
  return rowCount === 1;
}

/** Ends a job that is not to be done any more. Null where it has ended before, or there is none. */
export async function cancelJob(client: Queryable, id: string): Promise<BacktestJob | null> {
  const { rows } = await client.query<BacktestJob>(
    `UPDATE signalbox.backtest_jobs SET state = 'canceled', ended_at = now()
     WHERE id = $1 AND state IN ('waiting', 'running') RETURNING ${JOB}`,
    [id],
  );
  return rows[0] ?? null;
}

/** Ends a job, once: what was canceled stays so. */
export async function endJob(
  client: Queryable,
  id: string,
  outcome: { readonly result: object; readonly run: string } | { readonly problem: string },
): Promise<void> {
  const ended =
    'result' in outcome
      ? ['done', JSON.stringify(outcome.result), outcome.run, null]
      : ['failed', null, null, outcome.problem];
  await client.query(
    `UPDATE signalbox.backtest_jobs SET state = $2, ended_at = now(), result = $3, run = $4, problem = $5
     WHERE id = $1 AND state IN ('waiting', 'running')`,
    [id, ...ended],
  );
}
