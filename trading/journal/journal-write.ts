import type { Database } from '../../infra/postgres/database.ts';
import { runSteps, type WriteStep } from '../../infra/postgres/write-steps.ts';
import type { SessionState } from '../session-state.ts';
import type { JournalRows } from './journal-rows.ts';
import { batchStep, journalRowsSteps, notifySignals } from './journal-store.ts';
import { stateStep } from './state-store.ts';

/** Records of a session that follow each other, ready to be written: as bytes, and as rows of their tables. */
export interface JournalWrite {
  /** Position of the first of them in the journal. */
  readonly first: number;
  readonly records: number;
  readonly bytes: Uint8Array;
  readonly rows: JournalRows;
  /** Listeners of the database are notified of the signals among them. */
  readonly notifies: boolean;
}

/** Makes what a journal hands over durable, all or nothing. */
export interface JournalSink {
  /** Pieces come one by one, so that the rows of a whole backtest are never there at once. */
  commit(writes: Iterable<JournalWrite>, state?: SessionState): Promise<void>;
}

/** Writes a piece of a session's journal. */
export function journalSteps(sessionId: string, write: JournalWrite): WriteStep[] {
  const { first, records, rows } = write;
  const steps = [batchStep(sessionId, write), ...journalRowsSteps(sessionId, rows)];
  if (!write.notifies || rows.signals.length === 0) return steps;
  return [...steps, notifySignals(sessionId, { from: first, to: first + records })];
}

/** Writes a journal by itself, in a transaction for each commit. */
export function databaseSink(database: Pick<Database, 'transaction'>, sessionId: string): JournalSink {
  return {
    commit: async (writes, state) => {
      const pieces = writes[Symbol.iterator]();
      let piece = pieces.next();
      if (piece.done === true && state === undefined) return;
      await database.transaction(async (client) => {
        for (; piece.done !== true; piece = pieces.next()) await runSteps(client, journalSteps(sessionId, piece.value));
        if (state !== undefined) await runSteps(client, [stateStep(sessionId, state)]);
      });
    },
  };
}
