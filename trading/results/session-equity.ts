import type pg from 'pg';
import { SessionBars, type RecordedClose } from '../sessions/session-bar-store.ts';
import type { JournalEntry } from '../journal/journal-record.ts';
import { emptyBooks, sessionEntries, type BookedSession } from './session-trades.ts';

/** Equity at a close, in currency. */
export interface EquityMark {
  readonly timeMs: number;
  readonly equity: number;
}

/** Marks of a portion. */
const PORTION = 5_000;

/**
 * Equity of a session that trades live bars, at each close that it was given: what its journal books up to there,
 * valued at the closes on record. Nothing where no bars are on record.
 */
export async function* sessionEquity(
  client: Pick<pg.ClientBase, 'query'>,
  session: BookedSession,
): AsyncGenerator<EquityMark[]> {
  const books = await emptyBooks(client, session);
  const { portfolio } = books;
  const ahead = new Ahead(sessionEntries(client, session));
  let marks: EquityMark[] = [];
  for await (const { close, next } of withNext(new SessionBars(client, session.id).read())) {
    const { closeTimeMs: timeMs, bars } = close;
    for (;;) {
      const entry = await ahead.until(timeMs, next?.records ?? Infinity);
      if (entry === null) break;
      books.take(entry);
    }
    for (const { symbol, bar } of bars) if (bar.close > 0 && bar.close < Infinity) portfolio.price[symbol] = bar.close;
    portfolio.mark({ timeMs });
    marks.push({ timeMs, equity: portfolio.equity });
    if (marks.length < PORTION) continue;
    yield marks;
    marks = [];
  }
  if (marks.length > 0) yield marks;
}

/** Closes, each with the one that follows it. */
async function* withNext(
  closes: AsyncIterable<RecordedClose>,
): AsyncGenerator<{ readonly close: RecordedClose; readonly next: RecordedClose | null }> {
  let before: RecordedClose | null = null;
  for await (const close of closes) {
    if (before !== null) yield { close: before, next: close };
    before = close;
  }
  if (before !== null) yield { close: before, next: null };
}

/** Records in order, one at a time, as far as a moment. */
class Ahead {
  readonly #batches: AsyncIterator<JournalEntry[]>;
  #batch: JournalEntry[] = [];
  #at = 0;
  #taken = 0;

  constructor(batches: AsyncGenerator<JournalEntry[]>) {
    this.#batches = batches;
  }

  /**
   * The next record where it is not after `timeMs` and one of the first `count`, which tells what happened as a bar
   * closed from what did as the next one opened; null where it is not, or there is none.
   */
  async until(timeMs: number, count: number): Promise<JournalEntry | null> {
    if (this.#taken >= count) return null;
    while (this.#at === this.#batch.length) {
      const next = await this.#batches.next();
      if (next.done === true) return null;
      [this.#batch, this.#at] = [next.value, 0];
    }
    const entry = this.#batch[this.#at]!;
    if (entry.timeMs > timeMs) return null;
    this.#at += 1;
    this.#taken += 1;
    return entry;
  }
}
