import type { Calendar } from '../calendars/calendar.ts';
import { regularOf } from '../calendars/extended-hours.ts';
import { VendorError } from '../vendors/vendor-error.ts';
import type { FeedClock } from './feed-clock.ts';
import type { StreamConnection, StreamConnector, StreamMessage } from './stream-connection.ts';
import { hoursAt, nextTradingTime } from './trading-time.ts';

export interface StreamSessionOptions {
  readonly connector: StreamConnector;
  readonly symbols: readonly string[];
  readonly quotes: boolean;
  readonly calendar: Calendar;
  readonly clock: FeedClock;
  /** Without a sign of life for so long while the market is open, a connection counts as dead. */
  readonly silentAfterMs: number;
  /** How long connecting, logging in and subscribing may take together. */
  readonly handshakeMs: number;
  readonly onMessage: (message: StreamMessage) => void;
  readonly onOpen: () => void;
}

/** One connection from its opening to its end. */
export class StreamSession {
  /** When the vendor had acknowledged everything; null before. */
  openedMs: number | null = null;
  readonly #options: StreamSessionOptions;
  readonly #aborter = new AbortController();
  #connection: StreamConnection | null = null;
  #lastSignMs = 0;
  #ended = false;
  #resolveEnd: (reason: string) => void = () => undefined;
  readonly #end = new Promise<string>((resolve) => {
    this.#resolveEnd = resolve;
  });

  constructor(options: StreamSessionOptions) {
    this.#options = options;
  }

  /**
   * Connects and stays until the connection ends; says why it did.
   * @throws what connecting threw
   */
  async run(): Promise<string> {
    const { clock, connector, handshakeMs, symbols, quotes } = this.#options;
    const seconds = Math.round(handshakeMs / 1000);
    const cancel = clock.after(handshakeMs, () =>
      this.#aborter.abort(this.#unanswered(`no answer within ${seconds} s`)),
    );
    const { signal } = this.#aborter;
    try {
      const opened = connector.connect({
        symbols,
        quotes,
        signal,
        onMessage: (message) => this.#hear(message),
        onClose: (reason) => this.end(reason),
      });
      this.#connection = await Promise.race([opened, rejectOnAbort(signal)]);
    } catch (error) {
      this.#ended = true;
      throw error;
    } finally {
      cancel();
    }
    // It may have ended again before this continuation ran.
    if (this.#ended) this.#connection.close();
    else {
      this.openedMs = clock.now();
      this.#lastSignMs = this.openedMs;
      this.#options.onOpen();
    }
    return this.#end;
  }

  /** Ends the connection, or gives up making it. */
  end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.openedMs = null;
    this.#aborter.abort(this.#unanswered(reason));
    this.#connection?.close();
    this.#resolveEnd(reason);
  }

  /** When the connection would count as silent if nothing came; Infinity before it is open. */
  silentAtMs(nowMs: number): number {
    if (this.openedMs === null) return Infinity;
    const { calendar, silentAfterMs } = this.#options;
    // Before the open and after the close nothing may be traded for minutes: that is no silence.
    const regular = regularOf(calendar);
    const hours = hoursAt(regular, nowMs);
    if (hours === undefined) return nextTradingTime(regular, nowMs) + silentAfterMs;
    return Math.max(this.#lastSignMs, hours.openTimeMs) + silentAfterMs;
  }

  #hear(message: StreamMessage): void {
    if (this.#ended) return;
    if (message.kind !== 'invalid') this.#lastSignMs = this.#options.clock.now();
    this.#options.onMessage(message);
  }

  #unanswered(detail: string): VendorError {
    return new VendorError({ kind: 'unavailable', vendor: this.#options.connector.vendor, endpoint: 'stream', detail });
  }
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
