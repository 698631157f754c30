import type { VenueExchange } from '../../brokers/venue/request-tape.ts';

/** Requests that wait to be stored, at the most: while the database is away the oldest of them go. */
const PENDING_MAX = 10_000;
/** Requests that are stored at once. */
const PIECE = 500;

/** Stores what was sent to a venue and answered, beside the session: no order waits, and no decision rests on it. */
export class RequestRecorder {
  readonly #write: (exchanges: readonly VenueExchange[]) => Promise<boolean>;
  #pending: VenueExchange[] = [];
  #writing: Promise<void> | null = null;
  #failure: { readonly error: unknown } | null = null;

  /** @param write false where they could not be stored: they are kept for the next time */
  constructor(write: (exchanges: readonly VenueExchange[]) => Promise<boolean>) {
    this.#write = write;
  }

  /** Never throws. */
  add(exchange: VenueExchange): void {
    this.#pending.push(exchange);
    if (this.#pending.length > PENDING_MAX) this.#pending.shift();
    this.#writing ??= this.#writeAll()
      .catch((error: unknown) => void (this.#failure = { error }))
      .finally(() => (this.#writing = null));
  }

  /** Waits until all of them are stored. @throws what storing failed with */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#failure !== null) throw this.#failure.error;
    await this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    while (this.#pending.length > 0) {
      const piece = this.#pending.slice(0, PIECE);
      if (!(await this.#write(piece))) return;
      const stored = new Set(piece);
      this.#pending = this.#pending.filter((one) => !stored.has(one));
    }
  }
}
