import type pg from 'pg';
import { SignalboxError } from '../../../infra/errors.ts';
import { codeOf } from '../../../infra/postgres/database-error.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** Which process writes a session, and how many commits the session has. */
export interface WriterStanding {
  readonly writer: number;
  readonly commits: number;
  /** Steps that had begun with the last of them; -1 for none. */
  readonly step: number;
}

/** Where the record of a session stands; null where nobody has written one. */
export async function writerStanding(
  client: Queryable,
  sessionId: string,
  { locks = false }: { readonly locks?: boolean } = {},
): Promise<WriterStanding | null> {
  const { rows } = await client.query<WriterStanding>(
    `SELECT writer, commits, step FROM signalbox.session_writers WHERE session_id = $1 ${locks ? 'FOR UPDATE' : ''}`,
    [sessionId],
  );
  return rows[0] ?? null;
}

/** This process is the next writer of a session: what an earlier one has yet to commit is refused from here on. */
export async function nextWriter(client: Queryable, sessionId: string): Promise<WriterStanding> {
  const { rows } = await client.query<WriterStanding>(
    `INSERT INTO signalbox.session_writers AS known (session_id, writer, commits, step) VALUES ($1, 1, 0, -1)
     ON CONFLICT (session_id) DO UPDATE SET writer = known.writer + 1 RETURNING writer, commits, step`,
    [sessionId],
  );
  return rows[0]!;
}

/**
 * Counts one commit, in its own transaction. It divides by zero where another process has followed this one, so that
 * the server does none of what comes after it: see `whyNotCommitted`.
 */
export function countCommit(sessionId: string, { writer, commits, step }: WriterStanding): pg.QueryConfig {
  return {
    name: 'count-commit',
    text: `WITH counted AS (
       UPDATE signalbox.session_writers SET commits = $3, step = greatest(step, $4)
       WHERE session_id = $1 AND writer = $2 AND commits = $3 - 1 RETURNING 1
     ) SELECT 1 / count(*) FROM counted`,
    values: [sessionId, writer, commits, step],
  };
}

/** SQLSTATE of a division by zero. No other statement of a commit divides. */
const NOT_COUNTED = '22012';

/** What a commit failed with, in words where it is that another process writes the session. */
export function whyNotCommitted(error: unknown, sessionId: string): unknown {
  if (codeOf(error) !== NOT_COUNTED) return error;
  return new SignalboxError(`Session "${sessionId}" is written by another process.`, {
    remedy: 'Stop one of them: signalbox sessions list shows what runs.',
    cause: error,
  });
}
