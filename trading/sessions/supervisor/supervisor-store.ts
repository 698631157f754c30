import type pg from 'pg';
import { SignalboxError } from '../../../infra/errors.ts';
import { ConnectionLock, lockNumberSql } from '../../../infra/postgres/connection-lock.ts';
import type { SuperviseEnd } from './supervise.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** The text whose hash is the advisory lock of a session's supervisor. */
const SUPERVISED = 'signalbox: session is supervised: ';

/** The supervisor of a session, or the last one that it had. */
export interface SupervisorRow {
  readonly sessionId: string;
  readonly host: string;
  readonly pid: number;
  readonly log: string | null;
  readonly beganAt: Date;
  readonly doing: string;
  readonly doingSince: Date;
  readonly restarts: number;
  /** How it ended; null where it has not, or was killed. */
  readonly outcome: SuperviseEnd['why'] | null;
  /** What the session said last when it failed under it. */
  readonly lastWords: string | null;
  /** Its process is there. */
  readonly alive: boolean;
}

/** Keeps other supervisors from a session while this process lives. @throws SignalboxError where one has it */
export async function takeSupervision(pool: Pick<pg.Pool, 'connect'>, id: string): Promise<ConnectionLock> {
  const lock = await ConnectionLock.hold(pool, SUPERVISED + id, { turns: 30 });
  if (lock !== null) return lock;
  throw new SignalboxError(`Session "${id}" has a supervisor already.`, {
    remedy: 'signalbox sessions attach shows what it does; signalbox sessions stop ends both.',
  });
}

/** Records a supervisor in place of the last one. */
export async function noteSupervisor(
  client: Queryable,
  { sessionId, host, pid, log }: Pick<SupervisorRow, 'sessionId' | 'host' | 'pid' | 'log'>,
): Promise<void> {
  await client.query(
    `INSERT INTO signalbox.session_supervisors (session_id, host, pid, log, doing) VALUES ($1, $2, $3, $4, 'begins')
     ON CONFLICT (session_id) DO UPDATE SET host = excluded.host, pid = excluded.pid, log = excluded.log,
       began_at = now(), doing = excluded.doing, doing_since = now(), restarts = 0, outcome = NULL,
       last_words = NULL`,
    [sessionId, host, pid, log],
  );
}

/** Records what a supervisor is about. */
export async function noteDoing(client: Queryable, id: string, doing: string, restarts: number): Promise<void> {
  await client.query(
    `UPDATE signalbox.session_supervisors SET doing = $2, doing_since = now(), restarts = $3 WHERE session_id = $1`,
    [id, doing, restarts],
  );
}

/** Records what a session that failed said last. */
export async function noteLastWords(client: Queryable, id: string, words: string): Promise<void> {
  await client.query('UPDATE signalbox.session_supervisors SET last_words = $2 WHERE session_id = $1', [id, words]);
}

/** Records how a supervisor ended. */
export async function noteOutcome(client: Queryable, id: string, outcome: SuperviseEnd['why']): Promise<void> {
  await client.query('UPDATE signalbox.session_supervisors SET outcome = $2 WHERE session_id = $1', [id, outcome]);
}

/** The supervisors of some sessions, by session, or of all. */
export async function readSupervisors(
  client: Queryable,
  ids: readonly string[] | null,
): Promise<ReadonlyMap<string, SupervisorRow>> {
  const { rows } = await client.query<SupervisorRow>(
    `SELECT session_id AS "sessionId", host, pid, log, began_at AS "beganAt", doing, doing_since AS "doingSince",
            restarts, outcome, last_words AS "lastWords", EXISTS (
              SELECT 1 FROM pg_locks
              WHERE locktype = 'advisory' AND objsubid = 1 AND granted
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND (classid::bigint << 32 | objid::bigint) = ${lockNumberSql(`'${SUPERVISED}' || session_id`)}) AS alive
     FROM signalbox.session_supervisors WHERE $1::text[] IS NULL OR session_id = ANY($1) ORDER BY began_at DESC`,
    [ids],
  );
  return new Map(rows.map((row) => [row.sessionId, row]));
}

/** Asks whoever runs or supervises a session to stop. */
export async function askToStop(client: Queryable, id: string): Promise<void> {
  await client.query(
    `INSERT INTO signalbox.session_stops (session_id, asked_at) VALUES ($1, clock_timestamp())
     ON CONFLICT (session_id) DO UPDATE SET asked_at = excluded.asked_at`,
    [id],
  );
}

/** The database's time, by which stops are dated. */
export async function databaseNow(client: Queryable): Promise<Date> {
  const { rows } = await client.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  return rows[0]!.now;
}

/** Whether somebody has asked a session to stop since `began`, by the database's clock. */
export async function isStopAsked(client: Queryable, id: string, began: Date): Promise<boolean> {
  const { rowCount } = await client.query(
    'SELECT 1 FROM signalbox.session_stops WHERE session_id = $1 AND asked_at > $2',
    [id, began],
  );
  return rowCount === 1;
}
