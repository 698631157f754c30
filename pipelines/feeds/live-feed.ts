import { SignalboxError } from '../../infra/errors.ts';
import { barAt, type Bar } from '../../features/bar.ts';
import type { Random } from '../../infra/random.ts';
import type { Calendar } from '../calendars/calendar.ts';
import type { Timeframe } from '../../features/timeframe.ts';
import { VendorError } from '../vendors/vendor-error.ts';
import { systemFeedClock, type FeedClock } from './feed-clock.ts';
import { FeedCore, type Gap } from './feed-core.ts';
import type { FeedEvent, FeedStatus } from './feed-event.ts';
import { Pulse } from './pulse.ts';
import { ReconnectDelay } from './reconnect-delay.ts';
import type { HistoryReader, StreamConnector } from './stream-connection.ts';
import { STREAM_BAR_MS } from './stream-connection.ts';
import { StreamSession } from './stream-session.ts';

const LATENESS_MS = 5_000;
const SILENT_AFTER_MS = 90_000;
const HANDSHAKE_MS = 15_000;
const LAG_EVERY_MS = 60_000;
const MAX_BARS = 50_000;
/** A connection that lasted so long was a good one: the next wait is the shortest again. */
const STABLE_MS = 60_000;
/** Symbols whose history is read at a time. */
const READS_MAX = 4;

export interface LiveFeedOptions {
  readonly symbols: readonly string[];
  readonly timeframe: Timeframe;
  readonly calendar: Calendar;
  readonly connector: StreamConnector;
  readonly history: HistoryReader;
  /** Jitter of the waits between attempts. */
  readonly random: Random;
  /**
   * Opens of the first bars. To go on after a restart, give the close of each symbol's last bar. Default: the bar under
   * way now, completed from history.
   */
  readonly fromMs?: (symbol: string) => number;
  /** Default true. */
  readonly quotes?: boolean;
  /** After a minute's close, how long the stream may take before history is asked. Default 5 s. */
  readonly latenessMs?: number;
  /** Default 90 s: a symbol that trades brings a bar every minute. */
  readonly silentAfterMs?: number;
  readonly handshakeMs?: number;
  /** How often the lag is reported. Default 60 s. */
  readonly lagEveryMs?: number;
  /** Most bars held for a consumer that is slow. Default 50,000. */
  readonly maxBars?: number;
  readonly clock?: FeedClock;
  /** Attempts at the first connection, for a person who waits for it. Default: without end, as a session wants it. */
  readonly firstAttemptsMax?: number;
  /** Ends the feed: its iteration ends after what is ready has been taken. */
  readonly signal?: AbortSignal;
}

function neverConnected(reason: string, attempts: number): SignalboxError {
  return new SignalboxError(`The feed could not be connected in ${attempts} attempts: ${reason}`, {
    remedy: 'Check the network and the address in the settings; `signalbox doctor` says what is reachable.',
  });
}

/**
 * Closed bars and quotes of many symbols as they come, in order and without gaps: per symbol every bar once, ascending;
 * across symbols by close time. `for await (const event of feed)`; leaving the loop closes the connection. One
 * iteration per feed.
 * @throws VendorError out of the iteration when the vendor says no in a way that trying again cannot change
 */
export class LiveFeed implements AsyncIterable<FeedEvent> {
  readonly #options: LiveFeedOptions;
  readonly #clock: FeedClock;
  readonly #core: FeedCore;
  readonly #delay: ReconnectDelay;
  /** Wakes the consumer, the reading of history, and the wait before a new attempt. */
  readonly #taking = new Pulse();
  readonly #serving = new Pulse();
  readonly #reconnecting = new Pulse();
  readonly #aborter = new AbortController();
  /** Symbols being read, and those that failed: not before this time again. */
  readonly #reading = new Set<number>();
  readonly #failed = new Map<number, { retryMs: number; delay: ReconnectDelay }>();
  #session: StreamSession | null = null;
  #connections = 0;
  #openedMs = Infinity;
  #lagReportedMs: number;
  #failure: Error | null = null;

  constructor(options: LiveFeedOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemFeedClock;
    this.#delay = new ReconnectDelay(options.random.fork('reconnect'));
    const startMs = this.#clock.now();
    this.#lagReportedMs = startMs;
    this.#core = new FeedCore({
      symbols: options.symbols,
      calendar: options.calendar,
      timeframe: options.timeframe,
      fromMs: options.fromMs ?? (() => startMs),
      latenessMs: options.latenessMs ?? LATENESS_MS,
      maxBars: options.maxBars ?? MAX_BARS,
    });
  }

  /** Messages read from the stream so far. */
  get messages(): number {
    return this.#core.figures.messages;
  }

  /** Every bar that closes by then has been handed on: minutes without a trade have none. */
  get passedMs(): number {
    return this.#core.passedMs;
  }

  /** How the feed is doing. */
  status(): FeedStatus {
    return this.#core.figures.status({
      vendor: this.#options.connector.vendor,
      timeMs: this.#clock.now(),
      connected: this.#session !== null && this.#session.openedMs !== null,
      connections: this.#connections,
    });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FeedEvent> {
    const { signal } = this.#options;
    const stop = (): void => this.#stop();
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted === true) stop();
    const work = Promise.all([this.#connect(), this.#serve()]).catch((error: unknown) =>
      this.#fail(error instanceof Error ? error : new Error(String(error))),
    );
    try {
      for (;;) {
        const event = this.#core.take();
        if (event !== null) {
          yield event;
          if (event.kind === 'bar' && event.lastOfClose) this.#serving.beat();
          continue;
        }
        if (this.#failure !== null) throw this.#failure;
        if (this.#stopped) return;
        await this.#taking.wait();
      }
    } finally {
      signal?.removeEventListener('abort', stop);
      this.#stop();
      await work;
    }
  }

  get #stopped(): boolean {
    return this.#aborter.signal.aborted;
  }

  #stop(): void {
    this.#aborter.abort(new Error('the feed was closed'));
    this.#session?.end('closed');
    for (const pulse of [this.#taking, this.#serving, this.#reconnecting]) pulse.beat();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#stop();
  }

  /** One connection after the other. */
  async #connect(): Promise<void> {
    const { calendar, connector, symbols, quotes = true, firstAttemptsMax = Infinity } = this.#options;
    for (let attempt = 1; !this.#stopped; attempt++) {
      const session = new StreamSession({
        connector,
        symbols,
        quotes,
        calendar,
        clock: this.#clock,
        silentAfterMs: this.#options.silentAfterMs ?? SILENT_AFTER_MS,
        handshakeMs: this.#options.handshakeMs ?? HANDSHAKE_MS,
        onMessage: (message) => {
          this.#core.message(message, this.#clock.now());
          this.#taking.beat();
        },
        onOpen: () => this.#opened(),
      });
      this.#session = session;
      const { refused, reason } = await outcome(session);
      this.#session = null;
      if (this.#stopped) return;
      if (this.#clock.now() - this.#openedMs >= STABLE_MS) this.#delay.reset();
      this.#openedMs = Infinity;
      // Credentials that worked before may be refused for a while (the old connection still counts, a vendor's bad
      // hour).
      if (refused?.retryable === false && this.#connections === 0) return this.#fail(refused);
      if (this.#connections === 0 && attempt >= firstAttemptsMax) return this.#fail(neverConnected(reason, attempt));
      this.#tell(refused === null ? 'disconnected' : 'refused', reason);
      await this.#reconnecting.wait(this.#clock, this.#delay.next());
    }
  }

  #opened(): void {
    this.#connections += 1;
    this.#openedMs = this.#clock.now();
    this.#tell('connected', `${this.#options.symbols.length} symbols subscribed`);
    this.#serving.beat();
  }

  /** Reads from history what is due, watches for silence, reports the lag. */
  async #serve(): Promise<void> {
    const every = this.#options.lagEveryMs ?? LAG_EVERY_MS;
    while (!this.#stopped) {
      const nowMs = this.#clock.now();
      for (const gap of this.#core.gaps(nowMs)) this.#readWhereDue(gap, nowMs);
      const session = this.#session;
      if (session !== null && session.silentAtMs(nowMs) <= nowMs)
        this.#silence(session, 'nothing came, though the market is open');
      if (nowMs - this.#lagReportedMs >= every) this.#reportLag(nowMs);
      const wakeMs = Math.min(
        this.#core.nextDueMs(nowMs),
        this.#lagReportedMs + every,
        this.#session?.silentAtMs(nowMs) ?? Infinity,
        ...[...this.#failed.values()].map(({ retryMs }) => (retryMs > nowMs ? retryMs : Infinity)),
      );
      await this.#serving.wait(this.#clock, Math.max(0, wakeMs - this.#clock.now()));
    }
  }

  #silence(session: StreamSession, why: string): void {
    this.#tell('silent', why);
    session.end(why);
  }

  #reportLag(nowMs: number): void {
    this.#lagReportedMs = nowMs;
    const { barLag, quoteLag, symbols } = this.status();
    const behind = Math.max(...symbols.map(({ behindMs }) => behindMs));
    const words = (p50: number | null, p99: number | null): string => `${p50 ?? '-'} / ${p99 ?? '-'} ms`;
    const bars = `bars ${words(barLag.p50Ms, barLag.p99Ms)}`;
    this.#tell(
      'lag',
      `${bars}, quotes ${words(quoteLag.p50Ms, quoteLag.p99Ms)} (p50 / p99), at most ${behind} ms behind`,
    );
  }

  #readWhereDue(gap: Gap, nowMs: number): void {
    if (this.#reading.has(gap.index) || this.#reading.size >= READS_MAX) return;
    if ((this.#failed.get(gap.index)?.retryMs ?? 0) > nowMs) return;
    this.#reading.add(gap.index);
    void this.#read(gap);
  }

  async #read(gap: Gap): Promise<void> {
    try {
      const pieces = this.#options.history.minutes(gap.symbol, gap.readFromMs, gap.toMs, this.#aborter.signal);
      for await (const columns of pieces) {
        const minutes = Array.from({ length: columns.length }, (_, row) => barAt(columns, row));
        const last = minutes.at(-1);
        if (last !== undefined) this.#fill(gap, minutes, Math.min(gap.toMs, last.openTimeMs + STREAM_BAR_MS));
      }
      this.#fill(gap, [], gap.toMs);
      this.#failed.delete(gap.index);
    } catch (error) {
      this.#readFailed(gap, error);
    } finally {
      this.#reading.delete(gap.index);
      this.#serving.beat();
    }
  }

  #fill(gap: Gap, minutes: readonly Bar[], toMs: number): void {
    const session = this.#session;
    const connectedMs = session?.openedMs ?? Infinity;
    const forgotten = this.#core.fill(gap, minutes, toMs, { nowMs: this.#clock.now(), connectedMs });
    if (forgotten && session !== null) this.#silence(session, `the stream brings no bars of ${gap.symbol}`);
    this.#taking.beat();
  }

  #readFailed(gap: Gap, error: unknown): void {
    if (this.#stopped) return;
    const known = error instanceof Error ? error : new Error(String(error));
    if (!(known instanceof VendorError) || !known.retryable) return this.#fail(known);
    const { delay } = this.#failed.get(gap.index) ?? {
      delay: new ReconnectDelay(this.#options.random.fork(gap.symbol)),
    };
    const waitMs = Math.max(delay.next(), known.retryAfterMs ?? 0);
    this.#failed.set(gap.index, { delay, retryMs: this.#clock.now() + waitMs });
    this.#tell('history-failed', known.message, gap.symbol);
  }

  #tell(
    ...[status, message, symbol]: [
      'connected' | 'disconnected' | 'refused' | 'silent' | 'lag' | 'history-failed',
      string,
      string?,
    ]
  ): void {
    this.#core.notice(status, message, this.#clock.now(), symbol ?? null);
    this.#taking.beat();
  }
}

/** How a connection ended: refused, or open for a while. An error that is no vendor's ends the feed. */
async function outcome(session: StreamSession): Promise<{ refused: VendorError | null; reason: string }> {
  try {
    return { refused: null, reason: await session.run() };
  } catch (error) {
    if (error instanceof VendorError) return { refused: error, reason: error.message };
    throw error;
  }
}
