import type { Effect } from '../effect.ts';
import type { Silence } from '../strategies/own/silence.ts';
import { NO_STATE } from '../session-state.ts';
import type { JournalEntry } from './journal-record.ts';
import { MemoryJournal } from './memory-journal.ts';
import type { DurableJournal } from './durable-journal.ts';

/** The journal of a session that leaves nothing in a database: its records are kept. */
export class KeptJournal implements DurableJournal {
  readonly stored = 0;
  readonly found = NO_STATE;
  readonly silences: readonly Silence[];
  readonly #memory: MemoryJournal;

  /** @param silences of the session that it is to be compared with */
  constructor(symbols: readonly string[], silences: readonly Silence[] = []) {
    this.silences = silences;
    this.#memory = new MemoryJournal(symbols);
  }

  get appended(): number {
    return this.#memory.count;
  }

  goOnAfter(): never {
    throw new Error('nothing of the session is on record');
  }

  append(effect: Effect): void {
    this.#memory.append(effect);
  }

  hash(): string {
    return this.#memory.hash();
  }

  async commit(): Promise<void> {}

  entries(): Generator<JournalEntry> {
    return this.#memory.entries();
  }
}
