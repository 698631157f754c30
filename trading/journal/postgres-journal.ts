import type pg from 'pg';
import { SignalboxError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import type { Effect } from '../effect.ts';
import { createRecordBlock, encodeEffect, RECORD_BYTES } from './journal-record.ts';
import { journalRows, type RowsOf } from './journal-rows.ts';
import { notifySignals, readRecords, writeBatch, writeJournalRows } from './journal-store.ts';
import { MemoryJournal, type Journal } from './memory-journal.ts';

/** A journal whose `commit` makes everything appended so far durable. */
export interface DurableJournal extends Journal {
  /** Records that were stored before this process started: while fewer have been appended, the session is replaying. */
  readonly stored: number;
  readonly appended: number;
  commit(): Promise<void>;
}

/** Whose journal it is; see `RowsOf`. */
interface JournaledSession extends Pick<RowsOf, 'id' | 'symbols' | 'marks' | 'source'> {
  /** Hears that signals were committed; where it is given, listeners of the database are notified of them too. */
  readonly onSignals?: (() => void) | undefined;
}

/** Where effects stand in the journal. */
type Stretch = { readonly from: number } & Pick<RowsOf, 'next'>;

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
  readonly #database: Pick<Database, 'transaction'>;
  readonly #session: JournaledSession;
  readonly #memory: MemoryJournal;
  /** Bytes of the stored records, to compare a replay with. */
  readonly #known: Buffer;
  /** Nothing may be added any more. */
  readonly #sealed: boolean;
  readonly #scratch = createRecordBlock(1);
  #pending: Effect[] = [];
  #committed: number;

  private constructor(
    database: Pick<Database, 'transaction'>,
    session: JournaledSession,
    { known, sealed }: { readonly known: Buffer; readonly sealed: boolean },
  ) {
    this.#database = database;
    this.#session = session;
    this.#memory = new MemoryJournal(session.symbols, { keep: false });
    this.#known = known;
    this.#sealed = sealed;
    this.stored = this.#committed = known.length / RECORD_BYTES;
  }

  /**
   * The journal of a session that `openSession` has registered, with what it already holds. A sealed one is compared
   * only: the session has ended.
   */
  static async open(
    database: { readonly pool: Pick<pg.ClientBase, 'query'> } & Pick<Database, 'transaction'>,
    session: JournaledSession,
    { sealed = false }: { readonly sealed?: boolean } = {},
  ): Promise<PostgresJournal> {
    return new PostgresJournal(database, session, { known: await readRecords(database.pool, session.id), sealed });
  }

  get appended(): number {
    return this.#memory.count;
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

  #differs(how: string): SignalboxError {
    return new SignalboxError(`session "${this.#session.id}" does not repeat its journal: ${how}`, {
      remedy: 'its bars, predictions or software changed since it was stopped; start a new session',
    });
  }

  hash(): string {
    return this.#memory.hash();
  }

  async commit(): Promise<void> {
    if (this.#pending.length === 0) return;
    const pending = this.#pending;
    this.#pending = [];
    await this.#database.transaction(async (client) => {
      for (let from = 0; from < pending.length; from += RECORDS_PER_BATCH) {
        const next = pending[from + RECORDS_PER_BATCH];
        await this.#write(client, pending.slice(from, from + RECORDS_PER_BATCH), {
          from: this.#committed + from,
          next,
        });
      }
    });
    this.#committed += pending.length;
    if (pending.some(({ kind }) => kind === 'signal')) this.#session.onSignals?.();
  }

  async #write(client: pg.PoolClient, effects: readonly Effect[], at: Stretch): Promise<void> {
    const { from: first, next } = at;
    const block = createRecordBlock(effects.length);
    effects.forEach((effect, row) => encodeEffect(effect, block, row));
    await writeBatch(client, this.#session.id, { first, records: effects.length, bytes: block.bytes });
    const { id, onSignals } = this.#session;
    const rows = journalRows(effects, { ...this.#session, first, next });
    await writeJournalRows(client, id, rows);
    if (onSignals === undefined || rows.signals.length === 0) return;
    await notifySignals(client, id, { from: first, to: first + effects.length });
  }
}
