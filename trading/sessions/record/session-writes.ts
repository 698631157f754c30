import type pg from 'pg';
import { writeJournal, type JournalWrite } from '../../journal/journal-write.ts';
import { writeState } from '../../journal/state-store.ts';
import type { SessionState } from '../../session-state.ts';
import { writeCloses, type RecordedClose } from '../session-bar-store.ts';
import { markTaken } from '../session-store.ts';
import type { TakenMark } from './taken-command.ts';
import type { VenueInput } from '../venue/venue-input.ts';
import { writeInputs } from '../venue/venue-input-store.ts';
import { countCommit } from './session-writer-store.ts';

/** What a session puts on record at once: what it was given, and what that led to. */
export interface SessionWrites {
  /** The process that writes, and the number of the commit. */
  readonly writer: number;
  readonly commits: number;
  /** Steps that have begun. */
  readonly step: number;
  readonly closes: readonly RecordedClose[];
  readonly inputs: readonly VenueInput[];
  readonly commands: readonly TakenMark[];
  readonly journal: readonly JournalWrite[];
}

/** Writes it in the caller's transaction. An error where another process has written this commit, or the session. */
export async function writeSession(
  client: pg.ClientBase,
  sessionId: string,
  writes: SessionWrites,
  state?: SessionState,
): Promise<void> {
  const { closes, inputs, commands, journal } = writes;
  await countCommit(client, sessionId, writes);
  if (closes.length > 0) await writeCloses(client, sessionId, closes);
  if (inputs.length > 0) await writeInputs(client, sessionId, inputs);
  if (commands.length > 0) await markTaken(client, sessionId, commands);
  for (const write of journal) await writeJournal(client, sessionId, write);
  if (state !== undefined) await writeState(client, sessionId, state);
}
