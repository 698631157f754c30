import type { Bar } from '../../features/bar.ts';
import type { Quote } from '../vendors/vendor.ts';

/** Whether a bar came entirely from the stream, or history had a part in it. */
export type BarOrigin = 'stream' | 'history';

export interface BarEvent {
  readonly kind: 'bar';
  readonly symbol: string;
  readonly bar: Bar;
  readonly origin: BarOrigin;
  /** No other bar of the feed closes at this time: everything known up to `bar.closeTimeMs` has been handed out. */
  readonly lastOfClose: boolean;
}

interface QuoteEvent {
  readonly kind: 'quote';
  readonly quote: Quote;
}

/** What the vendor said about a minute after the feed had passed it. Bars handed out before stay as they were. */
export interface CorrectionEvent {
  readonly kind: 'correction';
  readonly symbol: string;
  /** `late`: a bar that had not been there in time. `revised`: other values than those handed out. */
  readonly reason: 'late' | 'revised';
  readonly origin: BarOrigin;
  /** The one-minute bar. */
  readonly bar: Bar;
  /** What was handed out, null for `late` and for minutes further back than the feed remembers. */
  readonly previous: Bar | null;
}

export type StatusKind =
  'connected' | 'disconnected' | 'refused' | 'silent' | 'gap-filled' | 'history-failed' | 'behind' | 'invalid' | 'lag';

/** Something about the feed itself. */
export interface StatusEvent {
  readonly kind: 'status';
  readonly status: StatusKind;
  readonly timeMs: number;
  /** Null where it is about the whole feed. */
  readonly symbol: string | null;
  readonly message: string;
}

export type FeedEvent = BarEvent | QuoteEvent | CorrectionEvent | StatusEvent;

/** Milliseconds between an event and its arrival. */
export interface Lag {
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** The state of a feed at one moment. */
export interface FeedStatus {
  readonly vendor: string;
  readonly timeMs: number;
  readonly connected: boolean;
  readonly connections: number;
  readonly messages: number;
  /** Bars handed out, by origin. */
  readonly bars: { readonly stream: number; readonly history: number };
  readonly quotes: number;
  /** Quotes replaced by a newer one before anybody took them. */
  readonly conflatedQuotes: number;
  readonly repeats: number;
  readonly corrections: number;
  readonly invalid: number;
  /** Bars of the stream that found no room and were read from history instead. */
  readonly refetched: number;
  /** Notices and corrections that nobody took in time. */
  readonly droppedNotices: number;
  readonly held: number;
  readonly heldPeak: number;
  /** From a bar's close to its arrival, bars of the stream; and from a quote's time to its arrival. */
  readonly barLag: Lag;
  readonly quoteLag: Lag;
  readonly symbols: readonly {
    readonly symbol: string;
    readonly lastBarCloseMs: number | null;
    /** Now minus the time up to which bars are complete. */
    readonly behindMs: number;
  }[];
}
