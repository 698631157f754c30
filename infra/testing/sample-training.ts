import type { MlflowClient } from '../mlflow/mlflow-client.ts';
import type { OutboxEntry } from '../mlflow/outbox-entry.ts';

const START_MS = Date.UTC(2020, 0, 2);

/** Bytes of the sample's weights: every value, so that no text encoding survives them. */
export const sampleWeights = Buffer.from(Uint8Array.from({ length: 3000 }, (_, i) => (i * 37) % 256));

/** Metric points of each fold. */
const EPOCHS = 5;

/** What a training job named `job` with two folds tells the tracking server: every kind of entry. */
export function sampleTraining(job: string): OutboxEntry[] {
  const parent = `${job}/run`;
  return [
    { kind: 'createExperiment', experimentName: job, tags: { team: 'quant' } },
    run(job, parent),
    {
      kind: 'logBatch',
      runKey: parent,
      part: 'settings',
      params: { seed: '7', backend: 'wasm' },
      tags: { dirty: 'false' },
    },
    dataset(parent),
    ...[0, 1].flatMap((fold) => foldEntries(job, fold)),
    {
      kind: 'logArtifact',
      runKey: parent,
      path: 'model/weights.bin',
      contentType: 'application/octet-stream',
      content: sampleWeights,
    },
    {
      kind: 'logModel',
      modelKey: `${job}/model`,
      runKey: parent,
      name: 'ensemble',
      modelType: 'signalbox',
      params: { trees: '100' },
    },
    {
      kind: 'logArtifact',
      runKey: parent,
      modelKey: `${job}/model`,
      path: 'weights.bin',
      contentType: 'application/octet-stream',
      content: sampleWeights,
    },
    {
      kind: 'registerModel',
      modelName: `model-${job}`,
      versionKey: `${job}/version`,
      runKey: parent,
      artifactPath: 'model',
      modelKey: `${job}/model`,
      tags: { auc: '0.55' },
      alias: 'champion',
    },
    { kind: 'setAlias', modelName: `model-${job}`, versionKey: `${job}/version`, alias: 'candidate', part: 'first' },
    { kind: 'finishRun', runKey: parent, status: 'FINISHED', endTimeMs: START_MS + 60_000 },
  ];
}

function run(job: string, runKey: string, parentRunKey?: string): OutboxEntry {
  return {
    kind: 'createRun',
    runKey,
    ...(parentRunKey !== undefined && { parentRunKey }),
    experimentName: job,
    runName: runKey,
    startTimeMs: START_MS,
    tags: { 'git.commit': 'abc' },
  };
}

function dataset(runKey: string): OutboxEntry {
  const bars = {
    name: 'bars',
    digest: 'f'.repeat(64),
    sourceType: 'postgres',
    source: '{"table":"bars"}',
    context: 'training',
  };
  return { kind: 'logInputs', runKey, part: 'data', datasets: [bars] };
}

function foldEntries(job: string, fold: number): OutboxEntry[] {
  const runKey = `${job}/fold-${fold}`;
  const metrics = Array.from({ length: EPOCHS }, (_, step) => ({
    key: 'loss',
    value: 1 / (step + 1 + fold),
    step,
    timestampMs: START_MS + step,
  }));
  return [
    run(job, runKey, `${job}/run`),
    { kind: 'logBatch', runKey, part: 'epochs', metrics },
    { kind: 'finishRun', runKey, status: 'FINISHED', endTimeMs: START_MS + 30_000 },
  ];
}

/** What the server has of a job, counted: each figure of a job delivered once is in `DELIVERED_ONCE`. */
export async function countOnServer(client: MlflowClient, job: string): Promise<Record<string, number>> {
  const experiment = await client.findExperiment(job);
  if (experiment === undefined) return { experiments: 0 };
  const runs = await client.searchRuns(experiment.experiment_id);
  const folds = runs.filter(({ data }) => data.tags.some(({ key }) => key === 'mlflow.parentRunId'));
  const histories = await Promise.all(folds.map(({ info }) => client.metricHistory(info.run_id, 'loss')));
  const models = await client.searchLoggedModels(experiment.experiment_id, '');
  const versions = await client.searchModelVersions(`name = 'model-${job}'`);
  return {
    experiments: 1,
    runs: runs.length,
    folds: folds.length,
    points: histories.flat().length,
    datasets: runs.flatMap(({ inputs }) => inputs.dataset_inputs).length,
    models: models.length,
    outputs: runs.flatMap(({ outputs }) => outputs.model_outputs).length,
    versions: versions.length,
    finished: runs.filter(({ info }) => info.status === 'FINISHED').length,
  };
}

export const DELIVERED_ONCE = {
  experiments: 1,
  runs: 3,
  folds: 2,
  points: 2 * EPOCHS,
  datasets: 1,
  models: 1,
  outputs: 1,
  versions: 1,
  finished: 3,
};
