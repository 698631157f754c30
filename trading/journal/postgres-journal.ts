import type pg from 'pg';
import type { Database } from '../../infra/postgres/database.ts';
import type { Effect } from '../effect.ts';
import { NO_STATE, type FoundState, type SessionState } from '../session-state.ts';
import { JournalDiffers, type DurableJournal } from './durable-journal.ts';
import { createRecordBlock, decodeRecords, encodeEffect, RECORD_BYTES, type JournalEntry } from './journal-record.ts';
import { journalRows, type RowsOf } from './journal-rows.ts';
import { readRecords } from './journal-store.ts';
import { databaseSink, type JournalSink, type JournalWrite } from './journal-write.ts';
import { MemoryJournal } from './memory-journal.ts';
import { recordedSilences } from './recorded-silences.ts';
import type { Silence } from '../strategies/own/silence.ts';
import { readState } from './state-store.ts';

/** Whose journal it is; see `RowsOf`. */
interface JournaledSession extends Pick<RowsOf, 'id' | 'symbols' | 'marks' | 'source'> {
  /** Hears that signals were committed; where it is given, listeners of the database are notified of them too. */
  readonly onSignals?: (() => void) | undefined;
}

export interface JournalOpening {
  /** The session has ended: it is compared only. */
  readonly sealed?: boolean;
  /** Its last state is not looked for. */
  readonly fromStart?: boolean;
  /** Makes commits durable; by default a transaction of each. */
  readonly sink?: JournalSink;
}

/** Records whose rows are copied at once: bounds the memory of a commit of a whole backtest. */
const RECORDS_PER_BATCH = 20_000;

/**
 * The journal of a session in PostgreSQL. Appending only remembers; `commit` writes records and rows in one
 * transaction, by COPY, whether it is one order of a paper session or a whole backtest. A session that starts again
 * appends the same records from the first: those already stored are compared, not written, and a difference ends the
 * session.
 */
export class PostgresJournal implements DurableJournal {
  readonly stored: number;
  readonly found: FoundState;
  readonly #sink: JournalSink;
  readonly #session: JournaledSession;
  readonly #memory: MemoryJournal;
  /** Bytes of the stored records, to compare a replay with. */
  readonly #known: Buffer;
  /** Nothing may be added any more. */
  readonly #sealed: boolean;
  readonly #scratch = createRecordBlock(1);
  #pending: Effect[] = [];
  #committed: number;
  #durable: number;

  private constructor(
    sink: JournalSink,
    session: JournaledSession,
    { known, sealed, found }: { readonly known: Buffer; readonly sealed: boolean; readonly found: FoundState },
  ) {
    this.#sink = sink;
    this.#session = session;
    this.#memory = new MemoryJournal(session.symbols, { keep: false });
    this.#known = known;
    this.#sealed = sealed;
    this.found = found;
    this.stored = this.#durable = this.#committed = known.length / RECORD_BYTES;
  }

  /**
   * The journal of a session that `openSession` has registered, with what it already holds. A sealed one is compared
   * only: the session has ended. So is one that is read `fromStart`, until it is past what it holds.
   */
  static async open(
    database: { readonly pool: Pick<pg.ClientBase, 'query'> } & Pick<Database, 'transaction'>,
    session: JournaledSession,
    { sealed = false, fromStart = sealed, sink = databaseSink(database, session.id) }: JournalOpening = {},
  ): Promise<PostgresJournal> {
    const known = await readRecords(database.pool, session.id);
    const found = fromStart ? NO_STATE : await readState(database.pool, session.id);
    return new PostgresJournal(sink, session, { known, sealed, found });
  }

  /** Records that are durable: rows may refer to them. */
  get durable(): number {
    return this.#durable;
  }

  get silences(): readonly Silence[] {
    return recordedSilences(decodeRecords(this.#known));
  }

  get appended(): number {
    return this.#memory.count;
  }

  goOnAfter(records: number): Iterable<JournalEntry> {
    const bytes = this.#known.subarray(0, records * RECORD_BYTES);
    this.#memory.appendRecords(bytes);
    return decodeRecords(bytes);
  }

  append(effect: Effect): void {
    const position = this.#memory.count;
    this.#memory.append(effect);
    if (position >= this.stored) {
      if (this.#sealed) throw this.#differs(`it ended after ${this.stored} records`);
      this.#pending.push(effect);
      return;
    }
    encodeEffect(effect, this.#scratch, 0);
    const at = position * RECORD_BYTES;
    if (this.#known.compare(this.#scratch.bytes, 0, RECORD_BYTES, at, at + RECORD_BYTES) !== 0) {
      throw this.#differs(`record ${position} differs`);
    }
  }

  #differs(how: string): JournalDiffers {
    return new JournalDiffers(this.#session.id, how);
  }

  hash(): string {
    return this.#memory.hash();
  }

  async commit(state?: SessionState): Promise<void> {
    const pending = this.#pending;
    const first = this.#committed;
    if (pending.length > 0) {
      this.#pending = [];
      this.#committed += pending.length;
    }
    await this.#sink.commit(this.#writes(pending, first), state);
    this.#durable = first + pending.length;
    if (pending.some(({ kind }) => kind === 'signal')) this.#session.onSignals?.();
  }

  *#writes(effects: readonly Effect[], committed: number): Generator<JournalWrite> {
    for (let from = 0; from < effects.length; from += RECORDS_PER_BATCH) {
      const piece = effects.slice(from, from + RECORDS_PER_BATCH);
      const block = createRecordBlock(piece.length);
      piece.forEach((effect, row) => encodeEffect(effect, block, row));
      const [first, next] = [committed + from, effects[from + RECORDS_PER_BATCH]];
      const rows = journalRows(piece, { ...this.#session, first, next });
      const notifies = this.#session.onSignals !== undefined;
      yield { first, records: piece.length, bytes: block.bytes, rows, notifies };
    }
  }
}
