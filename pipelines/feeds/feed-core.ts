import type { Bar } from '../../features/bar.ts';
import type { Calendar } from '../calendars/calendar.ts';
import { slotAt } from '../calendars/resample-bars.ts';
import { timeframeMs, type Timeframe } from '../../features/timeframe.ts';
import type { Quote } from '../vendors/vendor.ts';
import type { BarEvent, CorrectionEvent, FeedEvent, StatusEvent, StatusKind } from './feed-event.ts';
import { FeedFigures } from './feed-figures.ts';
import { STREAM_BAR_MS, type StreamBar, type StreamMessage } from './stream-connection.ts';
import { SymbolSeries, type Taken } from './symbol-series.ts';
import { nextTradingTime } from './trading-time.ts';

/** Minutes of history read before what is missing, to see what has changed since. */
const RECHECKED_MS = 2 * STREAM_BAR_MS;
/** Most minutes asked for at a time: vendors page at about 10,000. */
const WINDOW_MAX = 10_000;
/** Notices and corrections that wait for the consumer. */
const NOTICES_MAX = 1_024;
/** So many minutes in a row that history had and the stream did not: the stream has forgotten the symbol. */
const MISSED_MAX = 3;

export interface FeedCoreOptions {
  readonly symbols: readonly string[];
  readonly calendar: Calendar;
  readonly timeframe: Timeframe;
  /** First bar of each symbol: the one under way at this time is completed from history. */
  readonly fromMs: (symbol: string) => number;
  /** After a minute's close, how long the stream may take to bring it before history is asked. */
  readonly latenessMs: number;
  /** Most bars of all symbols held at a time, give or take what one read of history brings. */
  readonly maxBars: number;
}

/** A stretch of history to be read. */
export interface Gap {
  readonly index: number;
  readonly symbol: string;
  /** Earlier than what is missing by what is looked at again. */
  readonly readFromMs: number;
  readonly toMs: number;
}

/**
 * What a feed knows, without waiting for anything: messages and history go in, events come out in order. A minute that
 * the stream has not brought `latenessMs` after its close is read from history, whatever the reason: not connected
 * then, skipped, late, or no room for it. So a reconnect or a restart is no special case.
 */
export class FeedCore {
  readonly figures: FeedFigures;
  readonly #options: FeedCoreOptions;
  readonly #series: readonly SymbolSeries[];
  readonly #indexOf: ReadonlyMap<string, number>;
  readonly #windowMs: number;
  readonly #quotes = new Map<string, Quote>();
  readonly #notices: (CorrectionEvent | StatusEvent)[] = [];
  readonly #missed: { minutes: number; limit: number }[];
  /** False while it is known that no bar can be handed out. */
  #barsMoved = true;
  #behind = false;

  constructor(options: FeedCoreOptions) {
    const { symbols, calendar, timeframe } = options;
    this.#options = options;
    const minutes = timeframeMs(timeframe) / STREAM_BAR_MS;
    const capacity = Math.min(WINDOW_MAX, Math.max(8, Math.floor(options.maxBars / symbols.length)));
    this.#windowMs = Math.min(capacity * minutes, WINDOW_MAX) * STREAM_BAR_MS;
    this.#series = symbols.map((symbol) => {
      const fromMs = nextTradingTime(calendar, options.fromMs(symbol));
      const slot = slotAt(calendar, timeframe, fromMs);
      return new SymbolSeries({ symbol, calendar, timeframe, fromMs: slot?.openTimeMs ?? fromMs, capacity });
    });
    this.#indexOf = new Map(symbols.map((symbol, index) => [symbol, index]));
    this.#missed = symbols.map(() => ({ minutes: 0, limit: MISSED_MAX }));
    this.figures = new FeedFigures(this.#series);
  }

  /** Takes what the stream says. */
  message(message: StreamMessage, nowMs: number): void {
    this.figures.messages += 1;
    if (message.kind === 'quote') return this.#quote(message.quote, nowMs);
    if (message.kind === 'bar' || message.kind === 'revision') return this.#bar(message.kind, message.bar, nowMs);
    if (message.kind === 'invalid') this.#invalid(message.reason, nowMs);
  }

  /** Every bar that closes by then has been taken: where a symbol has none, nothing of it was traded. */
  get passedMs(): number {
    const passed = ({ ready, completeToMs }: SymbolSeries): number => {
      const [head] = ready;
      return head === undefined ? completeToMs : head.bar.closeTimeMs - 1;
    };
    return Math.min(...this.#series.map(passed));
  }

  /** What history has to be asked for now. Symbols whose bars nobody takes are left alone. */
  gaps(nowMs: number): Gap[] {
    const dueMs = this.#dueMs(nowMs);
    return this.#series.flatMap((series, index) => {
      const { symbol, completeToMs, hasRoom } = series;
      if (completeToMs >= dueMs || !hasRoom) return [];
      const toMs = Math.min(dueMs, completeToMs + this.#windowMs);
      return [{ index, symbol, readFromMs: completeToMs - RECHECKED_MS, toMs }];
    });
  }

  /** When the next minute falls due. */
  nextDueMs(nowMs: number): number {
    return this.#dueMs(nowMs) + STREAM_BAR_MS + this.#options.latenessMs;
  }

  /**
   * Takes what history holds of a symbol up to `toMs`, nothing missing.
   * @param connectedMs since when the stream should have brought minutes; Infinity while there is none
   * @returns true when the stream has not brought this symbol for a while, though there was something to bring
   */
  fill(gap: Gap, minutes: readonly Bar[], toMs: number, times: { nowMs: number; connectedMs: number }): boolean {
    const series = this.#series[gap.index]!;
    const before = series.completeToMs;
    const { filled, corrections } = series.fill(minutes, toMs);
    this.#barsMoved = true;
    this.figures.hold(series);
    for (const correction of corrections) this.#correct(correction);
    if (filled === 0) return false;
    const text = `${filled} minutes from history, ${clockTime(before)} to ${clockTime(series.completeToMs)}`;
    this.notice('gap-filled', text, times.nowMs, gap.symbol);
    const missed = this.#missed[gap.index]!;
    missed.minutes += minutes.filter(({ openTimeMs }) => openTimeMs >= Math.max(before, times.connectedMs)).length;
    if (missed.minutes < missed.limit) return false;
    missed.minutes = 0;
    missed.limit *= 2;
    return true;
  }

  /**
   * The next event, or null when there is none. Notices first, then bars by close time and universe order, then quotes.
   */
  take(): FeedEvent | null {
    const notice = this.#notices.shift();
    if (notice !== undefined) return notice;
    const bar = this.#barsMoved ? this.#takeBar() : null;
    if (bar !== null) return bar;
    this.#barsMoved = false;
    for (const [symbol, quote] of this.#quotes) {
      this.#quotes.delete(symbol);
      this.figures.quotes += 1;
      return { kind: 'quote', quote };
    }
    return null;
  }

  /** Tells the consumer about the feed itself; the oldest notices make room. */
  notice(status: StatusKind, message: string, timeMs: number, symbol: string | null = null): void {
    this.#tell({ kind: 'status', status, timeMs, symbol, message });
  }

  #dueMs(nowMs: number): number {
    return Math.floor((nowMs - this.#options.latenessMs) / STREAM_BAR_MS) * STREAM_BAR_MS;
  }

  #quote(quote: Quote, nowMs: number): void {
    if (!this.#indexOf.has(quote.symbol)) return this.#invalid(`a quote of ${quote.symbol}, not asked for`, nowMs);
    if (this.#quotes.has(quote.symbol)) this.figures.conflatedQuotes += 1;
    this.#quotes.set(quote.symbol, quote);
    this.figures.quoteLag.add(nowMs - quote.timeMs);
  }

  #bar(kind: 'bar' | 'revision', from: StreamBar, nowMs: number): void {
    const index = this.#indexOf.get(from.symbol);
    if (index === undefined) return this.#invalid(`a bar of ${from.symbol}, not asked for`, nowMs);
    const { symbol: _symbol, ...values } = from;
    const bar: Bar = { ...values, closeTimeMs: from.openTimeMs + STREAM_BAR_MS };
    if (bar.openTimeMs % STREAM_BAR_MS !== 0 || bar.openTimeMs > nowMs) {
      return this.#invalid(`a bar of ${from.symbol} that opens at ${bar.openTimeMs}`, nowMs);
    }
    this.#missed[index] = { minutes: 0, limit: MISSED_MAX };
    const series = this.#series[index]!;
    this.#count(kind === 'bar' ? series.offer(bar) : series.revise(bar), bar, nowMs);
    this.#barsMoved = true;
    this.figures.hold(series);
  }

  #count(taken: Taken, bar: Bar, nowMs: number): void {
    if (typeof taken === 'object') return this.#correct(taken);
    if (taken === 'repeat') this.figures.repeats += 1;
    if (taken === 'taken') this.figures.barLag.add(nowMs - bar.closeTimeMs);
    if (taken !== 'no-room') return;
    this.figures.refetched += 1;
    if (this.#behind) return;
    this.#behind = true;
    this.notice('behind', 'bars are not taken as fast as they come: they will be read from history', nowMs);
  }

  #invalid(reason: string, nowMs: number): void {
    this.figures.invalid += 1;
    this.notice('invalid', reason, nowMs);
  }

  #correct(correction: CorrectionEvent): void {
    this.figures.corrections += 1;
    this.#tell(correction);
  }

  #tell(notice: CorrectionEvent | StatusEvent): void {
    this.#notices.push(notice);
    if (this.#notices.length <= NOTICES_MAX) return;
    this.#notices.shift();
    this.figures.droppedNotices += 1;
  }

  #takeBar(): BarEvent | null {
    const completeToMs = Math.min(...this.#series.map((series) => series.completeToMs));
    let first: SymbolSeries | null = null;
    let closeTimeMs = completeToMs;
    let closing = 0;
    for (const series of this.#series) {
      const head = series.ready[0]?.bar.closeTimeMs ?? Infinity;
      if (head > closeTimeMs) continue;
      if (head < closeTimeMs || first === null) {
        first = series;
        closing = 0;
      }
      closeTimeMs = head;
      closing += 1;
    }
    if (first === null) return null;
    const { bar, origin } = first.ready.shift()!;
    this.figures.took(first, bar, origin);
    this.#behind &&= !this.#series.every(({ hasRoom }) => hasRoom);
    return { kind: 'bar', symbol: first.symbol, bar, origin, lastOfClose: closing === 1 };
  }
}

/** ISO time to the minute. */
function clockTime(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 16)}Z`;
}
