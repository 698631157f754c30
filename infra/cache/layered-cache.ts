import type { Config } from '../config.ts';
import { createLogger } from '../logging/log.ts';
import { MemoryLayer } from './memory-layer.ts';
import { RedisLayer } from './redis-layer.ts';

/** Bytes of memory that all caches of a process (or worker thread) share. */
export const MEMORY_BYTES_MAX = 128 * 1024 * 1024;

const memory = new MemoryLayer(MEMORY_BYTES_MAX);

/** Where values came from. */
export interface CacheCounts {
  memory: number;
  redis: number;
  /** Neither layer had it: it was loaded. */
  loaded: number;
}

export interface LayeredCacheOptions {
  readonly memory?: MemoryLayer;
  readonly redis?: RedisLayer | null;
  /** Hears of a key under which Redis holds something else than it should. */
  readonly onWrong?: ((key: string) => void) | undefined;
}

/**
 * Bytes through memory, then Redis where there is one, then their source. Keys must be content-addressed, a hash of
 * what determines the value, so that a value under a key is right for ever and nothing has to be invalidated: what
 * changes gets another key. A key is no proof of what Redis holds under it: others may write there.
 */
export class LayeredCache {
  readonly counts: CacheCounts = { memory: 0, redis: 0, loaded: 0 };
  readonly #memory: MemoryLayer;
  readonly #redis: RedisLayer | null;
  readonly #onWrong: (key: string) => void;
  readonly #loading = new Map<string, Promise<Uint8Array>>();

  constructor(options: LayeredCacheOptions = {}) {
    this.#memory = options.memory ?? memory;
    this.#redis = options.redis ?? null;
    this.#onWrong = options.onWrong ?? ((): void => undefined);
  }

  /** Others find in it what this process has put there. */
  get isShared(): boolean {
    return this.#redis !== null;
  }

  /** Most bytes of a value that is kept at all. */
  get valueBytesMax(): number {
    return this.#memory.bytesMax;
  }

  /**
   * The value under `key`; `load` makes it where no layer has it. Redis is used only where `isRight` can tell a right
   * value from a wrong one by what is known from elsewhere; a wrong one is told, loaded and replaced. Without
   * `inMemory` only Redis keeps it: what would not fit into memory drives out the rest. The bytes are shared: copy what
   * is to be changed.
   */
  async get(
    key: string,
    load: () => Promise<Uint8Array>,
    isRight?: (value: Uint8Array) => boolean,
    inMemory = true,
  ): Promise<Uint8Array> {
    const near = this.#memory.get(key);
    if (near !== undefined) {
      this.counts.memory++;
      return near;
    }
    // Readers of the same key at the same time share one answer.
    let loading = this.#loading.get(key);
    if (loading === undefined) {
      loading = this.#fetch(key, load, { isRight, inMemory }).finally(() => this.#loading.delete(key));
      this.#loading.set(key, loading);
    }
    return loading;
  }

  /** Tells the counters to Redis, where `doctor` shows them, and ends its connection. */
  async close(): Promise<void> {
    if (this.#redis === null) return;
    if (this.counts.memory + this.counts.redis + this.counts.loaded > 0) await this.#redis.count({ ...this.counts });
    this.#redis.close();
  }

  async #fetch(
    key: string,
    load: () => Promise<Uint8Array>,
    { isRight, inMemory }: { isRight: ((value: Uint8Array) => boolean) | undefined; inMemory: boolean },
  ): Promise<Uint8Array> {
    const keep = (value: Uint8Array): void => {
      if (inMemory) this.#memory.set(key, value);
    };
    const redis = isRight === undefined ? null : this.#redis;
    const far = await redis?.get(key);
    const right = far !== undefined && isRight!(far);
    if (far !== undefined && !right) this.#onWrong(key);
    if (far !== undefined && right) {
      this.counts.redis++;
      keep(far);
      return far;
    }
    const value = await load();
    this.counts.loaded++;
    keep(value);
    await redis?.set(key, value);
    return value;
  }
}

/** The cache that a configuration asks for. An outage of Redis is told once, to `onNote` or the log. */
export function openCache(
  config: Partial<Pick<Config, 'redisUrl' | 'logLevel'>>,
  onNote?: (text: string) => void,
): LayeredCache {
  const { redisUrl = null, logLevel = 'info' } = config;
  if (redisUrl === null) return new LayeredCache();
  const host = new URL(redisUrl).host;
  const tell = (text: string): void => {
    if (onNote === undefined) createLogger({ logLevel }).warn(text);
    else onNote(text);
  };
  const onOutage = (reason: string): void =>
    tell(`Redis at ${host} does not answer (${reason}): cached bars come from memory and PostgreSQL meanwhile.`);
  const onWrong = (key: string): void =>
    tell(
      `Redis at ${host} held something else under ${key}: it was read from PostgreSQL and put right. Who writes there?`,
    );
  return new LayeredCache({ redis: new RedisLayer(redisUrl, { onOutage, now: () => performance.now() }), onWrong });
}
