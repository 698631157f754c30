import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createQueueFactory } from '../../infra/redis/queue.ts';
import { startRedisServer, type RedisServer } from '../../infra/testing/redis-server.ts';
import { describeWith } from '../../infra/testing/requirements.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { TRIAL_QUEUE } from '../../models/search/search-queues.ts';
import { requestSearchCancel } from '../../models/search/search-store.ts';
import { PATIENCE_MS } from '../../infra/testing/patience.ts';
import { DAY_MS } from '../../features/timeframe.ts';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import { randomWalkBars } from '../../trading/testing/random-walk-bars.ts';
import { readHistory } from '../judgement/trial-store.ts';
import type { OptimizeResult } from './optimize-result.ts';
import type { TradedRules } from './rules/rule-trial.ts';
import { countedRun } from './rules/run-counted.ts';
import { sharedBars } from './rules/run-trials.ts';
import { startSignalbox, type RunningProcess } from '../testing/run-process.ts';

// A search takes seconds; on two cores that others wanted as well, processes took ten times as long to start.
const folder = mkdtempSync(join(tmpdir(), 'signalbox-optimize-'));
const path = join(folder, 'searched.yaml');
writeFileSync(
  path,
  `name: searched
universe: simulated-2
data: { source: simulated, simulated: { bars: 520, seed: 5 } }
features: ['return(1)', 'closelocation()', 'zscore(close,20)']
splits: { trainBars: 250, testBars: 130 }
estimators:
  - { name: forest, kind: random-forest, trees: 60, maxDepth: 4, minLeafRows: 20 }
ensemble: { innerFolds: 2 }
signals: { buyAbove: 0.51, sellBelow: 0.49 }
search:
  method: tpe
  trials: 7
  tpe: { startup: 3, batch: 2 }
  space:
    estimators.forest.maxDepth: { int: [2, 6] }
    estimators.forest.minLeafRows: { int: [10, 60] }
`,
);
/** Two outer folds and all rows, seven trials each, and a test of each fold. */
const JOBS = 3 * 7 + 2;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('optimize on the queue on PostgreSQL', () => {
  const place = makePlace(async () => null);
  proveResumed(place);
  proveCancelled(place);
  proveRulesResumed(place);
});
describeWith('redis', 'optimize on the queue on Redis', () => proveCancelled(makePlace(() => startRedisServer())));

interface Place {
  readonly database: TestDatabase;
  readonly redis: RedisServer | null;
  readonly env: NodeJS.ProcessEnv;
}

/** A database, and a queue where `startRedis` gives one, for one suite. */
function makePlace(startRedis: () => Promise<RedisServer | null>): () => Place {
  let place: Place;
  beforeAll(async () => {
    const redis = await startRedis();
    const database = await createTestDatabase();
    const backend = redis === null ? 'postgres' : 'redis';
    const env = {
      DATABASE_URL: database.url,
      REDIS_URL: redis?.url ?? '',
      MLFLOW_TRACKING_URI: '',
      SIGNALBOX_WORKERS: '1',
    };
    place = { database, redis, env: { ...env, SIGNALBOX_HOME: join(folder, backend) } };
  });
  afterAll(async () => {
    await place?.database.drop();
    await place?.redis?.stop();
  });
  return () => place;
}

const start = (env: NodeJS.ProcessEnv, ...args: string[]): RunningProcess =>
  startSignalbox(['optimize', path, '--json', ...args], process.env, env);

async function result(running: RunningProcess): Promise<OptimizeResult> {
  const { code, stdout, stderr } = await running.ended;
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as OptimizeResult;
}

async function journaled({ database }: Place): Promise<number> {
  const { rows } = await database.pool.query<{ n: number }>('SELECT count(*)::int AS n FROM signalbox.search_trials');
  return rows[0]!.n;
}

async function until(check: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error('It never came to this.');
    await sleep(20);
  }
}

function proveResumed(place: () => Place): void {
  it('killed and started again ends as if undisturbed: same proposals, each trial once, counted once and told once', async () => {
    const { database, env } = place();
    const other = await createTestDatabase();
    const undisturbed = await result(start({ ...env, DATABASE_URL: other.url }));
    await other.drop();
    const killed = start(env);
    await until(async () => (await journaled(place())) >= 8);
    killed.kill();
    await killed.ended;
    expect(await journaled(place())).toBeLessThan(JOBS);
    const written = join(folder, 'chosen.yaml');
    const resumed = await result(start(env, '--write', written));
    expect(resumed).toEqual(undisturbed);
    expect(await journaled(place())).toBe(JOBS);
    const { rows } = await database.pool.query<{ kind: string; n: number }>(
      `SELECT kind, count(*)::int AS n FROM signalbox.tracking_entries WHERE stream LIKE 'search/%' GROUP BY kind`,
    );
    const told = Object.fromEntries(rows.map(({ kind, n }) => [kind, n]));
    expect(told).toEqual({ createRun: JOBS + 1, logBatch: JOBS + 2, finishRun: JOBS + 1, logArtifact: 1 });
    const counted = await database.pool.query<{ n: number }>('SELECT count(*)::int AS n FROM signalbox.trials');
    // The search's own record comes on top.
    expect(counted.rows[0]!.n).toBe(resumed.trials + 1);
    const chosen = parse(readFileSync(written, 'utf8')) as { estimators: Record<string, unknown>[]; search: unknown };
    expect(chosen.search).toBeNull();
    expect(chosen.estimators[0]!['maxDepth']).toBe(resumed.parameters['estimators.forest.maxDepth']);
  });
}

/** In this process, where it is known at which trial it is stopped. */
function proveRulesResumed(place: () => Place): void {
  it('a search of rules that is stopped keeps and counts what is done, and ends as if undisturbed', async () => {
    const { database } = place();
    const bars = sharedBars(randomWalkBars('RULES', 700, { seed: 8, barMs: DAY_MS }));
    const rules: TradedRules = {
      ...{ bars: [bars], calendar: 'none', sizing: { kind: 'all-in' }, longShort: false, costs: { feeBps: 5 } },
      ...{ limits: NAMED_LIMITS.unbounded, capital: 100_000, lot: 1 },
    };
    const parameters = [2, 3, 4, 5, 6, 7, 8, 9].flatMap((fast) => [20, 30, 40, 50].map((slow) => ({ fast, slow })));
    const searched = { kind: 'strategy', strategy: 'sma-cross', rules } as const;
    const counted = { searched, dataHash: 'rules', threads: 1 };
    const undisturbed = await countedRun({ ...counted, database: null })(parameters);
    const controller = new AbortController();
    let done = 0;
    const onDone = (trials: number): void => {
      done += trials;
      if (done >= 5) controller.abort(new Error('Stopped by SIGINT.'));
    };
    const { signal } = controller;
    await expect(countedRun({ ...counted, database, signal, onDone })(parameters)).rejects.toThrow('SIGINT');
    const kept = (await readHistory(database, 'rules')).trials;
    expect(kept).toBe(done);
    const told: number[] = [];
    const resumed = await countedRun({ ...counted, database, onDone: (trials) => told.push(trials) })(parameters);
    expect(resumed).toEqual(undisturbed);
    // What was kept is told at once and not run again.
    expect(told).toEqual([kept, ...new Array<number>(parameters.length - kept).fill(1)]);
    expect((await readHistory(database, 'rules')).trials).toBe(parameters.length);
  });
}

function proveCancelled(place: () => Place): void {
  it('is cancelled from elsewhere, goes on later and leaves no job behind', async () => {
    const { database, env, redis } = place();
    const before = await journaled(place());
    const args = ['--trials', '4', '--method', 'random'];
    const running = start(env, ...args);
    await until(async () => (await journaled(place())) > before);
    const { rows } = await database.pool.query<{ hash: string }>(
      'SELECT hash FROM signalbox.searches ORDER BY created_at DESC LIMIT 1',
    );
    await requestSearchCancel(database.pool, rows[0]!.hash);
    const { code, stderr } = await running.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/The search was cancelled/);
    expect((await result(start(env, ...args))).ranking).toHaveLength(4);
    const queues = createQueueFactory({ redisUrl: redis?.url ?? null }, database, () => undefined);
    const counts = await queues.queue(TRIAL_QUEUE).getJobCounts('active', 'waiting', 'prioritized', 'failed');
    await queues.close();
    expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(0);
  });
}
