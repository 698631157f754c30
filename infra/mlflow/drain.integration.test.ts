import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '../config.ts';
import { describeWith } from '../testing/requirements.ts';
import { countOnServer, DELIVERED_ONCE, sampleTraining, sampleWeights } from '../testing/sample-training.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { drainOutbox } from './drain.ts';
import { MlflowClient } from './mlflow-client.ts';
import { enqueue, outboxStatus, requeueRefused } from './outbox-store.ts';
import { ensureTrackingServer, type TrackingServer } from './tracking-server.ts';

const QUICK = { backoffMs: 10, retriesMax: 1, settleMs: 20 };

describeWith('python', 'the outbox over a real MLflow server', () => {
  const storeDir = mkdtempSync(join(tmpdir(), 'signalbox-mlflow-'));
  let server: TrackingServer;
  let database: TestDatabase;
  let client: MlflowClient;
  const start = async (): Promise<void> => {
    server = await ensureTrackingServer({ dataDir: loadConfig().dataDir, storeDir });
    client = new MlflowClient({ uri: server.uri, breakMs: 1 });
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    await start();
  });

  afterAll(async () => {
    await server?.stop();
    await database?.drop();
    rmSync(storeDir, { recursive: true, force: true });
  });

  it('delivers everything a training job tells, and a second drain has nothing to do', async () => {
    await enqueue(database.pool, 'job-all', sampleTraining('all'));
    const { pending } = await outboxStatus(database.pool);
    const report = await drainOutbox(database, client, QUICK);
    expect(report).toMatchObject({ delivered: pending, pending: 0, refused: [], outage: null, stalled: [] });
    expect(await countOnServer(client, 'all')).toEqual(DELIVERED_ONCE);

    const { experiment_id } = (await client.findExperiment('all'))!;
    const runs = await client.searchRuns(experiment_id);
    const tagOf = (run: (typeof runs)[number], name: string) => run.data.tags.find(({ key }) => key === name)?.value;
    const parent = runs.find(({ info }) => info.run_name === 'all/run')!;
    const folds = runs.filter((run) => tagOf(run, 'mlflow.parentRunId') === parent.info.run_id);
    expect(folds.map(({ info }) => info.run_name).sort()).toEqual(['all/fold-0', 'all/fold-1']);
    expect(parent.data.params).toEqual(expect.arrayContaining([{ key: 'seed', value: '7' }]));
    expect(tagOf(parent, 'git.commit')).toBe('abc');
    expect(tagOf(parent, 'dirty')).toBe('false');
    expect(tagOf(parent, 'signalbox.entry')).toMatch(/^[0-9a-f]{8}\/createRun\/all\/run$/);
    expect(parent.inputs.dataset_inputs[0]).toMatchObject({
      dataset: { name: 'bars', digest: 'f'.repeat(36) },
      tags: [{ key: 'mlflow.data.context', value: 'training' }],
    });
    const history = await client.metricHistory(folds[0]!.info.run_id, 'loss');
    expect(history.map(({ step }) => step).sort()).toEqual([0, 1, 2, 3, 4]);
    const weights = await client.getArtifact(parent.info.artifact_uri, 'model/weights.bin');
    expect(weights.equals(sampleWeights)).toBe(true);
    const [model] = await client.searchLoggedModels(experiment_id, '');
    expect(model!.info).toMatchObject({ status: 'LOGGED_MODEL_READY', source_run_id: parent.info.run_id });
    expect((await client.getArtifact(model!.info.artifact_uri, 'weights.bin')).equals(sampleWeights)).toBe(true);
    const champion = await client.findVersionByAlias('model-all', 'champion');
    expect(champion).toMatchObject({ version: '1', run_id: parent.info.run_id, aliases: ['candidate', 'champion'] });
    expect(champion!.tags).toEqual(expect.arrayContaining([{ key: 'auc', value: '0.55' }]));
    expect(await client.findVersionByAlias('model-all', 'nobody')).toBeUndefined();

    await enqueue(database.pool, 'job-all', sampleTraining('all'));
    expect(await drainOutbox(database, client, QUICK)).toMatchObject({ delivered: 0, pending: 0 });
  });

  it('carries what the server is particular about: large batches, odd names, NaN, long values', async () => {
    const timestampMs = Date.UTC(2021, 0, 1);
    const many = Array.from({ length: 2345 }, (_, step) => ({ key: 'loss', value: step / 7, step, timestampMs }));
    const odd = [NaN, Infinity, -Infinity].map((value, step) => ({ key: 'ic.rsi(14)', value, step, timestampMs }));
    const params = Object.fromEntries(Array.from({ length: 230 }, (_, i) => [`p${i}`, 'v'.repeat(5900)]));
    const tags = Object.fromEntries(Array.from({ length: 130 }, (_, i) => [`t${i}`, `${i}`]));
    const long = 'é'.repeat(7000);
    await enqueue(database.pool, 'job-odd', [
      { kind: 'createRun', runKey: 'odd', experimentName: 'o\'"dd/ é', runName: 'odd', startTimeMs: timestampMs, tags },
      {
        kind: 'logBatch',
        runKey: 'odd',
        part: 'a',
        params: { ...params, 'sma(3)': long },
        metrics: [...many, ...odd],
        tags,
      },
      {
        kind: 'logArtifact',
        runKey: 'odd',
        path: 'a b/é %2f+.txt',
        contentType: 'text/plain',
        content: Buffer.from('x'),
      },
      { kind: 'logArtifact', runKey: 'odd', path: 'empty', contentType: 'text/plain', content: Buffer.alloc(0) },
    ]);
    expect(await drainOutbox(database, client, QUICK)).toMatchObject({ pending: 0, refused: [] });
    const { experiment_id } = (await client.findExperiment('o\'"dd/ é'))!;
    const [run] = await client.searchRuns(experiment_id);
    const { run_id: runId, artifact_uri: artifactUri } = run!.info;
    const loss = await client.metricHistory(runId, 'loss');
    expect(loss.map(({ step, value }) => value === step / 7).filter(Boolean)).toHaveLength(2345);
    const values = (await client.metricHistory(runId, 'ic.rsi_14')).sort((a, b) => a.step - b.step);
    expect(values.map(({ value }) => value)).toEqual([NaN, Number.MAX_VALUE, -Number.MAX_VALUE]);
    expect(run!.data.params).toHaveLength(231);
    expect(run!.data.tags.filter(({ key }) => /^t\d+$/.test(key))).toHaveLength(130);
    const cut = run!.data.params.find(({ key }) => key === 'sma_3')!.value;
    expect(cut).toMatch(/^é+ \.\.\. \[cut: 7000 characters, whole in artifact parameters\/sma_3\.txt/);
    expect((await client.getArtifact(artifactUri, 'parameters/sma_3.txt')).toString()).toBe(long);
    expect((await client.getArtifact(artifactUri, 'a b/é %2f+.txt')).toString()).toBe('x');
    expect(await client.getArtifact(artifactUri, 'empty')).toHaveLength(0);
  });

  it('keeps everything while the server is away, and delivers each entry once when it is back', async () => {
    await enqueue(database.pool, 'job-away', sampleTraining('away'));
    const waiting = (await outboxStatus(database.pool)).pending;
    const controller = new AbortController();
    const half = {
      ...QUICK,
      signal: controller.signal,
      onDelivered: ({ delivered }: { delivered: number }) => delivered === 6 && controller.abort(),
    };
    expect(await drainOutbox(database, client, half)).toMatchObject({
      delivered: 6,
      pending: waiting - 6,
      outage: null,
    });
    await server.stop();
    const away = await drainOutbox(database, client, QUICK);
    expect(away).toMatchObject({ delivered: 0, pending: waiting - 6, refused: [], outage: { failure: 'unreachable' } });
    expect(away.outage!.remedy).toContain('signalbox tracking');
    await start();
    expect(await drainOutbox(database, client, QUICK)).toMatchObject({
      delivered: waiting - 6,
      pending: 0,
      outage: null,
    });
    expect(await countOnServer(client, 'away')).toEqual(DELIVERED_ONCE);
  });

  it('lets drainers meet: each entry once', async () => {
    for (const job of ['meet-0', 'meet-1', 'meet-2']) await enqueue(database.pool, job, sampleTraining(job));
    const waiting = (await outboxStatus(database.pool)).pending;
    const reports = await Promise.all([0, 1, 2].map(() => drainOutbox(database, client, QUICK)));
    const rest = await drainOutbox(database, client, QUICK);
    expect(reports.reduce((sum, { delivered }) => sum + delivered, rest.delivered)).toBe(waiting);
    for (const job of ['meet-0', 'meet-1', 'meet-2']) expect(await countOnServer(client, job)).toEqual(DELIVERED_ONCE);
  });

  it('records what the server refuses, with its answer, and goes on; a mended cause lets it through', async () => {
    const at = Date.UTC(2022, 0, 1);
    const artifact = {
      kind: 'logArtifact',
      path: 'late.txt',
      contentType: 'text/plain',
      content: Buffer.from('late'),
    } as const;
    await enqueue(database.pool, 'job-refused', [
      { kind: 'createRun', runKey: 'refused', experimentName: 'refused', runName: 'r', startTimeMs: at },
      { kind: 'logBatch', runKey: 'refused', part: 'a', params: { depth: '4' } },
      { kind: 'logBatch', runKey: 'refused', part: 'b', params: { depth: '5' } },
      { ...artifact, runKey: 'later' },
      { kind: 'finishRun', runKey: 'refused', status: 'FAILED', endTimeMs: at },
    ]);
    await enqueue(database.pool, 'job-other', sampleTraining('other'));
    const report = await drainOutbox(database, client, QUICK);
    expect(report).toMatchObject({ pending: 0, outage: null });
    expect(report.refused.map(({ entryKey }) => entryKey)).toEqual([
      'logBatch/refused/b',
      'logArtifact/later/late.txt',
    ]);
    expect(report.refused[0]!.answer).toMatch(/INVALID_PARAMETER_VALUE.*depth/s);
    expect(report.refused[1]!.answer).toContain("'later'");
    expect(await countOnServer(client, 'other')).toEqual(DELIVERED_ONCE);
    expect((await outboxStatus(database.pool)).refusals).toHaveLength(2);

    const later = {
      kind: 'createRun',
      runKey: 'later',
      experimentName: 'refused',
      runName: 'l',
      startTimeMs: at,
    } as const;
    await enqueue(database.pool, 'job-later', [later]);
    await drainOutbox(database, client, QUICK);
    expect(await requeueRefused(database.pool)).toBe(2);
    const again = await drainOutbox(database, client, QUICK);
    expect(again.refused.map(({ entryKey }) => entryKey)).toEqual(['logBatch/refused/b']);
    expect(again.delivered).toBe(1);
  });

  it('stores entries with the results they describe, or not at all', async () => {
    const before = await outboxStatus(database.pool);
    const failing = database.transaction(async (connection) => {
      await enqueue(connection, 'job-rolled-back', sampleTraining('rolled-back'));
      throw new Error('the result could not be stored');
    });
    await expect(failing).rejects.toThrow('could not be stored');
    expect(await outboxStatus(database.pool)).toEqual(before);
  });
});
