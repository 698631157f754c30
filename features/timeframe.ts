import type { Bar } from './bar.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** The epoch was a Thursday; weeks begin on Monday 00:00 UTC. */
const MONDAY_OFFSET_MS = 4 * DAY_MS;

/** Length of each bar size in milliseconds; `1d` is nominal, a daily bar really ends at its calendar's close. */
const BAR_SIZES_MS = {
  '1m': MINUTE_MS,
  '5m': 5 * MINUTE_MS,
  '15m': 15 * MINUTE_MS,
  '30m': 30 * MINUTE_MS,
  '1h': HOUR_MS,
  '4h': 4 * HOUR_MS,
  '1d': DAY_MS,
} as const;
const WEEK_MS = 7 * DAY_MS;

/** A size of bars that are stored. */
export type Timeframe = keyof typeof BAR_SIZES_MS;

/** All sizes of stored bars, shortest first. */
export const TIMEFRAMES = Object.keys(BAR_SIZES_MS) as readonly Timeframe[];

/** The timeframes that features know, shortest first: a week is made of days. */
export const FEATURE_TIMEFRAMES: readonly string[] = [...TIMEFRAMES, '1w'];

const DURATIONS_MS: ReadonlyMap<string, number> = new Map([...Object.entries(BAR_SIZES_MS), ['1w', WEEK_MS]]);

/** Milliseconds that a timeframe nominally spans, or undefined for an unknown one. */
export function timeframeMs(timeframe: Timeframe): number;
export function timeframeMs(timeframe: string): number | undefined;
export function timeframeMs(timeframe: string): number | undefined {
  return DURATIONS_MS.get(timeframe);
}

/** Start of the bucket of `spanMs` that `timeMs` lies in: counted from 1970-01-01 UTC, weeks from a Monday. */
export function bucketStartMs(timeMs: number, spanMs: number): number {
  const offset = spanMs === 7 * DAY_MS ? MONDAY_OFFSET_MS : 0;
  return Math.floor((timeMs - offset) / spanMs) * spanMs + offset;
}

/** When a market trades: `[openTimeMs, closeTimeMs)`, UTC. */
interface Session {
  readonly openTimeMs: number;
  readonly closeTimeMs: number;
}

/**
 * What a resampler may ask of a market: its published hours, in which a closure that nobody could foresee counts as
 * open. None of it may depend on what was known later.
 */
export interface MarketHours {
  /** Names the rules; part of a feature set's hash. */
  readonly name: string;
  /**
   * The session that a bar of `[openTimeMs, closeTimeMs)` belongs to: of its open, else of its last moment; null
   * outside trading.
   */
  sessionOf(openTimeMs: number, closeTimeMs: number): Session | null;
  /** When the last trading of `[fromMs, toMs)` ends, at most `toMs`; NaN where there is none. */
  lastTradingMs(fromMs: number, toMs: number): number;
}

/**
 * Builds bars of a longer timeframe from closed shorter ones. A longer bar is closed, and may be used, when the bar
 * just taken closes at or after the last trading of its bucket, or else when a bar of a later bucket arrives.
 *
 * With the market's hours, buckets shorter than a day are counted from the open and cut at the close, a day is its
 * session, a week ends with Friday's close, or Thursday's before Good Friday, and bars outside trading are left out:
 * the bars that `ingest` would store in that timeframe. Without them buckets are counted in UTC, nothing before the
 * bucket's end can be known to be complete, and a week of exchange days is closed by the next week's first bar.
 */
export class Resampler {
  readonly spanMs: number;
  /** Private by name: everything else is memory that is saved and restored. */
  readonly #hours: MarketHours | null;
  sessionOpenMs = NaN;
  sessionCloseMs = NaN;
  bucketMs = NaN;
  endMs = NaN;
  doneMs = NaN;
  openTimeMs = 0;
  closeTimeMs = 0;
  open = 0;
  high = 0;
  low = 0;
  close = 0;
  volume = 0;

  constructor(spanMs: number, hours: MarketHours | null = null) {
    this.spanMs = spanMs;
    this.#hours = hours;
  }

  /** Takes the next bar and hands every longer bar that is closed now (none, one or two) to `closed`. */
  push(bar: Bar, closed: (longer: Bar) => void): void {
    const bucket = this.#bucketOf(bar);
    if (bucket === this.doneMs) return;
    if (bucket !== bucket) {
      // Outside trading: no part of any longer bar, but time has gone on.
      if (bar.closeTimeMs >= this.endMs) this.#finish(closed);
      return;
    }
    if (bucket !== this.bucketMs) {
      if (this.bucketMs === this.bucketMs) closed(this.#finished());
      this.#begin(bar, bucket);
    } else {
      this.high = Math.max(this.high, bar.high);
      this.low = Math.min(this.low, bar.low);
      this.close = bar.close;
      this.volume += bar.volume;
      this.closeTimeMs = bar.closeTimeMs;
    }
    if (bar.closeTimeMs >= this.endMs) this.#finish(closed);
  }

  #finish(closed: (longer: Bar) => void): void {
    closed(this.#finished());
    this.doneMs = this.bucketMs;
    this.bucketMs = NaN;
    this.endMs = NaN;
  }

  /** Start of the bucket that a bar belongs to; NaN outside trading. Remembers the session of its day. */
  #bucketOf(bar: Bar): number {
    const { spanMs } = this;
    if (this.#hours === null) return bucketStartMs(bar.openTimeMs, spanMs);
    if (!(bar.openTimeMs >= this.sessionOpenMs && bar.openTimeMs < this.sessionCloseMs)) {
      const session = this.#hours.sessionOf(bar.openTimeMs, bar.closeTimeMs);
      if (session === null) return NaN;
      this.sessionOpenMs = session.openTimeMs;
      this.sessionCloseMs = session.closeTimeMs;
    }
    const open = this.sessionOpenMs;
    if (spanMs > DAY_MS) return bucketStartMs(open, spanMs);
    if (spanMs === DAY_MS) return open;
    return open + Math.floor(Math.max(0, bar.openTimeMs - open) / spanMs) * spanMs;
  }

  /** When the last trading of a bucket ends, as far as that is known beforehand. */
  #endOf(bucket: number): number {
    const end = bucket + this.spanMs;
    if (this.#hours === null) return end;
    if (this.spanMs > DAY_MS) return this.#hours.lastTradingMs(bucket, end);
    return this.spanMs === DAY_MS ? this.sessionCloseMs : Math.min(end, this.sessionCloseMs);
  }

  #begin(bar: Bar, bucket: number): void {
    this.bucketMs = bucket;
    this.endMs = this.#endOf(bucket);
    this.openTimeMs = bucket;
    this.closeTimeMs = bar.closeTimeMs;
    this.open = bar.open;
    this.high = bar.high;
    this.low = bar.low;
    this.close = bar.close;
    this.volume = bar.volume;
  }

  #finished(): Bar {
    const { openTimeMs, closeTimeMs, open, high, low, close, volume } = this;
    return { openTimeMs, closeTimeMs, open, high, low, close, volume };
  }
}
