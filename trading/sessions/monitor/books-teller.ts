import { steadyBeside, type Clock } from '../../../infra/clock.ts';
import { booksOf, type BookedAccount, type SessionBooks } from './session-books.ts';

/** How often the books are told, in wall time: people look at them, and they may hold a thousand positions. */
const PACE_MS = 1_000;

/** Tells the books of a session now and then: at once after a calm, else as they stand when the pace allows it. */
export class BooksTeller {
  readonly #note: (books: SessionBooks, atMs: number) => Promise<void>;
  readonly #steady: Clock;
  #toldMs = -Infinity;
  #waiting: { readonly account: BookedAccount; readonly timeMs: number } | null = null;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();
  #failed: unknown = null;

  constructor(note: (books: SessionBooks, atMs: number) => Promise<void>, clock: Clock) {
    this.#note = note;
    this.#steady = steadyBeside(clock);
  }

  /** The account has changed at `timeMs` of the market. @throws what an earlier telling failed with */
  async tell(account: BookedAccount, timeMs: number): Promise<void> {
    if (this.#failed !== null) throw this.#failed as Error;
    this.#waiting = { account, timeMs };
    // A clock that was put back is no reason to wait for longer.
    const leftMs = Math.min(PACE_MS, PACE_MS - (this.#steady() - this.#toldMs));
    if (leftMs <= 0) return this.#write();
    this.#timer ??= setTimeout(() => {
      this.#write().catch((error: unknown) => (this.#failed = error));
    }, leftMs).unref();
  }

  /** Tells what has not been told yet. */
  async flush(): Promise<void> {
    await this.#write();
    if (this.#failed !== null) throw this.#failed as Error;
  }

  async #write(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const waiting = this.#waiting;
    this.#waiting = null;
    // One after the other: what was told last is what stays.
    await this.#writing;
    if (waiting === null) return;
    this.#toldMs = this.#steady();
    this.#writing = this.#note(booksOf(waiting.account), waiting.timeMs);
    await this.#writing;
  }
}
