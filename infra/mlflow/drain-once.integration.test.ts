import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { loadConfig } from '../config.ts';
import { sha256 } from '../hash.ts';
import { LATE_MS, startDroppingProxy, type DroppingProxy, type Fault } from '../testing/dropping-proxy.ts';
import { describeWith } from '../testing/requirements.ts';
import { countOnServer, DELIVERED_ONCE, sampleTraining } from '../testing/sample-training.ts';
import { SOURCE_ARGUMENTS } from '../testing/source-arguments.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { drainOutbox, type DrainOptions } from './drain.ts';
import { MlflowClient } from './mlflow-client.ts';
import { enqueue, outboxStatus } from './outbox-store.ts';
import { ensureTrackingServer, type TrackingServer } from './tracking-server.ts';

const SEARCHES = /\/search$/;
const CREATES = [
  'experiments/create',
  'runs/create',
  'logged-models',
  'registered-models/create',
  'model-versions/create',
];

function changesTheServer(call: string): boolean {
  return !call.startsWith('GET') && !SEARCHES.test(call);
}

function createOf(call: string): string | undefined {
  return CREATES.find((path) => call === `POST /api/2.0/mlflow/${path}`);
}

/** Strikes each different request once. */
function firstTime(fault: Fault, strikes: (call: string) => boolean): DroppingProxy['decide'] {
  const struck = new Set<string>();
  return (call, body) => {
    const key = sha256(Buffer.concat([Buffer.from(call), body]));
    if (!strikes(call) || struck.has(key)) return null;
    struck.add(key);
    return fault;
  };
}

describeWith('python', 'each entry once, whatever gets lost', () => {
  const storeDir = mkdtempSync(join(tmpdir(), 'signalbox-mlflow-'));
  let server: TrackingServer;
  let direct: MlflowClient;
  let proxy: DroppingProxy;
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    server = await ensureTrackingServer({ dataDir: loadConfig().dataDir, storeDir });
    direct = new MlflowClient({ uri: server.uri });
    proxy = await startDroppingProxy(server.uri);
  });

  beforeEach(() => {
    proxy.seen.length = 0;
    proxy.decide = () => null;
    proxy.onFault = () => undefined;
  });

  afterAll(async () => {
    await proxy?.close();
    await server?.stop();
    await database?.drop();
    rmSync(storeDir, { recursive: true, force: true });
  });

  const throughProxy = (timeoutMs = 30_000): MlflowClient =>
    new MlflowClient({ uri: proxy.uri, timeoutMs, breakMs: 1, failuresMax: 1000 });

  /** Drains until nothing is left, as a worker does that drains now and then. Returns how many drains it took. */
  async function drainToTheEnd(client: MlflowClient, options: DrainOptions): Promise<number> {
    for (let drains = 1; drains <= 100; drains++) {
      const report = await drainOutbox(database, client, options);
      expect(report.refused).toEqual([]);
      if (report.pending === 0) return drains;
      expect(report.outage).not.toBeNull();
    }
    throw new Error('It never ends.');
  }

  it.each(['lose-answer', 'lose-request'] as const)('%s of every request that changes something', async (fault) => {
    await enqueue(database.pool, fault, sampleTraining(fault));
    proxy.decide = firstTime(fault, changesTheServer);
    // Without retries inside a drain: each fault ends one drain, and another one goes on.
    expect(await drainToTheEnd(throughProxy(), { retriesMax: 0, settleMs: 10 })).toBeGreaterThan(15);
    expect(await countOnServer(direct, fault)).toEqual(DELIVERED_ONCE);
  });

  it('retries inside one drain look up as well', async () => {
    await enqueue(database.pool, 'retry', sampleTraining('retry'));
    proxy.decide = firstTime('lose-answer', changesTheServer);
    const report = await drainOutbox(database, throughProxy(), { retriesMax: 4, backoffMs: 5, settleMs: 10 });
    expect(report).toMatchObject({ pending: 0, outage: null, refused: [] });
    expect(await countOnServer(direct, 'retry')).toEqual(DELIVERED_ONCE);
  });

  it('waits for requests that reach the server long after they were given up', async () => {
    await enqueue(database.pool, 'late', sampleTraining('late'));
    const left = ['experiments/create', 'runs/create', 'model-versions/create'];
    proxy.decide = (call) => {
      const found = left.indexOf(createOf(call) ?? '');
      if (found < 0) return null;
      left.splice(found, 1);
      return 'late';
    };
    // The experiment's name is unique on the server, so it needs no waiting, only a second look.
    await drainToTheEnd(throughProxy(LATE_MS / 2), { retriesMax: 3, backoffMs: 50, settleMs: 2 * LATE_MS });
    expect(left).toEqual([]);
    expect(await countOnServer(direct, 'late')).toEqual(DELIVERED_ONCE);
  });

  it('kill -9 of the drainer before and after creates', async () => {
    await enqueue(database.pool, 'killed', sampleTraining('killed'));
    // Each strikes once: a process of its own for each takes its time.
    const points = [
      ...['runs/create', 'model-versions/create'].map((path) => ({ path, fault: 'lose-request' as Fault })),
      ...CREATES.map((path) => ({ path, fault: 'lose-answer' as Fault })),
    ];
    const all = points.length;
    proxy.decide = (call) => {
      const next = points.findIndex(({ path }) => path === createOf(call));
      return next < 0 ? null : points.splice(next, 1)[0]!.fault;
    };
    let kills = 0;
    while ((await outboxStatus(database.pool)).pending > 0) {
      kills += (await drainInAnotherProcess()) === 'SIGKILL' ? 1 : 0;
      expect(kills).toBeLessThan(20);
    }
    expect([kills, points]).toEqual([all, []]);
    expect(await countOnServer(direct, 'killed')).toEqual(DELIVERED_ONCE);
  });

  /** Drains in a process of its own, which is killed when a fault strikes. Resolves to the signal that ended it. */
  async function drainInAnotherProcess(): Promise<NodeJS.Signals | null> {
    const module = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
    const code = `
      import pg from 'pg';
      import { drainOutbox } from ${module('./drain.ts')};
      import { MlflowClient } from ${module('./mlflow-client.ts')};
      const pool = new pg.Pool({ connectionString: process.env.TEST_DATABASE });
      const client = new MlflowClient({ uri: process.env.TEST_MLFLOW });
      const report = await drainOutbox({ pool }, client, { settleMs: 10 });
      await pool.end();
      process.exitCode = report.outage === null ? 0 : 1;`;
    const child = spawn(process.execPath, [...SOURCE_ARGUMENTS, '--input-type=module', '-e', code], {
      env: { ...process.env, TEST_DATABASE: database.url, TEST_MLFLOW: proxy.uri },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    proxy.onFault = () => child.kill('SIGKILL');
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (status, signal) => {
        if (status === 0 || signal === 'SIGKILL') resolve(signal);
        else reject(new Error(`The drainer ended with ${status ?? signal}.`));
      });
    });
  }
});
