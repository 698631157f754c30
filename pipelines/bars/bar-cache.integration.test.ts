import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BarColumns } from '../../features/bar.ts';
import { LayeredCache } from '../../infra/cache/layered-cache.ts';
import { MemoryLayer } from '../../infra/cache/memory-layer.ts';
import { CACHE_COUNTERS, RedisLayer } from '../../infra/cache/redis-layer.ts';
import { openDatabase, type Database } from '../../infra/postgres/database.ts';
import { startRedisServer, type RedisServer } from '../../infra/testing/redis-server.ts';
import { describeWith } from '../../infra/testing/requirements.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { encodeColumns } from './bar-codec.ts';
import { readBars } from './bar-store.ts';
import { ingestSource } from '../ingest/ingest.ts';
import { createMemorySource } from '../sources/made-up/memory-source.ts';
import { plantedBars } from '../sources/made-up/planted-bars.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** A cache of its own over the test's database, as another process would have one. */
function process(
  options: { redis?: RedisLayer | null; bytes?: number; onWrong?: (key: string) => void } = {},
): Database {
  const memory = new MemoryLayer(options.bytes ?? 1e7);
  const { redis = null, onWrong } = options;
  return { ...database, cache: new LayeredCache({ memory, redis, onWrong }) };
}

let made = 0;
/** Stores bars and returns the id of their series. */
async function store(bars: BarColumns, name = `cache ${made++}`): Promise<number> {
  const source = createMemorySource({
    name: 'test',
    load: async () => [bars],
    describe: (symbol) => ({
      source: 'test',
      origin: name,
      symbol,
      timeframe: '1d',
      calendar: 'us-equities',
      instrument: { symbol, assetClass: 'equity', currency: 'USD', tick: 0.01, lot: 1, sector: null },
      sourceStatement: 'Bars of a test.',
    }),
  });
  const report = await ingestSource(database, source, { range: { fromMs: -Infinity, toMs: Infinity }, revise: true });
  return report.series[0]!.id;
}

const planted = (seed: number, bars = 300): BarColumns => plantedBars({ bars, seed, symbol: 'X' });

describe('bars read again', () => {
  it('come from memory, as copies that nobody else sees, and range by range', async () => {
    const own = process();
    const id = await store(planted(1));
    const [first] = await readBars(own, [id]);
    const [second] = await readBars(own, [id]);
    expect(second).toEqual(first);
    first!.close[0] = 0;
    second!.close[0] = 1;
    expect((await readBars(own, [id]))[0]).toEqual((await readBars(process(), [id]))[0]);
    const range = { fromMs: second!.openTimeMs[10]!, toMs: second!.openTimeMs[20]! };
    expect((await readBars(own, [id], range))[0]!.length).toBe(10);
    expect(own.cache.counts).toEqual({ memory: 2, redis: 0, loaded: 2 });
  });

  it('are never those of before: appended, revised and put-in bars have another key', async () => {
    const own = process();
    const bars = planted(2);
    const part = { ...bars, length: 200 };
    for (const field of ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const) {
      part[field] = bars[field].slice(0, 200);
    }
    const id = await store(part, 'grows');
    expect((await readBars(own, [id]))[0]!.length).toBe(200);
    await store(bars, 'grows');
    expect((await readBars(own, [id]))[0]!.length).toBe(300);
    const revised = planted(2);
    revised.volume[50] = 12_345;
    await store(revised, 'grows');
    expect((await readBars(own, [id]))[0]!.volume[50]).toBe(12_345);
  });

  it('are kept within a number of bytes', async () => {
    const own = process({ bytes: 300 * 56 });
    const ids = [await store(planted(3)), await store(planted(4))];
    // Together they are larger: each would drive the other out before it is read again, and neither is kept.
    for (let round = 0; round < 3; round++) expect(await readBars(own, ids)).toHaveLength(2);
    expect(own.cache.counts).toEqual({ memory: 0, redis: 0, loaded: 0 });
    for (let round = 0; round < 3; round++) await readBars(own, [ids[0]!]);
    expect(own.cache.counts).toEqual({ memory: 2, redis: 0, loaded: 1 });
    const tiny = process({ bytes: 299 * 56 });
    expect((await readBars(tiny, [ids[0]!]))[0]!.length).toBe(300);
    expect(tiny.cache.counts.loaded).toBe(0);
  });

  it('are consistent with their key while somebody writes them', async () => {
    const bars = planted(5, 400);
    const id = await store(planted(6, 1), 'written');
    const own = process();
    const writing = (async () => {
      for (let length = 40; length <= 400; length += 40) {
        const columns = { ...bars, length };
        for (const field of ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const) {
          columns[field] = bars[field].slice(0, length);
        }
        await store(columns, 'written');
      }
    })();
    for (let read = 0; read < 30; read++) await readBars(own, [id]);
    await writing;
    const [cached] = await readBars(own, [id]);
    expect(cached).toEqual((await readBars(process(), [id]))[0]);
    expect(cached!.length).toBe(400);
  });
});

describeWith('redis', 'bars read again by another process', () => {
  let redis: RedisServer;
  let client: Redis;
  let outages: string[];
  let wrong: string[];
  let layers: RedisLayer[];
  let nowMs: number;

  beforeEach(async () => {
    redis = await startRedisServer();
    client = new Redis(redis.url);
    client.on('error', () => undefined);
    outages = [];
    wrong = [];
    layers = [];
    nowMs = 0;
  });
  afterEach(async () => {
    for (const layer of layers) layer.close();
    client.disconnect();
    await redis.stop();
  });

  const connected = (): Database => {
    const layer = new RedisLayer(redis.url, { onOutage: (reason) => outages.push(reason), now: () => nowMs });
    layers.push(layer);
    return process({ redis: layer, onWrong: (key) => wrong.push(key) });
  };

  it('come from Redis', async () => {
    const id = await store(planted(11));
    const [one, other] = [connected(), connected()];
    const [bars] = await readBars(one, [id]);
    expect((await readBars(other, [id]))[0]).toEqual(bars);
    await readBars(other, [id]);
    expect(one.cache.counts).toEqual({ memory: 0, redis: 0, loaded: 1 });
    expect(other.cache.counts).toEqual({ memory: 1, redis: 1, loaded: 0 });
    expect(await client.ttl((await client.keys('signalbox:cache:*'))[0]!)).toBeGreaterThan(80_000);
    await Promise.all([one.cache.close(), other.cache.close()]);
    expect(await client.hgetall(CACHE_COUNTERS)).toEqual({ loaded: '1', memory: '1', redis: '1' });
    expect(outages).toEqual([]);
  });

  it('are read from PostgreSQL where Redis holds something else under their key', async () => {
    const id = await store(planted(12));
    const [bars] = await readBars(connected(), [id]);
    const [key] = await client.keys('signalbox:cache:*');
    const stored = (await client.getBuffer(key!))!;
    const right = Buffer.from(stored);
    stored[100]! ^= 1;
    const poison = planted(99);
    const digest = createHash('sha256').update(encodeColumns(poison)).digest();
    const others = [stored, right.subarray(0, 500), right.subarray(0, 56 * 299), Buffer.alloc(0)];
    // Well made bars of another series, bare and in the form that an older version wrote.
    others.push(Buffer.from(encodeColumns(poison)), Buffer.concat([digest, encodeColumns(poison)]));
    for (const other of others) {
      await client.set(key!, other);
      const own = connected();
      wrong = [];
      expect((await readBars(own, [id]))[0]).toEqual(bars);
      expect(own.cache.counts).toEqual({ memory: 0, redis: 0, loaded: 1 });
      expect(wrong).toEqual([key!.replace('signalbox:cache:', '')]);
      expect(await client.getBuffer(key!)).toEqual(right);
    }
  });

  it('in part are not taken from Redis, which nothing could prove', async () => {
    const id = await store(planted(20));
    const [bars] = await readBars(process(), [id]);
    const range = { fromMs: bars!.openTimeMs[10]!, toMs: bars!.openTimeMs[20]! };
    for (const own of [connected(), connected()]) {
      expect((await readBars(own, [id], range))[0]!.length).toBe(10);
      expect(own.cache.counts).toEqual({ memory: 0, redis: 0, loaded: 1 });
    }
    expect(await client.keys('signalbox:cache:bars*')).toEqual([]);
  });

  it('survive Redis being killed midway: one warning, no error, right answers, and Redis again when it is back', async () => {
    const ids = [
      await store(planted(13)),
      await store(planted(14)),
      await store(planted(15)),
      await store(planted(16)),
    ];
    const expected = await readBars(process(), ids);
    const own = connected();
    expect(await readBars(own, [ids[0]!])).toEqual([expected[0]]);
    await redis.stop();
    expect(await readBars(own, ids)).toEqual(expected);
    nowMs += 31_000;
    const fresh = connected();
    expect(await readBars(fresh, ids)).toEqual(expected);
    expect(own.cache.counts).toEqual({ memory: 1, redis: 0, loaded: 4 });
    expect(outages).toHaveLength(2);
    redis = await startRedisServer(redis.port);
    nowMs += 31_000;
    const another = await store(planted(17));
    await expect
      .poll(async () => {
        nowMs += 31_000;
        await own.cache.get(
          `probe ${nowMs}`,
          async () => new Uint8Array(1),
          () => true,
        );
        return client.status === 'ready' ? client.dbsize() : 0;
      })
      .toBeGreaterThan(0);
    await readBars(own, [another]);
    const late = connected();
    await readBars(late, [another]);
    expect(late.cache.counts.redis).toBe(1);
    // One warning for each process that met the outage.
    expect(outages).toHaveLength(2);
    await own.cache.close();
  });

  it('do not wait for a Redis that is not there', async () => {
    const { url } = redis;
    await redis.stop();
    const notes: string[] = [];
    const opened = await openDatabase(
      { databaseUrl: database.url, dataDir: '', redisUrl: url },
      { migrate: false, onStage: (text) => notes.push(text) },
    );
    const id = await store(planted(18));
    expect((await readBars(opened, [id]))[0]!.length).toBe(300);
    await readBars(opened, [id]);
    await opened.close();
    expect(notes).toEqual([expect.stringMatching(/^Redis at 127\.0\.0\.1:\d+ does not answer .*PostgreSQL meanwhile/)]);
  });
});
