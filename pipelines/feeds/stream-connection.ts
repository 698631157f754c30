import type { BarColumns } from '../../features/bar.ts';
import type { Quote } from '../vendors/vendor.ts';

/** Length of the bars that every stream and its history bring; longer ones are made of them. */
export const STREAM_BAR_MS = 60_000;

/** A closed one-minute bar as a vendor streams it. */
export interface StreamBar {
  readonly symbol: string;
  /** Start of the minute, UTC milliseconds. */
  readonly openTimeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** What a vendor's stream says, in neutral words. */
export type StreamMessage =
  | { readonly kind: 'bar'; readonly bar: StreamBar }
  /** The vendor takes back what it said about a bar. */
  | { readonly kind: 'revision'; readonly bar: StreamBar }
  | { readonly kind: 'quote'; readonly quote: Quote }
  /** Nothing to hand on, but a sign of life: a bar that has not closed, a heartbeat. */
  | { readonly kind: 'beat' }
  /** A frame that is not what the vendor's protocol says; it counts as no sign of life. */
  | { readonly kind: 'invalid'; readonly reason: string };

export interface ConnectOptions {
  /** As users write them. */
  readonly symbols: readonly string[];
  readonly quotes: boolean;
  readonly onMessage: (message: StreamMessage) => void;
  /** Called once, after `connect` has resolved, when the connection ended by itself. */
  readonly onClose: (reason: string) => void;
  /** Aborting while connecting gives up and leaves nothing open. */
  readonly signal: AbortSignal;
}

export interface StreamConnection {
  /** Ends the connection for good; no message and no `onClose` follows. */
  close(): void;
}

/** Opens one connection at a time: it never reconnects by itself, that is the feed's work. */
export interface StreamConnector {
  readonly vendor: string;
  /**
   * Resolves when the vendor has accepted the credentials and acknowledged every symbol.
   * @throws VendorError; one that is not retryable means that asking again cannot help.
   */
  connect(options: ConnectOptions): Promise<StreamConnection>;
}

/** One-minute bars of the past. */
export interface HistoryReader {
  /** Closed bars of `symbol` with opens in `[fromMs, toMs)`, ascending, in pieces. */
  minutes(symbol: string, fromMs: number, toMs: number, signal: AbortSignal): AsyncIterable<BarColumns>;
}
