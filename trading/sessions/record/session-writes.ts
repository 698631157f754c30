import type { WriteStep } from '../../../infra/postgres/write-steps.ts';
import { journalSteps, type JournalWrite } from '../../journal/journal-write.ts';
import { stateStep } from '../../journal/state-store.ts';
import type { SessionState } from '../../session-state.ts';
import { closesStep, type RecordedClose } from '../session-bar-store.ts';
import { takenStep } from '../session-store.ts';
import type { TakenMark } from './taken-command.ts';
import type { VenueInput } from '../venue/venue-input.ts';
import { inputsStep } from '../venue/venue-input-store.ts';
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

/** Writes it. An error where another process has written this commit, or the session: see `countCommit`. */
export function sessionSteps(sessionId: string, writes: SessionWrites, state?: SessionState): WriteStep[] {
  const { closes, inputs, commands, journal } = writes;
  return [
    countCommit(sessionId, writes),
    ...(closes.length > 0 ? [closesStep(sessionId, closes)] : []),
    ...(inputs.length > 0 ? [inputsStep(sessionId, inputs)] : []),
    ...(commands.length > 0 ? [takenStep(sessionId, commands)] : []),
    ...journal.flatMap((write) => journalSteps(sessionId, write)),
    ...(state === undefined ? [] : [stateStep(sessionId, state)]),
  ];
}
