import type { Effect } from '../effect.ts';
import { JournalDiffers, type DurableJournal } from '../journal/durable-journal.ts';
import { createRecordBlock, decodeRecords, encodeEffect, RECORD_BYTES } from '../journal/journal-record.ts';
import type { JournalEntry } from '../journal/journal-record.ts';
import { MemoryJournal } from '../journal/memory-journal.ts';
import { recordedSilences } from '../journal/recorded-silences.ts';
import type { Silence } from '../strategies/own/silence.ts';
import { NO_STATE, type FoundState, type SessionState } from '../session-state.ts';

/** What outlives a session that dies: what its journal has committed. */
export interface JournalRecord {
  /** Encoded effects, in order. */
  readonly effects: Buffer[];
  /** The last state, as text. */
  state: string | null;
}

interface MortalJournalOptions {
  readonly record?: JournalRecord;
  /** Called before and after a commit: it may throw, and the session is dead. */
  readonly mayDie?: (where: string) => void;
  readonly onCommit?: (effects: readonly Effect[]) => void;
}

/** A journal in memory of a session that can die: it compares what is replayed, as the stored one does. */
export class MortalJournal implements DurableJournal {
  /** What this process has appended. */
  readonly effects: Effect[] = [];
  readonly stored: number;
  readonly found: FoundState;
  readonly #options: MortalJournalOptions;
  readonly #record: JournalRecord;
  readonly #memory: MemoryJournal;
  readonly #scratch = createRecordBlock(1);
  #pending: Effect[] = [];

  constructor(symbols: readonly string[], options: MortalJournalOptions = {}) {
    this.#options = options;
    this.#record = options.record ?? { effects: [], state: null };
    this.#memory = new MemoryJournal(symbols, { keep: false });
    const { state, effects } = this.#record;
    this.stored = effects.length;
    this.found = state === null ? NO_STATE : { state: JSON.parse(state) as SessionState, fault: null };
  }

  get silences(): readonly Silence[] {
    return recordedSilences(decodeRecords(Buffer.concat(this.#record.effects.slice(0, this.stored))));
  }

  get appended(): number {
    return this.#memory.count;
  }

  goOnAfter(records: number): Iterable<JournalEntry> {
    const bytes = Buffer.concat(this.#record.effects.slice(0, records));
    this.#memory.appendRecords(bytes);
    return decodeRecords(bytes);
  }

  append(effect: Effect): void {
    const position = this.#memory.count;
    this.effects.push(effect);
    this.#memory.append(effect);
    if (position >= this.stored) this.#pending.push(effect);
    else if (!this.#record.effects[position]!.equals(this.#bytesOf(effect))) {
      throw new JournalDiffers('kept', `record ${position} differs: ${JSON.stringify(effect)}`);
    }
  }

  hash(): string {
    return this.#memory.hash();
  }

  commit(state?: SessionState): Promise<void> {
    if (this.#pending.length === 0 && state === undefined) return Promise.resolve();
    this.#options.mayDie?.('before the commit');
    for (const effect of this.#pending) this.#record.effects.push(this.#bytesOf(effect));
    this.#options.onCommit?.(this.#pending);
    this.#pending = [];
    if (state !== undefined) this.#record.state = JSON.stringify(state);
    this.#options.mayDie?.('after the commit');
    return Promise.resolve();
  }

  #bytesOf(effect: Effect): Buffer {
    encodeEffect(effect, this.#scratch, 0);
    return Buffer.from(this.#scratch.bytes.subarray(0, RECORD_BYTES));
  }
}
