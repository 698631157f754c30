import { Redis } from 'ioredis';

const PREFIX = 'signalbox:cache:';
/** Hash of counters over all processes, for `doctor`. */
export const CACHE_COUNTERS = 'signalbox:cache-counters';

/** Larger values cost Redis more than they save: it answers one client at a time. */
const VALUE_BYTES_MAX = 32 * 1024 * 1024;
const KEPT_SECONDS = 86_400;
const CONNECT_TIMEOUT_MS = 2_000;
const COMMAND_TIMEOUT_MS = 5_000;
/**
 * After a failure Redis is left alone for that long: a server that does not answer must not cost every read its
 * timeout.
 */
const PAUSE_MS = 30_000;

/**
 * Values in Redis, shared by all processes and by whoever else may write there: who asks must check what comes. Any
 * failure is a miss, told to `onOutage` once per outage; nothing here ever throws.
 */
export class RedisLayer {
  readonly #client: Redis;
  readonly #onOutage: (reason: string) => void;
  readonly #now: () => number;
  #connecting: Promise<void> | null = null;
  #pausedUntilMs = -Infinity;
  #down = false;
  #reason = '';

  /** `now`: monotonic milliseconds. */
  constructor(url: string, options: { onOutage: (reason: string) => void; now: () => number }) {
    this.#onOutage = options.onOutage;
    this.#now = options.now;
    this.#client = new Redis(url, {
      lazyConnect: true,
      // A command without a connection fails at once instead of waiting for one.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      connectTimeout: CONNECT_TIMEOUT_MS,
      commandTimeout: COMMAND_TIMEOUT_MS,
      retryStrategy: (times) => Math.min(200 * times, PAUSE_MS),
    });
    this.#client.on('error', (error: Error) => {
      this.#reason = error.message;
    });
  }

  /** The value under `key`, or undefined. */
  async get(key: string): Promise<Uint8Array | undefined> {
    const stored = await this.#attempt((client) => client.getBuffer(PREFIX + key));
    return stored ?? undefined;
  }

  /** Stores a value for a day, unless it is large. */
  async set(key: string, value: Uint8Array): Promise<void> {
    if (value.byteLength > VALUE_BYTES_MAX) return;
    const stored = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    await this.#attempt((client) => client.set(PREFIX + key, stored, 'EX', KEPT_SECONDS));
  }

  /** Adds to the counters that all processes share. */
  async count(counters: Readonly<Record<string, number>>): Promise<void> {
    await this.#attempt(async (client) => {
      for (const [name, by] of Object.entries(counters)) if (by > 0) await client.hincrby(CACHE_COUNTERS, name, by);
    });
  }

  close(): void {
    this.#client.disconnect();
  }

  async #attempt<T>(command: (client: Redis) => Promise<T>): Promise<T | undefined> {
    if (this.#now() < this.#pausedUntilMs) return undefined;
    try {
      this.#connecting ??= this.#client.connect();
      await this.#connecting;
      const answer = await command(this.#client);
      this.#down = false;
      return answer;
    } catch (error) {
      this.#pausedUntilMs = this.#now() + PAUSE_MS;
      // The client goes on trying to connect by itself; the next command finds out.
      this.#connecting = Promise.resolve();
      if (!this.#down) this.#onOutage(this.#reason || (error as Error).message);
      this.#down = true;
      return undefined;
    }
  }
}
