import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from './config.ts';
import { examine, type Finding } from './doctor.ts';
import { findFreePort } from './postgres/embedded/free-port.ts';
import { startRedisServer } from './testing/redis-server.ts';
import { describeWith } from './testing/requirements.ts';
import { createTestDatabase, type TestDatabase } from './testing/test-database.ts';

let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'doctor-'));
});
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true });
});

const PATH = process.env.PATH;

async function look(env: NodeJS.ProcessEnv): Promise<Record<string, Finding>> {
  const config = loadConfig({ PATH, DATABASE_URL: database.url, SIGNALBOX_HOME: folder, ...env });
  return Object.fromEntries((await examine(config)).map((finding) => [finding.name, finding]));
}

describe('doctor', () => {
  it('finds nothing wrong where nothing is', async () => {
    const findings = await look({});
    expect(Object.values(findings).filter(({ state }) => state === 'broken')).toEqual([]);
    expect(findings.redis!.state).toBe('off');
    expect(findings.database!.detail).toMatch(/PostgreSQL \d+/);
  });

  it('finds every configured thing that does not answer, without its password', async () => {
    const port = await findFreePort();
    const wrong = new URL(database.url);
    wrong.password = 'hunter2';
    const findings = await look({
      DATABASE_URL: wrong.href,
      REDIS_URL: `redis://:hunter2@127.0.0.1:${port}`,
      MLFLOW_TRACKING_URI: `http://127.0.0.1:${port}`,
      ALPACA_API_KEY_ID: 'hunter2',
      ALPACA_API_SECRET_KEY: 'hunter2',
      ALPACA_DATA_URL: `http://127.0.0.1:${port}`,
      POLYGON_API_KEY: 'hunter2',
      POLYGON_URL: `http://127.0.0.1:${port}`,
    });
    for (const name of ['database', 'redis', 'mlflow', 'alpaca', 'polygon']) {
      expect(findings[name], name).toMatchObject({ state: 'broken', remedy: expect.stringMatching(/\w/) });
    }
    expect(JSON.stringify(findings)).not.toContain('hunter2');
  });

  it('says which vendors are configured, and which half of a key is missing', async () => {
    expect(await look({})).toMatchObject({
      alpaca: { state: 'off', detail: expect.stringContaining('ALPACA_API_KEY_ID') },
      polygon: { state: 'off', detail: expect.stringContaining('POLYGON_API_KEY') },
      binance: { state: 'ok', detail: expect.stringContaining('api.binance.com') },
    });
    const half = await look({ APCA_API_KEY_ID: 'a', SIGNALBOX_VENDORS: 'alpaca' });
    expect(half).toMatchObject({
      alpaca: { state: 'broken', remedy: 'Set ALPACA_API_SECRET_KEY.' },
      binance: { state: 'off' },
    });
  });

  it('finds a database that is newer than the code', async () => {
    await database.pool.query("INSERT INTO migrations (name, run_on) VALUES ('9999_future', now())");
    expect((await look({})).database).toMatchObject({
      state: 'broken',
      detail: expect.stringContaining('9999_future'),
    });
    await database.pool.query("DELETE FROM migrations WHERE name = '9999_future'");
  });
});

describeWith('redis', 'doctor with a Redis server', () => {
  it('finds it', async () => {
    const redis = await startRedisServer();
    expect((await look({ REDIS_URL: redis.url })).redis).toMatchObject({
      state: 'ok',
      detail: expect.stringMatching(/Redis \d/),
    });
    await redis.stop();
    expect((await look({ REDIS_URL: redis.url })).redis!.state).toBe('broken');
  });
});
