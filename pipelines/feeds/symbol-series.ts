import type { Bar } from '../../features/bar.ts';
import type { Calendar } from '../calendars/calendar.ts';
import type { Timeframe } from '../../features/timeframe.ts';
import { BarResampler, type ResampledBar } from './bar-resampler.ts';
import type { BarOrigin, CorrectionEvent } from './feed-event.ts';
import { STREAM_BAR_MS } from './stream-connection.ts';
import { hoursAt, nextTradingTime } from './trading-time.ts';

/** Minutes remembered to tell repeats from corrections: two hours. */
const REMEMBERED = 120;

export interface SeriesOptions {
  readonly symbol: string;
  readonly calendar: Calendar;
  readonly timeframe: Timeframe;
  /** Where the series begins: minutes opening before it are of no interest. */
  readonly fromMs: number;
  /** Most bars and minutes held; a read of history may add as many again. */
  readonly capacity: number;
}

/** What became of a minute from the stream. */
export type Taken = 'taken' | 'repeat' | 'no-room' | 'outside' | CorrectionEvent;

/**
 * One symbol's minutes on their way to bars in order. `completeToMs` is the heart of it: every minute that opens before
 * it is known and has been passed on. It moves with each minute that follows on directly and with each stretch of
 * history; minutes behind a hole wait. Nothing moves it back, so no bar is handed out twice or out of order.
 */
export class SymbolSeries {
  readonly symbol: string;
  /** Bars handed on, oldest first. */
  readonly ready: ResampledBar[] = [];
  readonly #calendar: Calendar;
  readonly #resampler: BarResampler;
  readonly #capacity: number;
  readonly #waiting = new Map<number, Bar>();
  /** The last minutes passed on, ascending; all of them since `#rememberedFromMs`. */
  readonly #recent: Bar[] = [];
  #rememberedFromMs: number;
  #completeToMs: number;

  constructor({ symbol, calendar, timeframe, fromMs, capacity }: SeriesOptions) {
    this.symbol = symbol;
    this.#calendar = calendar;
    this.#resampler = new BarResampler(calendar, timeframe);
    this.#capacity = capacity;
    this.#completeToMs = nextTradingTime(calendar, fromMs);
    this.#rememberedFromMs = this.#completeToMs;
  }

  /** The next minute that is not known, always within trading hours. */
  get completeToMs(): number {
    return this.#completeToMs;
  }

  /** Bars and minutes in memory. */
  get held(): number {
    return this.ready.length + this.#waiting.size;
  }

  /** Whether more bars may be made before somebody takes those that are ready. */
  get hasRoom(): boolean {
    return this.ready.length < this.#capacity;
  }

  /** Takes a closed minute from the stream. */
  offer(bar: Bar): Taken {
    if (hoursAt(this.#calendar, bar.openTimeMs) === undefined) return 'outside';
    if (bar.openTimeMs < this.#completeToMs) return this.#compare(bar, 'stream') ?? 'repeat';
    const repeat = this.#waiting.has(bar.openTimeMs);
    if (!repeat && this.held >= this.#capacity) return 'no-room';
    this.#waiting.set(bar.openTimeMs, bar);
    this.#drain();
    return repeat ? 'repeat' : 'taken';
  }

  /** The vendor takes back a minute: one that is still waiting is replaced, one that is gone is told of. */
  revise(bar: Bar): Taken {
    if (hoursAt(this.#calendar, bar.openTimeMs) === undefined) return 'outside';
    if (bar.openTimeMs < this.#completeToMs) return this.#compare(bar, 'stream') ?? 'repeat';
    return this.offer(bar);
  }

  /**
   * Takes what history holds of `[completeToMs, toMs)`: ascending minutes, none missing. Where the stream had a minute
   * too, history counts. Earlier minutes are compared.
   * @returns how many minutes the stream had not brought, and what history says otherwise than before
   */
  fill(minutes: readonly Bar[], toMs: number): { filled: number; corrections: CorrectionEvent[] } {
    const corrections: CorrectionEvent[] = [];
    let filled = 0;
    for (const bar of minutes) {
      if (bar.openTimeMs >= toMs || hoursAt(this.#calendar, bar.openTimeMs) === undefined) continue;
      if (bar.openTimeMs < this.#completeToMs) {
        const correction = this.#compare(bar, 'history');
        if (correction !== null) corrections.push(correction);
        continue;
      }
      this.#passWaiting(bar.openTimeMs);
      if (!this.#waiting.delete(bar.openTimeMs)) filled += 1;
      this.#pass(bar, 'history');
    }
    this.completeTo(toMs);
    return { filled, corrections };
  }

  /** Nothing is missing before `timeMs`. */
  completeTo(timeMs: number): void {
    this.#passWaiting(timeMs);
    if (timeMs > this.#completeToMs) this.#moveTo(timeMs);
    this.#drain();
  }

  /** Minutes that wait and open before `timeMs`: history does not hold them yet, they are bars all the same. */
  #passWaiting(timeMs: number): void {
    if (this.#waiting.size === 0) return;
    const due = [...this.#waiting.keys()].filter((openTimeMs) => openTimeMs < timeMs).sort((a, b) => a - b);
    for (const openTimeMs of due) this.#passOne(openTimeMs);
  }

  #drain(): void {
    while (this.#waiting.has(this.#completeToMs)) this.#passOne(this.#completeToMs);
  }

  #passOne(openTimeMs: number): void {
    const bar = this.#waiting.get(openTimeMs)!;
    this.#waiting.delete(openTimeMs);
    this.#pass(bar, 'stream');
  }

  #pass(bar: Bar, origin: BarOrigin): void {
    this.#moveTo(bar.openTimeMs);
    this.#resampler.add(bar, origin);
    this.#remember(bar, this.#recent.length);
    this.#moveTo(bar.openTimeMs + STREAM_BAR_MS);
  }

  /** A longer bar ends where trading does, so that the night counts as passed when the last minute has. */
  #moveTo(timeMs: number): void {
    const bar = this.#resampler.flush(timeMs);
    if (bar !== null) this.ready.push(bar);
    this.#completeToMs = nextTradingTime(this.#calendar, timeMs);
  }

  /** Null where `bar` was handed on just so, or lies further back than is remembered. */
  #compare(bar: Bar, origin: BarOrigin): CorrectionEvent | null {
    if (bar.openTimeMs < this.#rememberedFromMs) return null;
    const at = this.#recent.findIndex(({ openTimeMs }) => openTimeMs >= bar.openTimeMs);
    const previous = this.#recent[at]?.openTimeMs === bar.openTimeMs ? this.#recent[at] : null;
    if (previous !== null && sameValues(previous, bar)) return null;
    if (previous !== null) this.#recent[at] = bar;
    else this.#remember(bar, at === -1 ? this.#recent.length : at);
    const reason = previous === null ? 'late' : 'revised';
    return { kind: 'correction', symbol: this.symbol, reason, origin, bar, previous };
  }

  #remember(bar: Bar, at: number): void {
    this.#recent.splice(at, 0, bar);
    if (this.#recent.length <= REMEMBERED) return;
    this.#rememberedFromMs = this.#recent.shift()!.openTimeMs + STREAM_BAR_MS;
  }
}

function sameValues(a: Bar, b: Bar): boolean {
  return a.open === b.open && a.high === b.high && a.low === b.low && a.close === b.close && a.volume === b.volume;
}
