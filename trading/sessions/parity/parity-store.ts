import type pg from 'pg';
import type { PaperOptions } from '../replay.ts';
import type { SessionParity } from './session-parity.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** How a session was asked for: what prepares it again. */
export interface SessionSource {
  /** The experiment as it was named: a name, or a path from the working directory. */
  readonly experiment: string;
  readonly options: Omit<PaperOptions, 'speed' | 'metricsPort'>;
}

/** Stores how a session was asked for; the last time counts. */
export async function writeSource(
  client: Queryable,
  sessionId: string,
  { experiment, options }: SessionSource,
): Promise<void> {
  await client.query(
    `INSERT INTO signalbox.session_sources (session_id, experiment, options) VALUES ($1, $2, $3)
     ON CONFLICT (session_id) DO UPDATE SET experiment = excluded.experiment, options = excluded.options`,
    [sessionId, experiment, JSON.stringify(options)],
  );
}

/** How a session was asked for; null for one from before that was noted. */
export async function readSource(client: Queryable, sessionId: string): Promise<SessionSource | null> {
  const { rows } = await client.query<SessionSource>(
    'SELECT experiment, options FROM signalbox.session_sources WHERE session_id = $1',
    [sessionId],
  );
  return rows[0] ?? null;
}

/** Stores a comparison; another one as of the same close takes its place. */
export async function writeParity(client: Queryable, parity: SessionParity): Promise<void> {
  await client.query(
    `INSERT INTO signalbox.session_parity (session_id, as_of, document) VALUES ($1, $2, $3)
     ON CONFLICT (session_id, as_of) DO UPDATE SET document = excluded.document, made_at = now()`,
    [parity.session, parity.asOf, JSON.stringify(parity)],
  );
}

/** The newest comparison of each of some sessions, where there is one. */
export async function newestParity(client: Queryable, sessionIds: readonly string[]): Promise<SessionParity[]> {
  const { rows } = await client.query<{ document: SessionParity }>(
    `SELECT DISTINCT ON (session_id) document FROM signalbox.session_parity
     WHERE session_id = ANY ($1) ORDER BY session_id, as_of DESC`,
    [sessionIds],
  );
  return rows.map(({ document }) => document);
}
