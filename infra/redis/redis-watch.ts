import { Redis } from 'ioredis';
import { SignalboxError } from '../errors.ts';

const EVERY_MS = 2_000;
/** An answer takes less than a millisecond; a machine that swaps may need seconds. */
const ANSWER_MS_MAX = 8_000;

export interface RedisWatchOptions {
  /** Silent: told once, until it answers again. */
  readonly onSilent: (error: SignalboxError) => void;
  /** Silent for `lostMs` since the first ping that got no answer. Told once. */
  readonly onLost: (error: SignalboxError) => void;
  readonly lostMs: number;
}

/**
 * Pings a Redis on a connection of its own. A Redis that is stopped, or cut off, keeps its connections open and answers
 * nothing: the job queue would wait without a word. One that refuses connections tells so itself.
 */
export class RedisWatch {
  readonly #client: Redis;
  readonly #host: string;
  readonly #options: RedisWatchOptions;
  readonly #timer: NodeJS.Timeout;
  #pinging = false;
  #silentSinceMs: number | null = null;
  #lost = false;

  constructor(url: string, options: RedisWatchOptions) {
    this.#options = options;
    this.#host = new URL(url).host;
    this.#client = new Redis(url, {
      lazyConnect: true,
      connectTimeout: ANSWER_MS_MAX,
      commandTimeout: ANSWER_MS_MAX,
      maxRetriesPerRequest: 0,
      retryStrategy: (times) => Math.min(200 * times, EVERY_MS),
    });
    // Told by those who use it.
    this.#client.on('error', () => undefined);
    this.#timer = setInterval(() => void this.#ping(), EVERY_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#client.disconnect();
  }

  async #ping(): Promise<void> {
    if (this.#pinging) return;
    this.#pinging = true;
    const sentMs = performance.now();
    try {
      await this.#client.ping();
      this.#silentSinceMs = null;
      this.#lost = false;
    } catch (error) {
      if (/timed out|ETIMEDOUT/i.test((error as Error).message)) this.#silent(sentMs, error);
    } finally {
      this.#pinging = false;
    }
  }

  #silent(sentMs: number, cause: unknown): void {
    const error = silentRedis(this.#host, cause);
    if (this.#silentSinceMs === null) this.#options.onSilent(error);
    this.#silentSinceMs ??= sentMs;
    if (this.#lost || performance.now() - this.#silentSinceMs < this.#options.lostMs) return;
    this.#lost = true;
    this.#options.onLost(error);
  }
}

/** The error for a Redis that takes connections and answers nothing. */
function silentRedis(host: string, cause?: unknown): SignalboxError {
  return new SignalboxError(`Redis at ${host} does not answer.`, {
    remedy: 'It may be stopped, overloaded or cut off: look at that server, or unset REDIS_URL.',
    cause: Object.assign(new Error('no answer', { cause }), { code: 'ETIMEDOUT' }),
  });
}
