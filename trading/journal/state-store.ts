import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { WriteStep } from '../../infra/postgres/write-steps.ts';
import { NO_STATE, STATE_FORMAT, type FoundState, type SessionState } from '../session-state.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

const digestOf = (document: string): string => createHash('sha256').update(document).digest('hex');

/** Puts the state of a session on record. The one before it is replaced. */
export function stateStep(sessionId: string, state: SessionState): WriteStep {
  const document = JSON.stringify(state);
  return {
    name: 'session-state',
    text: `INSERT INTO signalbox.session_states (session_id, format, digest, document) VALUES ($1, $2, $3, $4)
     ON CONFLICT (session_id) DO UPDATE SET (format, digest, document) = ($2, $3, $4)`,
    values: [sessionId, STATE_FORMAT, digestOf(document), document],
  };
}

/** The last state of a session. One that is damaged or of another format is none: its fault says so. */
export async function readState(client: Queryable, sessionId: string): Promise<FoundState> {
  const { rows } = await client.query<{ format: string; digest: string; document: string }>(
    'SELECT format, digest, document FROM signalbox.session_states WHERE session_id = $1',
    [sessionId],
  );
  const [found] = rows;
  if (found === undefined) return NO_STATE;
  const { format, digest, document } = found;
  const fault =
    format !== STATE_FORMAT
      ? `its saved state is of format ${format}, and this version reads ${STATE_FORMAT}`
      : digest !== digestOf(document)
        ? 'its saved state is damaged: its digest is another'
        : null;
  return fault === null ? { state: JSON.parse(document) as SessionState, fault } : { state: null, fault };
}

/** A session that has ended goes on no more. */
export async function deleteState(client: Queryable, sessionId: string): Promise<void> {
  await client.query('DELETE FROM signalbox.session_states WHERE session_id = $1', [sessionId]);
}
