import type { Effect } from '../effect.ts';
import { RECORD_BYTES, createRecordBlock, decodeRecord, type JournalEntry } from './journal-record.ts';
import { MemoryJournal } from './memory-journal.ts';
import type { DurableJournal } from './postgres-journal.ts';

/** The journal of a session that leaves nothing in a database: its records are kept. */
export class KeptJournal implements DurableJournal {
  readonly stored = 0;
  readonly #memory: MemoryJournal;

  constructor(symbols: readonly string[]) {
    this.#memory = new MemoryJournal(symbols);
  }

  get appended(): number {
    return this.#memory.count;
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

/** Records as they are stored, read back. */
export function* storedEntries(records: Uint8Array): Generator<JournalEntry> {
  const block = createRecordBlock(records.length / RECORD_BYTES);
  block.bytes.set(records);
  for (let row = 0; row < block.capacity; row++) yield decodeRecord(block, row);
}
