import { setImmediate } from 'node:timers/promises';
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
  signalSource,
  type SessionDefinition,
} from '../../trading/sessions/session-store.ts';

/** Bars that are traded before what they led to is written: a panel's journal is larger than its bars. */
const BARS_PER_COMMIT = 100_000;
/** Bars traded between two looks at the connection, over which what was traded before them is on its way. */
const BARS_PER_TURN = 500;

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
    const journal = await PostgresJournal.open(inside, {
      ...session,
      marks: options.marks,
      source: signalSource(session),
    });
    const run = new HistoricalRun({ ...options, journal });
    try {
      await tradeAndWrite(run, journal, options.onProgress);
      const result = run.end();
      await journal.commit();
      await closeSession(client, session.id, result.journalHash);
      return result;
    } finally {
      run.close();
    }
  });
}

/** Trades to the last bar while the server stores what came before: each took as long as the other. */
async function tradeAndWrite(
  run: HistoricalRun,
  journal: PostgresJournal,
  onProgress?: (bars: number) => void,
): Promise<void> {
  let writing = Promise.resolve();
  try {
    for (let goesOn = true; goesOn;) {
      const until = run.bars + BARS_PER_COMMIT;
      while (goesOn && run.bars < until) {
        goesOn = run.advance(BARS_PER_TURN);
        await setImmediate();
      }
      await writing;
      onProgress?.(run.bars);
      writing = journal.commit();
      // What fails is told of by the next to wait for it; until then it must not end the process.
      writing.catch(() => undefined);
    }
  } finally {
    // The caller's transaction must not end under what is still being written in it.
    await writing;
  }
}
