import type { Random } from '../../infra/random.ts';
import type { FeedClock } from '../feeds/feed-clock.ts';
import { Pulse } from '../feeds/pulse.ts';
import { ReconnectDelay } from '../feeds/reconnect-delay.ts';
import { BookReplica } from './book-replica.ts';
import type { DepthSource } from './depth-source.ts';

export interface LiveBookOptions {
  readonly source: DepthSource;
  readonly clock: FeedClock;
  readonly random: Random;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** For people: that the book was lost, and why. */
  readonly note: (text: string) => void;
  /** Without a change for so long a connection counts as dead; 60 s by default. */
  readonly silentAfterMs?: number;
}

const SILENT_MS = 60_000;

/**
 * A venue's order book, kept live until `signal` ends. It is handed on whenever it has changed, always as it is by now:
 * whoever is slow misses what was between, and nothing piles up. While it is lost (`isLive`) it is handed on, too; by
 * itself it connects again, and takes another snapshot.
 * @throws VendorError where asking again cannot help
 */
export async function* liveBook(options: LiveBookOptions): AsyncGenerator<BookReplica> {
  const { signal } = options;
  const keeper = new BookKeeper(options);
  const running = keeper.run();
  running.catch(() => undefined);
  const over = { is: false };
  const ended = running.finally(() => {
    over.is = true;
    keeper.changed.beat();
  });
  ended.catch(() => undefined);
  try {
    for (;;) {
      await keeper.changed.wait();
      if (over.is || signal.aborted) break;
      yield keeper.book;
    }
  } finally {
    keeper.stop();
    await ended;
  }
}

/** Connects, keeps the replica in step, and begins again where it is lost. */
class BookKeeper {
  readonly book = new BookReplica();
  readonly changed = new Pulse();
  readonly #options: LiveBookOptions;
  readonly #delay: ReconnectDelay;
  readonly #stop = new AbortController();
  /** Something in the connection asks for a decision: it ended, or a snapshot is needed. */
  readonly #due = new Pulse();
  #lostBy: string | null = null;
  #changedMs = 0;

  constructor(options: LiveBookOptions) {
    this.#options = options;
    this.#delay = new ReconnectDelay(options.random);
    options.signal.addEventListener('abort', () => this.stop(), { once: true });
    if (options.signal.aborted) this.stop();
  }

  stop(): void {
    this.#stop.abort();
    this.#due.beat();
  }

  async run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const why = await this.#connection().catch((error: unknown) => {
        if (signal.aborted) return '';
        if ((error as { retryable?: boolean }).retryable !== true) throw error;
        return (error as Error).message;
      });
      this.#lose();
      if (signal.aborted) return;
      this.#options.note(`the order book is lost: ${why}`);
      await this.#wait(this.#delay.next());
    }
  }

  /** One connection from its opening to its end; says why it ended. */
  async #connection(): Promise<string> {
    const { source, clock, silentAfterMs = SILENT_MS } = this.#options;
    const { signal } = this.#stop;
    this.#lostBy = null;
    const end = (why: string): void => {
      this.#lostBy ??= why;
      this.#due.beat();
    };
    const connection = await source.connect({
      signal,
      onChange: (change) => {
        this.#changedMs = clock.now();
        const outcome = this.book.change(change);
        if (outcome === 'applied' || outcome === 'gap') this.changed.beat();
        if (outcome === 'gap') this.#due.beat();
      },
      // What cannot be read may have been a change.
      onInvalid: (reason) => end(`a message that cannot be read: ${reason}`),
      onClose: end,
    });
    try {
      this.#changedMs = clock.now();
      while (!signal.aborted && this.#lostBy === null) {
        if (!this.book.isLive) await this.#begin();
        if (this.#lostBy !== null) break;
        const silentMs = this.#changedMs + silentAfterMs - clock.now();
        if (silentMs <= 0) return `no change for ${silentAfterMs / 1000} s`;
        await this.#due.wait(clock, silentMs);
      }
      return this.#lostBy ?? '';
    } finally {
      connection.close();
    }
  }

  /** Takes snapshots until one goes on to what has come meanwhile. */
  async #begin(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted && this.#lostBy === null) {
      const snapshot = await this.#options.source.snapshot(signal);
      if (this.#lostBy !== null) return;
      if (this.book.snapshot(snapshot) === 'applied') {
        this.#delay.reset();
        this.changed.beat();
        return;
      }
      await this.#wait(this.#delay.next(), () => this.#lostBy !== null);
    }
  }

  #lose(): void {
    const wasLive = this.book.isLive;
    this.book.lose();
    if (wasLive) this.changed.beat();
  }

  /** Waits so long, or until there is nothing to wait for. */
  async #wait(ms: number, isVain: () => boolean = () => false): Promise<void> {
    const { clock } = this.#options;
    const untilMs = clock.now() + ms;
    for (let leftMs = ms; leftMs > 0; leftMs = untilMs - clock.now()) {
      if (this.#stop.signal.aborted || isVain()) return;
      await this.#due.wait(clock, leftMs);
    }
  }
}
