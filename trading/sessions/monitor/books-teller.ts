import { MINUTE_MS } from '../../../features/timeframe.ts';
import { steadyBeside, type Clock } from '../../../infra/clock.ts';
import type { Portfolio } from '../../portfolio/portfolio.ts';
import { booksOf, sumsOf, type BookedAccount, type BookedSums, type SessionBooks } from './session-books.ts';

/** How often the books are told, in wall time: people look at them, and they may hold a thousand positions. */
const PACE_MS = 1_000;

/** The sums of an account as a minute of the market left them. */
export interface AccountPoint extends BookedSums {
  readonly minuteMs: number;
}

/** Takes the books at a moment of the market, and the minutes since the last time up to that one, ascending. */
type Note = (books: SessionBooks, atMs: number, points: readonly AccountPoint[]) => Promise<void>;

/**
 * Tells the books of a session now and then: at once after a calm, else as they stand when the pace allows it. Minutes
 * of the market that went by meanwhile, as a replay's do, are told with them.
 */
export class BooksTeller {
  readonly #note: Note;
  readonly #steady: Clock;
  #toldMs = -Infinity;
  #waiting: { readonly account: BookedAccount; readonly timeMs: number } | null = null;
  #points: AccountPoint[] = [];
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();
  #failed: unknown = null;

  constructor(note: Note, clock: Clock) {
    this.#note = note;
    this.#steady = steadyBeside(clock);
  }

  /** Keeps how the account stood at a minute of the market until the books are told. */
  mark(portfolio: Portfolio, timeMs: number): void {
    const newestMs = this.#points.at(-1)?.minuteMs ?? -Infinity;
    // A minute is told once, as the last of its changes left it; what comes late changes the newest one.
    const minuteMs = Math.max(newestMs, timeMs - (timeMs % MINUTE_MS));
    if (minuteMs === newestMs) this.#points.pop();
    this.#points.push({ minuteMs, ...sumsOf(portfolio) });
  }

  /** The account has changed at `timeMs` of the market. @throws what an earlier telling failed with */
  async tell(account: BookedAccount, timeMs: number): Promise<void> {
    if (this.#failed !== null) throw this.#failed as Error;
    this.#waiting = { account, timeMs };
    this.mark(account.portfolio, timeMs);
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
    const points = this.#points;
    this.#points = [];
    this.#writing = this.#note(booksOf(waiting.account), waiting.timeMs, points);
    await this.#writing;
  }
}
