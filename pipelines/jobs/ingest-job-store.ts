import type pg from 'pg';
import type { AskedIngest } from './ingest-request.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** How far a job is. */
export interface IngestProgress {
  readonly stage: string;
  readonly done: number;
  /** Null where nobody knows. */
  readonly total: number | null;
  /** The last things said on the way. */
  readonly notes: readonly string[];
}

/** Bars that were asked for, without the file and without what came of it. */
export interface IngestJob {
  readonly id: string;
  readonly asked: AskedIngest;
  readonly askedBy: string;
  readonly askedAt: Date;
  readonly correlationId: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  readonly beganAt: Date | null;
  readonly endedAt: Date | null;
  readonly progress: IngestProgress | null;
  /** Why it failed. */
  readonly problem: string | null;
}

const JOB = `id, asked, asked_by AS "askedBy", asked_at AS "askedAt", correlation_id AS "correlationId", state,
  began_at AS "beganAt", ended_at AS "endedAt", progress, problem`;

/** Puts a job on record. @param upload text of the file that was sent along */
export async function addIngestJob(
  client: Queryable,
  job: Pick<IngestJob, 'id' | 'asked' | 'askedBy' | 'correlationId'>,
  upload: string | null,
): Promise<IngestJob> {
  const { rows } = await client.query<IngestJob>(
    `INSERT INTO signalbox.ingest_jobs (id, asked, upload, asked_by, correlation_id) VALUES ($1, $2, $3, $4, $5)
     RETURNING ${JOB}`,
    [job.id, JSON.stringify(job.asked), upload, job.askedBy, job.correlationId],
  );
  return rows[0]!;
}

/** Jobs, the newest first. */
export async function listIngestJobs(client: Queryable, limit: number): Promise<IngestJob[]> {
  const { rows } = await client.query<IngestJob>(
    `SELECT ${JOB} FROM signalbox.ingest_jobs ORDER BY asked_at DESC, id LIMIT $1`,
    [limit],
  );
  return rows;
}

/** A job with what came of it, which is null until it is done. */
export async function findIngestJob(
  client: Queryable,
  id: string,
): Promise<(IngestJob & { readonly result: unknown }) | undefined> {
  const { rows } = await client.query<IngestJob & { readonly result: unknown }>(
    `SELECT ${JOB}, result FROM signalbox.ingest_jobs WHERE id = $1`,
    [id],
  );
  return rows[0];
}

/** Begins a job, once more too where its worker died or it failed. Null where it is done, or there is none. */
export async function beginIngestJob(
  client: Queryable,
  id: string,
): Promise<{ readonly asked: AskedIngest; readonly upload: string | null } | null> {
  const { rows } = await client.query<{ asked: AskedIngest; upload: string | null }>(
    `UPDATE signalbox.ingest_jobs SET state = 'running', began_at = now(), ended_at = NULL, problem = NULL
     WHERE id = $1 AND state <> 'done' RETURNING asked, upload`,
    [id],
  );
  return rows[0] ?? null;
}

/** Says how far a job that runs is. */
export async function saveIngestProgress(client: Queryable, id: string, progress: IngestProgress): Promise<void> {
  await client.query(`UPDATE signalbox.ingest_jobs SET progress = $2 WHERE id = $1 AND state = 'running'`, [
    id,
    JSON.stringify(progress),
  ]);
}

/** Ends a job. `again`: it may be tried again, and keeps its file. */
export async function endIngestJob(
  client: Queryable,
  id: string,
  outcome: { readonly result: unknown } | { readonly problem: string; readonly again?: boolean },
): Promise<void> {
  const [state, result, problem] =
    'result' in outcome ? ['done', JSON.stringify(outcome.result), null] : ['failed', null, outcome.problem];
  await client.query(
    `UPDATE signalbox.ingest_jobs SET state = $2, ended_at = now(), result = $3, problem = $4,
       upload = CASE WHEN $5 THEN upload END
     WHERE id = $1`,
    [id, state, result, problem, 'problem' in outcome && outcome.again === true],
  );
}
