import type { Database } from '../../infra/postgres/database.ts';
import {
  HistoricalRun,
  runHistoricalSession,
  type HistoricalSessionOptions,
} from '../../trading/sessions/historical-session.ts';
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

/** Bars that are traded before what they led to is written: a panel's journal is larger than its bars. */
const BARS_PER_COMMIT = 100_000;

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
  return database.transaction(async (client) => {
    await lockSession(client, session.id);
    const stored = await journalHashOf(client, session.id);
    if (stored !== null) {
      const result = runHistoricalSession(options);
      if (result.journalHash === stored) return result;
    }
    await deleteSession(client, session.id);
    await openSession(client, session);
    const inside = { pool: client, transaction: <T>(work: (same: typeof client) => Promise<T>) => work(client) };
    const journal = await PostgresJournal.open(inside, session);
    const run = new HistoricalRun({ ...options, journal });
    try {
      while (run.advance(BARS_PER_COMMIT)) {
        await journal.commit();
        options.onProgress?.(run.bars);
      }
      const result = run.end();
      await journal.commit();
      await closeSession(client, session.id, result.journalHash);
      return result;
    } finally {
      run.close();
    }
  });
}
