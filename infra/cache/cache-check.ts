import { Redis } from 'ioredis';
import type { Config } from '../config.ts';
import { MEMORY_BYTES_MAX } from './layered-cache.ts';
import { CACHE_COUNTERS } from './redis-layer.ts';

const TIMEOUT_MS = 10_000;

/** What `doctor` says of the cache: its layers, and how often each had what was asked for since Redis was started. */
export async function describeCache({ redisUrl }: Pick<Config, 'redisUrl'>): Promise<string> {
  const memory = `up to ${MEMORY_BYTES_MAX / 1024 / 1024} MB of memory a process`;
  if (redisUrl === null) return `${memory}, then PostgreSQL`;
  const client = new Redis(redisUrl, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
  });
  let reason = '';
  client.on('error', (error: Error) => (reason = error.message));
  try {
    await client.connect();
    const { memory: near = '0', redis: far = '0', loaded = '0' } = await client.hgetall(CACHE_COUNTERS);
    return `${memory}, Redis, then PostgreSQL; found in memory ${near} times, in Redis ${far}, in neither ${loaded}`;
  } catch (error) {
    // No fault of the cache: it does without. The check of Redis itself says what to do.
    return `${memory}, then PostgreSQL; Redis does not answer (${reason || (error as Error).message})`;
  } finally {
    client.disconnect();
  }
}
