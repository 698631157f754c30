import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentProgress } from '../../infra/terminal/progress.ts';
import { createQueueFactory } from '../../infra/redis/queue.ts';
import { startRedisServer, type RedisServer } from '../../infra/testing/redis-server.ts';
import { describeWith } from '../../infra/testing/requirements.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { readActions } from '../../models/monitoring/monitoring-store.ts';
import { listSchedules, removeSchedules, setSchedule } from '../../models/monitoring/supervision-schedule.ts';
import { findVersion } from '../../models/registry/model-store.ts';
import { readDecisions } from '../../models/promotion/decision-store.ts';
import { ALL_BARS as ALL, CALM_BARS as CALM, driftingBars } from '../testing/drifting-bars.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { makePlantedPlace, PLACE_CLOCK_MS, type PlantedPlace } from '../testing/planted-place.ts';
import { startSupervisor, superviseExperiment } from './supervise-experiment.ts';
import { supervise, type Supervision } from './supervise.ts';
import { supervisionText } from './supervision-commands.ts';

const NAME = 'watched';
const folder = mkdtempSync(join(tmpdir(), 'signalbox-supervise-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a champion whose market changes', () => {
  let database: TestDatabase;
  let place: PlantedPlace;

  /** Lets the feed come to `bars` bars and looks. */
  const look = async (bars: number, act = true): Promise<Supervision> => {
    place.show(bars);
    return supervise(await place.prepare(), {
      config: place.config,
      database,
      progress: silentProgress(),
      clock: () => PLACE_CLOCK_MS,
      signal: new AbortController().signal,
      experimentText: readFileSync(place.experimentPath, 'utf8'),
      kind: 'monitor',
      act,
    });
  };
  const champion = async (): Promise<number> => (await findVersion(database.pool, `${NAME}@champion`)).version;

  beforeAll(async () => {
    database = await createTestDatabase();
    const env = { DATABASE_URL: database.url, SIGNALBOX_WORKERS: '1', SIGNALBOX_HOME: join(folder, 'home') };
    const sections = { monitoring: { windowBars: 40, shadowBars: 20 }, registry: { expiresAfterDays: 350 } };
    place = makePlantedPlace(database, { folder, name: NAME, bars: driftingBars(), sections, env });
    place.show(CALM - 100);
    await place.train();
    await place.crown();
  });
  afterAll(async () => database?.drop());

  it('raises no alarm while nothing has changed, and looks without acting', async () => {
    const { report, action } = await look(CALM, false);
    expect(report).toMatchObject({ version: 1, alarms: [], predictions: 101, labelled: 100 });
    expect(report.features!.worst!.kolmogorov.ratio).toBeLessThan(report.features!.worst!.kolmogorov.limit);
    expect(report.scores!.live.brier).toBeCloseTo(report.scores!.expected.brier!, 1);
    expect(action).toBeNull();
  });

  it('notices the drift, trains a challenger on the newer data, and does so once', async () => {
    const { report, action } = await look(CALM + 60);
    expect(report.alarms).toContain('features');
    expect(action).toMatchObject({ kind: 'trained', detail: { version: 2 } });
    expect(action!.detail['because']).toContain('features');
    const told = await database.pool.query<{ entry_key: string }>(
      `SELECT entry_key FROM signalbox.tracking_entries WHERE stream = $1`,
      [`training/${String(action!.detail['trainingHash'])}`],
    );
    const run = `training/${String(action!.detail['trainingHash'])}`;
    const keys = told.rows.map(({ entry_key }) => entry_key);
    expect(keys).toEqual(expect.arrayContaining([`logBatch/${run}/pooled`, `finishRun/${run}/FINISHED`]));
    expect(await champion()).toBe(1);
    expect((await findVersion(database.pool, `${NAME}@challenger`)).version).toBe(2);
    const again = await look(CALM + 60);
    expect(again.action).toBeNull();
    expect(again.shadow).toEqual({ version: 2, labelledBars: 0, wantedBars: 20 });
  });

  it('shadows the challenger on live predictions, offers it to the gate, and keeps every reason', async () => {
    const { action, decision, shadow } = await look(CALM + 85);
    expect(shadow!.labelledBars).toBeGreaterThanOrEqual(20);
    const { rows } = await database.pool.query<{ role: string; n: number; novelty: number }>(
      `SELECT role, count(*)::int AS n, count(novelty)::int AS novelty FROM signalbox.live_predictions
       GROUP BY role ORDER BY role`,
    );
    expect(rows).toEqual([
      // One of them is of the champion, from when it was offered itself.
      { role: 'challenger', n: 27, novelty: 27 },
      { role: 'champion', n: 185, novelty: 185 },
    ]);
    expect(action).toMatchObject({ kind: 'offered', detail: { version: 2, outcome: decision!.outcome } });
    expect(decision!.criteria.map(({ name }) => name)).toEqual([
      'better',
      'leakage',
      'calibrated',
      'fresh',
      'compatible',
    ]);
    const stored = (await readDecisions(database.pool, NAME)).at(-1)!;
    expect(stored).toEqual(decision);
    expect(await champion()).toBe(decision!.outcome === 'promoted' ? 2 : 1);
    const unmet = decision!.criteria.filter(({ met }) => !met);
    expect(unmet.length > 0).toBe(decision!.outcome === 'refused');
    expect((await look(CALM + 86)).decision).toBeNull();
  });

  it('replaces a champion that has expired by one that is not shown to be worse', async () => {
    const trained = await look(ALL - 60);
    expect(trained.report.alarms).toContain('expired');
    expect(trained.action).toMatchObject({ kind: 'trained', detail: { version: 3 } });
    const { decision, ...offered } = await look(ALL - 30);
    expect(decision!.outcome, supervisionText({ ...offered, decision })).toBe('promoted');
    expect(decision!.criteria[0]!.text).toContain('may not trade (it expired on');
    expect(await champion()).toBe(3);
    const kinds = (await readActions(database.pool, NAME)).map(({ kind }) => kind);
    expect(kinds).toEqual(['trained', 'offered', 'trained', 'offered']);
    expect((await look(ALL - 30)).report).toMatchObject({ version: 3, alarms: [] });
  });

  it('is looked at by one at a time', async () => {
    const context = {
      config: place.config,
      clock: () => PLACE_CLOCK_MS,
      progress: silentProgress(),
      signal: new AbortController().signal,
      database: async () => database,
    };
    const options = { experiment: place.experimentPath, kind: 'monitor', act: false } as const;
    const both = await Promise.allSettled([
      superviseExperiment(context, options),
      superviseExperiment(context, options),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

function proveSchedules(startRedis: () => Promise<RedisServer | null>): void {
  it('runs looks at their times in any worker, replaces, lists and forgets them', async () => {
    const redis = await startRedis();
    const database = await createTestDatabase();
    const env = { DATABASE_URL: database.url, REDIS_URL: redis?.url ?? '', SIGNALBOX_WORKERS: '1' };
    const sections = { splits: { trainBars: 150, testBars: 100 } };
    const bars = plantedBars({ symbol: 'MADE', bars: 400, seed: 31, correlation: 0.3 });
    const place = makePlantedPlace(database, { folder, name: 'scheduled', bars, sections, env });
    place.show(350);
    await place.train();
    await place.crown();
    place.show(400);
    const queues = createQueueFactory({ redisUrl: redis?.url ?? null }, database, () => undefined);
    try {
      const job = { experiment: place.experimentPath, kind: 'monitor' } as const;
      await expect(setSchedule(queues, job, { pattern: 'whenever' })).rejects.toThrow(/no cron pattern/);
      await setSchedule(queues, job, { pattern: '30 21 * * 1-5' });
      expect(await listSchedules(queues)).toMatchObject([{ ...job, timing: '30 21 * * 1-5' }]);
      await setSchedule(queues, job, { everyMinutes: 1 / 60 });
      expect(await listSchedules(queues)).toHaveLength(1);
      const context = {
        config: place.config,
        clock: () => PLACE_CLOCK_MS,
        progress: silentProgress(),
        signal: new AbortController().signal,
        database: async () => database,
      };
      const worker = await startSupervisor(context, queues);
      const done = new Promise<unknown>((resolve, reject) => {
        worker.once('completed', (finished) => resolve(finished.returnvalue));
        worker.once('failed', (_failed, error) => reject(error));
      });
      expect(await done).toEqual({ alarms: [], action: null, outcome: null });
      expect(await removeSchedules(queues, place.experimentPath)).toBe(1);
      expect(await listSchedules(queues)).toEqual([]);
      const { rows } = await database.pool.query<{ report: { labelled: number } }>(
        'SELECT report FROM signalbox.monitoring_reports',
      );
      expect(rows[0]!.report.labelled).toBe(50);
    } finally {
      await queues.close(true);
      await database.drop();
      await redis?.stop();
    }
  });
}

describe('schedules on PostgreSQL', () => proveSchedules(async () => null));
describeWith('redis', 'schedules on Redis', () => proveSchedules(() => startRedisServer()));
