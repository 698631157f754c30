import { SignalboxError } from '../../infra/errors.ts';
import type { Effect } from '../effect.ts';
import type { Silence } from '../strategies/own/silence.ts';
import type { FoundState, SessionState } from '../session-state.ts';
import type { JournalEntry } from './journal-record.ts';
import type { Journal } from './memory-journal.ts';

/** A journal whose `commit` makes everything appended so far durable. */
export interface DurableJournal extends Journal {
  /** Records that were stored before this process started: while fewer have been appended, the session is replaying. */
  readonly stored: number;
  readonly appended: number;
  /** Code that did not answer, by what was stored: a session that repeats it does not ask it again. */
  readonly silences: readonly Silence[];
  /** The last state that was committed. */
  readonly found: FoundState;
  /** Takes the first `records` of those stored as appended, and gives them: the session goes on after them. */
  goOnAfter(records: number): Iterable<JournalEntry>;
  /** @param state of the session after all of it, in the same transaction, in place of the last */
  commit(state?: SessionState): Promise<void>;
}

/** The same journal, some of whose work is done by others. */
export function journalWith(
  journal: DurableJournal,
  others: Partial<Pick<DurableJournal, 'append' | 'goOnAfter' | 'commit'>>,
): DurableJournal {
  return {
    get stored() {
      return journal.stored;
    },
    get appended() {
      return journal.appended;
    },
    get silences() {
      return journal.silences;
    },
    found: journal.found,
    append: (effect) => journal.append(effect),
    goOnAfter: (records) => journal.goOnAfter(records),
    hash: () => journal.hash(),
    commit: (state) => journal.commit(state),
    ...others,
  };
}

/** The same journal; `hear` is told of each effect that is recorded anew, not of those that a restart repeats. */
export function heardAnew(journal: DurableJournal, hear: (effect: Effect) => void): DurableJournal {
  return journalWith(journal, {
    append: (effect) => {
      const isNew = journal.appended >= journal.stored;
      journal.append(effect);
      if (isNew) hear(effect);
    },
  });
}

/** A session that was started again does not do what it has on record. */
export class JournalDiffers extends SignalboxError {
  constructor(sessionId: string, how: string) {
    super(`session "${sessionId}" does not repeat its journal: ${how}`, {
      remedy: 'its bars, predictions or software changed since it was stopped; start a new session',
    });
  }
}
