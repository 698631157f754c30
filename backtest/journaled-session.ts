import type { Database } from '../infra/postgres/database.ts';
import { runHistoricalSession, type HistoricalSessionOptions } from '../trading/historical-session.ts';
import { PostgresJournal } from '../trading/postgres-journal.ts';
import type { SessionResult } from '../trading/session-result.ts';
import { closeSession, openSession, type SessionDefinition } from '../trading/session-store.ts';

/**
 * Runs a backtest session and keeps its journal in the database under the session's id. A journal that is there already and
 * has the same hash is left alone; one that differs (other software made it) is replaced: a backtest is derived data.
 */
export async function runJournaledSession(
  database: Database,
  session: SessionDefinition,
  options: HistoricalSessionOptions,
): Promise<SessionResult> {
  const result = runHistoricalSession(options);
  const { rows } = await database.pool.query<{ journal_hash: string | null }>(
    'SELECT journal_hash FROM signalbox.sessions WHERE id = $1',
    [session.id],
  );
  if (rows[0]?.journal_hash === result.journalHash) return result;
  await database.pool.query('DELETE FROM signalbox.sessions WHERE id = $1', [session.id]);
  await openSession(database.pool, session);
  const journal = await PostgresJournal.open(database, session);
  runHistoricalSession({ ...options, journal });
  await journal.commit();
  await closeSession(database.pool, session.id, result.journalHash);
  return result;
}
