import type { Database } from '../../infra/postgres/database.ts';
import { runHistoricalSession, type HistoricalSessionOptions } from '../../trading/sessions/historical-session.ts';
import { PostgresJournal } from '../../trading/journal/postgres-journal.ts';
import type { SessionResult } from '../../trading/session-result.ts';
import {
  closeSession,
  deleteSession,
  journalHashOf,
  lockSession,
  openSession,
  type SessionDefinition,
} from '../../trading/sessions/session-store.ts';

/**
 * Runs a backtest session and keeps its journal in the database under the session's id. A journal that is there already
 * and has the same hash is left alone; one that differs (other software made it) is replaced: a backtest is derived
 * data. Written in one transaction, one process at a time: two runs of one experiment have the same session.
 */
export async function runJournaledSession(
  database: Database,
  session: SessionDefinition,
  options: HistoricalSessionOptions,
): Promise<SessionResult> {
  const result = runHistoricalSession(options);
  await database.transaction(async (client) => {
    await lockSession(client, session.id);
    if ((await journalHashOf(client, session.id)) === result.journalHash) return;
    await deleteSession(client, session.id);
    await openSession(client, session);
    const inside = { pool: client, transaction: <T>(work: (same: typeof client) => Promise<T>) => work(client) };
    const journal = await PostgresJournal.open(inside, session);
    runHistoricalSession({ ...options, journal });
    await journal.commit();
    await closeSession(client, session.id, result.journalHash);
  });
  return result;
}
