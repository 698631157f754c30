import { hashOf } from '../../infra/hash.ts';
import type { MlflowRun } from '../../infra/mlflow/mlflow-answers.ts';
import type { MlflowClient } from '../../infra/mlflow/mlflow-client.ts';

/** Tags that differ between equal trainings: whose entry it was, of which run, and the state of the sources. */
const PASSING = [
  'signalbox.entry',
  'mlflow.parentRunId',
  'mlflow.source.git.commit',
  'git.dirty',
  'mlflow.user',
  'promotion.time',
];

type Texts = readonly { readonly key: string; readonly value: string }[];
const sorted = (texts: Texts): string[] => texts.map(({ key, value }) => `${key}=${value}`).sort();

/**
 * What a tracking server holds of an experiment, without identifiers and wall time: equal for equal trainings. Runs,
 * metrics, artifacts, models and versions are listed one by one, so that nothing can be there twice unnoticed.
 */
export async function trackedContent(client: MlflowClient, name: string): Promise<Record<string, unknown[]>> {
  const experiment = (await client.findExperiment(name))!.experiment_id;
  const runs = await client.searchRuns(experiment);
  const described = await Promise.all(runs.map((run) => describeRun(client, run)));
  const versions = await client.searchModelVersions(`name = '${name}'`);
  const champion = await client.findVersionByAlias(name, 'champion');
  const models = await client.searchLoggedModels(experiment, '');
  return {
    runs: described.sort((a, b) => a.name.localeCompare(b.name)),
    versions: versions.map(({ version, tags }) => ({ version, tags: texts(tags) })),
    champion: [champion?.version],
    models: models.map(({ info }) => ({ name: info.name, status: info.status, tags: texts(info.tags) })),
  };
}

const texts = (tags: Texts): string[] => sorted(tags.filter(({ key }) => !PASSING.includes(key)));

async function describeRun(client: MlflowClient, run: MlflowRun): Promise<{ name: string } & Record<string, unknown>> {
  const { info, data, inputs, outputs } = run;
  const metrics: Record<string, string[]> = {};
  for (const { key } of data.metrics) {
    const history = await client.metricHistory(info.run_id, key);
    metrics[key] = history.map(({ step, value }) => `${step}: ${value}`).sort();
  }
  return {
    name: info.run_name,
    status: info.status,
    nested: data.tags.some(({ key }) => key === 'mlflow.parentRunId'),
    params: sorted(data.params),
    tags: texts(data.tags),
    metrics,
    datasets: inputs.dataset_inputs.map(({ dataset }) => `${dataset.name} ${dataset.digest}`),
    models: outputs.model_outputs.length,
    artifacts: await artifactsOf(client, run, ''),
  };
}

/** Paths below `folder`; of models also what they hold (reports name the state of the sources). */
async function artifactsOf(client: MlflowClient, run: MlflowRun, folder: string): Promise<string[]> {
  const files = await client.listArtifacts(run.info.run_id, folder);
  const each = files.map(async ({ path, is_dir: isFolder }) => {
    if (isFolder) return artifactsOf(client, run, path);
    if (!path.endsWith('.bin')) return [path];
    return [`${path} ${hashOf((await client.getArtifact(run.info.artifact_uri, path)).toString('base64'))}`];
  });
  return (await Promise.all(each)).flat().sort();
}
