import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '../../infra/config.ts';
import { drainOutbox } from '../../infra/mlflow/drain.ts';
import type { MlflowRun } from '../../infra/mlflow/mlflow-answers.ts';
import { MlflowClient } from '../../infra/mlflow/mlflow-client.ts';
import { outboxStatus } from '../../infra/mlflow/outbox-store.ts';
import { ensureTrackingServer, type TrackingServer } from '../../infra/mlflow/tracking-server.ts';
import { describeWith } from '../../infra/testing/requirements.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { findVersion, listVersions } from '../../models/registry/model-store.ts';
import { SCORE_NAMES } from '../../models/scores/score.ts';
import { assembleTraining } from '../../models/training/assemble-training.ts';
import { FINAL_FOLD } from '../../models/registry/training-names.ts';
import type { FoldSummary } from '../../models/training/fold/fold-summary.ts';
import { runFoldJob } from '../../models/training/run-fold-job.ts';
import { readFoldResults, readTraining, type TrainingPlan } from '../../models/registry/training-store.ts';
import { startSignalbox, type RunningProcess } from '../testing/run-process.ts';
import { makeTrainingPlace } from '../testing/training-place.ts';
import { PATIENCE_MS } from '../../infra/testing/patience.ts';

// A server start alone took two minutes on two cores that twenty other processes wanted.
const FOLDS = 4;
const QUICK = { backoffMs: 10, retriesMax: 1, settleMs: 20 };

type Scores = Readonly<Record<(typeof SCORE_NAMES)[number], number>>;

/** The stored side of a training, to hold the server against. */
interface StoredTraining {
  readonly hash: string;
  readonly plan: TrainingPlan;
  readonly folds: Map<number, FoldSummary>;
  readonly model: Buffer;
}

describeWith('python', 'an experiment told to a real MLflow server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-tracked-'));
  const storeDir = join(folder, 'mlflow');
  let server: TrackingServer;
  let client: MlflowClient;
  let database: TestDatabase;
  let env: NodeJS.ProcessEnv;

  const startServer = async (): Promise<void> => {
    server = await ensureTrackingServer({ dataDir: loadConfig().dataDir, storeDir });
    client = new MlflowClient({ uri: server.uri, breakMs: 1 });
    env = { ...env, MLFLOW_TRACKING_URI: server.uri };
  };
  const writeExperiment = async (name: string, trees: number) =>
    makeTrainingPlace(database, { folder, trees, env, name });
  const start = (path: string): RunningProcess => startSignalbox(['run', path, '--once'], process.env, env);

  async function storedTraining(name: string): Promise<StoredTraining> {
    const { rows } = await database.pool.query<{ hash: string; content: Buffer }>(
      `SELECT t.hash, m.content FROM signalbox.trainings t JOIN signalbox.models m ON m.training_hash = t.hash
       WHERE experiment_name = $1 AND m.fold IS NULL ORDER BY t.created_at DESC LIMIT 1`,
      [name],
    );
    const { hash, content } = rows[0]!;
    const folds = await readFoldResults<FoldSummary>(database.pool, hash);
    folds.delete(FINAL_FOLD);
    return { hash, plan: await readTraining(database.pool, hash), folds, model: content };
  }

  /** The pooled scores beside the newest version, as `models show` has them. */
  async function pooledOf(name: string): Promise<Scores> {
    const versions = await listVersions(database.pool, name);
    return versions.at(-1)!.evidence['outOfSample'] as Scores;
  }

  async function runsOf(name: string): Promise<{ parent: MlflowRun; nested: MlflowRun[]; all: MlflowRun[] }> {
    const all = await client.searchRuns((await client.findExperiment(name))!.experiment_id);
    const parent = all.find((run) => tagOf(run, 'mlflow.parentRunId') === undefined)!;
    return { parent, nested: all.filter((run) => tagOf(run, 'mlflow.parentRunId') === parent.info.run_id), all };
  }

  /** Everything of a run of the main job is on the server, and each thing once. */
  async function expectToldOnce(name: string): Promise<void> {
    const stored = await storedTraining(name);
    const { parent, nested, all } = await runsOf(name);
    expect(all).toHaveLength(1 + FOLDS + 1);
    expect(nested.map(({ info }) => info.run_name).sort()).toEqual([
      'final model',
      ...Array.from({ length: FOLDS }, (_, fold) => `fold ${fold + 1}`),
    ]);
    expect(all.map(({ info }) => info.status)).toEqual(all.map(() => 'FINISHED'));
    const pooled = await pooledOf(name);
    for (const score of SCORE_NAMES) {
      // Plain names of the training's run are of all out-of-sample rows, one point each.
      expect(await client.metricHistory(parent.info.run_id, score)).toMatchObject([{ step: 0, value: pooled[score] }]);
    }
    for (const run of nested.filter(({ info }) => info.run_name !== 'final model')) {
      const number = Number(run.info.run_name.slice('fold '.length));
      const fold = stored.folds.get(number - 1)!;
      const own = await client.metricHistory(run.info.run_id, 'brier');
      expect(own).toMatchObject([{ step: number, value: fold.brier }]);
      expect(tagOf(run, 'fold')).toBe(String(number));
      expect(textsOf(run.data.params)).toMatchObject({ 'train.from': fold.train.from, 'test.to': fold.test.to });
    }
    expect(await client.metricHistory(parent.info.run_id, 'sharpe')).toHaveLength(1);
    expect(parent.inputs.dataset_inputs).toHaveLength(1);
    expect(await client.searchModelVersions(`name = '${name}'`)).toHaveLength(1);
    await expectArtifacts(name, parent, stored);
    expect(await drainOutbox(database, client, QUICK)).toMatchObject({ delivered: 0, pending: 0, refused: [] });
  }

  async function expectArtifacts(name: string, parent: MlflowRun, stored: StoredTraining): Promise<void> {
    const of = (path: string): Promise<Buffer> => client.getArtifact(parent.info.artifact_uri, path);
    const files = (await client.listArtifacts(parent.info.run_id)).map(({ path }) => path);
    const report = `report-${stored.plan.experimentHash.slice(0, 12)}.html`;
    // Beside what is not committed here, where there is something.
    const always = files.filter((name) => name !== 'source.diff').sort();
    expect(always).toEqual(['experiment.yaml', 'model', report]);
    const reports = join(folder, 'home', 'reports', `${name}-${stored.hash.slice(0, 8)}`);
    expect(readdirSync(reports)).toContain('report.html');
    expect((await of(report)).equals(readFileSync(join(reports, 'report.html')))).toBe(true);
    expect((await of('experiment.yaml')).equals(readFileSync(join(folder, `${name}.yaml`)))).toBe(true);
    expect((await of('model/ensemble.bin')).equals(stored.model)).toBe(true);
  }

  beforeAll(async () => {
    database = await createTestDatabase();
    env = { DATABASE_URL: database.url, REDIS_URL: '', SIGNALBOX_HOME: join(folder, 'home'), SIGNALBOX_WORKERS: '1' };
    await startServer();
  });
  afterAll(async () => {
    await server?.stop();
    await database?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('receives experiment, runs, parameters, metrics, tags, dataset, artifacts and the version', async () => {
    const { experimentPath } = await writeExperiment('tracked', 40);
    const { code, stderr } = await start(experimentPath).ended;
    expect(code, stderr).toBe(0);
    expect(await outboxStatus(database.pool)).toMatchObject({ pending: 0, refused: 0 });
    await expectToldOnce('tracked');

    const { plan, hash } = await storedTraining('tracked');
    const { parent } = await runsOf('tracked');
    const tags = textsOf(parent.data.tags);
    expect(tags).toMatchObject({
      'mlflow.source.git.commit': execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim(),
      'data.hash': plan.dataHash,
      'features.hash': plan.featureSetHash,
      'training.hash': hash,
      'tensorflow.backend': 'none',
      seed: String(plan.experiment.seed),
    });
    expect(tags['git.dirty']).toMatch(/^(true|false)$/);
    expect(tags['signalbox.entry']).toContain(`createRun/training/${hash}`);
    expect(textsOf(parent.data.params)).toMatchObject({
      'splits.trainBars': '300',
      'estimators.forest.trees': '40',
      'ensemble.innerFolds': '3',
    });
    expect(parent.inputs.dataset_inputs[0]).toMatchObject({
      dataset: { digest: plan.dataHash.slice(0, 36), source_type: 'postgres' },
      tags: [{ key: 'mlflow.data.context', value: 'training' }],
    });
    const challenger = await client.findVersionByAlias('tracked', 'challenger');
    expect(challenger).toMatchObject({ version: '1', run_id: parent.info.run_id });
    // On these bars it is no better than holding them, and the server is told so.
    expect(await client.findVersionByAlias('tracked', 'champion')).toBeUndefined();
    expect(tags).toMatchObject({ 'promotion.outcome': 'refused', 'promotion.version': '1' });
    expect(tags['promotion.better']).toContain('not met: there is no champion');
    const [model, ...others] = await client.searchLoggedModels(parent.info.experiment_id, '');
    expect(others).toEqual([]);
    expect(challenger!.source).toBe(`models:/${model!.info.model_id}`);
    expect(parent.outputs.model_outputs).toMatchObject([{ model_id: model!.info.model_id }]);
    const kept = await client.getArtifact(model!.info.artifact_uri, 'ensemble.bin');
    expect(kept.equals((await storedTraining('tracked')).model)).toBe(true);
  });

  it('completes while the server is stopped in the middle, and the entries are delivered once when it is back', async () => {
    const { experimentPath } = await writeExperiment('interrupted', 150);
    const run = start(experimentPath);
    await until('the first fold told', async () => {
      const { rowCount } = await database.pool.query(
        `SELECT 1 FROM signalbox.tracking_entries JOIN signalbox.trainings ON stream = 'training/' || hash
         WHERE experiment_name = 'interrupted' AND state = 'delivered' AND entry_key LIKE 'createRun/%/fold/%'`,
      );
      return rowCount! > 0;
    });
    await server.stop();
    const { code, stderr } = await run.ended;
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('wait in the outbox');
    const { pending } = await outboxStatus(database.pool);
    expect(pending).toBeGreaterThan(5);
    await startServer();
    expect(await drainOutbox(database, client, QUICK)).toMatchObject({ delivered: pending, pending: 0, refused: [] });
    await expectToldOnce('interrupted');
    expect(await client.findVersionByAlias('interrupted', 'challenger')).toMatchObject({ version: '1' });
  });

  it('makes a version champion by force, and a later training of the same name the challenger', async () => {
    const forced = ['models', 'promote', 'tracked@1', '--force', '--reason', 'to see it live', '--json'];
    const { code, stdout, stderr } = await startSignalbox(forced, process.env, env).ended;
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'overridden', version: 1, reason: 'to see it live' });
    const place = await writeExperiment('tracked', 10);
    const trainingHash = await place.planAfresh();
    const context = { clock: Date.now, signal: new AbortController().signal, onProgress: () => undefined };
    for (let fold = FINAL_FOLD; fold < FOLDS; fold++) await runFoldJob(database, { trainingHash, fold }, context);
    await assembleTraining(database, trainingHash);
    expect(await drainOutbox(database, client, QUICK)).toMatchObject({ pending: 0, refused: [], outage: null });
    expect(await client.findVersionByAlias('tracked', 'champion')).toMatchObject({ version: '1' });
    expect(await client.findVersionByAlias('tracked', 'challenger')).toMatchObject({ version: '2' });
    expect(await findVersion(database.pool, 'tracked@champion')).toMatchObject({ version: 1 });
    expect(await findVersion(database.pool, 'tracked@challenger')).toMatchObject({ version: 2 });
  });
});

function tagOf(run: MlflowRun, name: string): string | undefined {
  return run.data.tags.find(({ key }) => key === name)?.value;
}

function textsOf(texts: readonly { key: string; value: string }[]): Record<string, string> {
  return Object.fromEntries(texts.map(({ key, value }) => [key, value]));
}

async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error(`It never came to this: ${what}.`);
    await sleep(50);
  }
}
