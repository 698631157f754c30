import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { promQueries, sqlFaults } from '../../infra/grafana/testing/board-faults.ts';
import { expandProm } from '../../infra/grafana/expand-query.ts';
import { silentProgress } from '../../infra/terminal/progress.ts';
import { databaseContext } from '../../infra/testing/command-context.ts';
import { describeWith } from '../../infra/testing/requirements.ts';
import { PrometheusServer } from '../../infra/testing/servers/prometheus-server.ts';
import { scrape } from '../../infra/testing/servers/scraped-metrics.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { preparePaper } from '../../trading/sessions/asked/prepare-session.ts';
import { runPaper } from '../../trading/sessions/paper-command.ts';
import { makePlantedPlace, PLACE_CLOCK_MS } from '../testing/planted-place.ts';
import { startSignalbox, type RunningProcess } from '../testing/run-process.ts';
import { supervise } from './supervise.ts';

const folder = mkdtempSync(join(tmpdir(), 'signalbox-model-boards-'));
let database: TestDatabase;

const scope = {
  from: new Date('1990-01-01'),
  to: new Date('2100-01-01'),
  intervalSeconds: 15,
  choices: {},
};

/** A real training, its champion watched over newer bars, and a paper session of what it predicted. */
beforeAll(async () => {
  database = await createTestDatabase();
  const env = { DATABASE_URL: database.url, SIGNALBOX_WORKERS: '1', SIGNALBOX_HOME: join(folder, 'home') };
  const bars = plantedBars({ symbol: 'MADE', bars: 960, seed: 31, correlation: 0.3 });
  const sections = { monitoring: { windowBars: 40, shadowBars: 20 }, registry: { expiresAfterDays: 350 } };
  const place = makePlantedPlace(database, { folder, name: 'boards', bars, sections, env });
  place.show(860);
  await place.train();
  await place.crown();
  const context = databaseContext(database, { env });
  const asked = { speed: 'max', broker: 'simulated' };
  await runPaper(context, asked, () => preparePaper(context, place.experimentPath, asked));
  place.show(960);
  await supervise(await place.prepare(), {
    config: place.config,
    database,
    progress: silentProgress(),
    clock: () => PLACE_CLOCK_MS,
    signal: new AbortController().signal,
    experimentText: readFileSync(place.experimentPath, 'utf8'),
    kind: 'monitor',
    act: false,
  });
  // What the store of a search writes, which takes minutes.
  await database.pool.query(
    `INSERT INTO searches (hash, experiment_name, data_hash, plan) VALUES ('searched', 'boards', 'd', '{}')`,
  );
});
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

describe('boards over a training and a session of it', () => {
  it('have rows for every panel of models', async () => {
    expect(await sqlFaults(database.pool, ['signalbox-models'], scope)).toEqual([]);
  });

  it('have rows for every panel of research', async () => {
    expect(await sqlFaults(database.pool, ['signalbox-research'], scope)).toEqual([]);
  });
});

describe('a worker that is measured', () => {
  let worker: RunningProcess;
  let url = '';

  beforeAll(async () => {
    const env = { DATABASE_URL: database.url, SIGNALBOX_HOME: join(folder, 'home'), SIGNALBOX_METRICS_PORT: '0' };
    worker = startSignalbox(['worker', '--concurrency', '1'], process.env, env);
    let told = '';
    worker.child.stderr!.on('data', (chunk: Buffer) => (told += chunk.toString()));
    await worker.said('metrics at ');
    await worker.said('Ctrl-C stops it');
    url = /metrics at (http:\S+)\/metrics/.exec(told)![1]!;
  });
  afterAll(async () => {
    worker.child.kill('SIGTERM');
    await worker.ended;
  });

  it('tells of its queues, and is ready', async () => {
    const now = await scrape(url);
    for (const state of ['waiting', 'active', 'failed'])
      expect(now.value(`queue_jobs{queue="signalbox-supervision",state="${state}"}`), state).toBe(0);
    expect(now.value('jobs_total{queue="signalbox-supervision",result="failed"}')).toBe(0);
    const ready = await fetch(`${url}/health/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([
      200,
      { parts: { startup: { ok: true }, database: { ok: true }, queue: { ok: true } } },
    ]);
  });

  describeWith('prometheus', 'panels of queues', () => {
    it('have a series each', async () => {
      const prometheus = await PrometheusServer.start([new URL(url).host]);
      try {
        const asked = promQueries(['signalbox-system']).filter(({ target }) => /queue/.test(target.prom));
        expect(asked).toHaveLength(2);
        const isThere = async (): Promise<boolean> => {
          const found = await Promise.all(asked.map(({ target }) => prometheus.query(expandProm(target.prom, scope))));
          return found.every((series) => series.length > 0);
        };
        await expect.poll(isThere).toBe(true);
      } finally {
        await prometheus.stop();
      }
    });
  });
});
