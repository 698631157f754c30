import type { z } from 'zod';
import {
  experimentAnswer,
  experimentCreated,
  filesFound,
  loggedModelAnswer,
  loggedModelsFound,
  metricsFound,
  modelVersionAnswer,
  modelVersionsFound,
  nothing,
  registeredModelAnswer,
  runAnswer,
  runsFound,
  type MlflowExperiment,
  type MlflowFile,
  type MlflowLoggedModel,
  type MlflowMetric,
  type MlflowModelVersion,
  type MlflowRegisteredModel,
  type MlflowRun,
} from './mlflow-answers.ts';
import { MlflowError } from './mlflow-error.ts';
import { MlflowHttp, type MlflowCall, type MlflowHttpOptions } from './mlflow-http.ts';
import type { DatasetInput, TextMap } from './outbox-entry.ts';
import type { WireBatch, WireText } from './server-limits.ts';

const API = '/api/2.0/mlflow';

/** The tag by which a create is looked up before it is repeated. */
export const ENTRY_TAG = 'signalbox.entry';

/** Tags as the API takes them. */
function wireTags(tags: TextMap | undefined): WireText[] {
  return Object.entries(tags ?? {}).map(([key, value]) => ({ key, value }));
}

/**
 * The calls of MLflow's REST API (2.x and 3.x servers) that Signalbox uses, one method each, answers checked. Every
 * method throws MlflowError when the server does not answer with success; nothing is retried here, since only the
 * caller knows whether a repeat is harmless. "Find" methods give undefined for what is not there.
 */
export class MlflowClient {
  /** The server's address without credentials. */
  readonly address: string;
  readonly #http: MlflowHttp;
  #loggedModels: Promise<boolean> | null = null;

  constructor(options: MlflowHttpOptions) {
    this.#http = new MlflowHttp(options);
    this.address = this.#http.address;
  }

  /** Throws unless the server says it is up. */
  async checkHealth(): Promise<void> {
    const answer = (await this.#http.bytes({ method: 'get', path: '/health' })).toString('utf8');
    if (answer.trim() === 'OK') return;
    throw new MlflowError('not-mlflow', `What answers at ${this.address}/health is not MLflow.`);
  }

  /**
   * Whatever the server says is an answer. Throws MlflowError where none comes within `timeoutMs`, or nothing listens.
   */
  async checkAnswers(timeoutMs = 10_000): Promise<void> {
    try {
      await this.#http.bytes({ method: 'get', path: '/health', timeoutMs });
    } catch (error) {
      const silent = error instanceof MlflowError && (error.failure === 'timeout' || error.failure === 'unreachable');
      if (silent || !(error instanceof MlflowError)) throw error;
    }
  }

  /** `3.17.2`, for example. */
  async version(): Promise<string> {
    return (await this.#http.bytes({ method: 'get', path: '/version' })).toString('utf8').trim();
  }

  /** Whether the server knows logged models: MLflow 3 and later. Asked once. */
  hasLoggedModels(): Promise<boolean> {
    this.#loggedModels ??= this.version().then((version) => Number.parseInt(version, 10) >= 3);
    // An outage at the first question must not be the answer to every later one.
    this.#loggedModels.catch(() => (this.#loggedModels = null));
    return this.#loggedModels;
  }

  async findExperiment(name: string): Promise<MlflowExperiment | undefined> {
    const query = { experiment_name: name };
    const call: MlflowCall = { method: 'get', path: `${API}/experiments/get-by-name`, query };
    return (await this.#find(experimentAnswer, call))?.experiment;
  }

  /** The new experiment's id. */
  async createExperiment(name: string, tags: TextMap): Promise<string> {
    return (await this.#post(experimentCreated, '/experiments/create', { name, tags: wireTags(tags) })).experiment_id;
  }

  async createRun(run: { experimentId: string; name: string; startTimeMs: number; tags: TextMap }): Promise<MlflowRun> {
    const { experimentId, name, startTimeMs, tags } = run;
    const body = { experiment_id: experimentId, run_name: name, start_time: startTimeMs, tags: wireTags(tags) };
    return (await this.#post(runAnswer, '/runs/create', body)).run;
  }

  async getRun(runId: string): Promise<MlflowRun> {
    const call: MlflowCall = { method: 'get', path: `${API}/runs/get`, query: { run_id: runId } };
    return (await this.#http.json(runAnswer, call)).run;
  }

  /** All runs that match, page by page; `filter` as in MLflow's search syntax, empty for all. */
  async searchRuns(experimentId: string, filter = ''): Promise<MlflowRun[]> {
    const body = { experiment_ids: [experimentId], filter, max_results: 1000 };
    return this.#pages(async (page_token) => {
      const { runs, next_page_token } = await this.#post(runsFound, '/runs/search', { ...body, page_token });
      return { items: runs, next: next_page_token };
    });
  }

  /** The batch must be within `BATCH_LIMITS`: see `splitBatch`. */
  async logBatch(runId: string, batch: WireBatch): Promise<void> {
    await this.#post(nothing, '/runs/log-batch', { run_id: runId, ...batch });
  }

  async logInputs(runId: string, datasets: readonly DatasetInput[]): Promise<void> {
    const inputs = datasets.map(({ name, digest, sourceType, source, schema, profile, context }) => ({
      dataset: { name, digest, source_type: sourceType, source, schema, profile },
      tags: context === undefined ? [] : [{ key: 'mlflow.data.context', value: context }],
    }));
    await this.#post(nothing, '/runs/log-inputs', { run_id: runId, datasets: inputs });
  }

  async finishRun(runId: string, status: 'FINISHED' | 'FAILED' | 'KILLED', endTimeMs: number): Promise<void> {
    await this.#post(nothing, '/runs/update', { run_id: runId, status, end_time: endTimeMs });
  }

  async metricHistory(runId: string, key: string): Promise<MlflowMetric[]> {
    return this.#pages(async (page_token) => {
      const query = { run_id: runId, metric_key: key, max_results: 25_000, ...(page_token && { page_token }) };
      const call: MlflowCall = { method: 'get', path: `${API}/metrics/get-history`, query };
      const { metrics, next_page_token } = await this.#http.json(metricsFound, call);
      return { items: metrics, next: next_page_token };
    });
  }

  /** Stores a file at `artifactUri` (a run's or a logged model's, as the server gave it) under `path`. */
  async putArtifact(
    artifactUri: string,
    file: { path: string; content: Uint8Array; contentType: string },
  ): Promise<void> {
    const path = artifactPath(artifactUri, file.path);
    await this.#http.json(nothing, { method: 'put', path, bytes: file });
  }

  async getArtifact(artifactUri: string, path: string): Promise<Buffer> {
    return this.#http.bytes({ method: 'get', path: artifactPath(artifactUri, path) });
  }

  /** Files and folders directly below `path`. */
  async listArtifacts(runId: string, path = ''): Promise<MlflowFile[]> {
    return this.#pages(async (page_token) => {
      const query = { run_id: runId, ...(path !== '' && { path }), ...(page_token && { page_token }) };
      const call: MlflowCall = { method: 'get', path: `${API}/artifacts/list`, query };
      const { files, next_page_token } = await this.#http.json(filesFound, call);
      return { items: files, next: next_page_token };
    });
  }

  async findRegisteredModel(name: string): Promise<MlflowRegisteredModel | undefined> {
    const call: MlflowCall = { method: 'get', path: `${API}/registered-models/get`, query: { name } };
    return (await this.#find(registeredModelAnswer, call))?.registered_model;
  }

  async createRegisteredModel(name: string, tags: TextMap): Promise<MlflowRegisteredModel> {
    const body = { name, tags: wireTags(tags) };
    return (await this.#post(registeredModelAnswer, '/registered-models/create', body)).registered_model;
  }

  /** `source`: `runs:/RUN_ID/path` or `models:/MODEL_ID`. */
  async createModelVersion(version: {
    modelName: string;
    source: string;
    runId: string;
    modelId?: string | undefined;
    description?: string | undefined;
    tags: TextMap;
  }): Promise<MlflowModelVersion> {
    const { modelName, source, runId, modelId, description, tags } = version;
    const body = { name: modelName, source, run_id: runId, model_id: modelId, description, tags: wireTags(tags) };
    return (await this.#post(modelVersionAnswer, '/model-versions/create', body)).model_version;
  }

  async searchModelVersions(filter: string): Promise<MlflowModelVersion[]> {
    return this.#pages(async (page_token) => {
      const query = { filter, max_results: 1000, ...(page_token && { page_token }) };
      const call: MlflowCall = { method: 'get', path: `${API}/model-versions/search`, query };
      const { model_versions, next_page_token } = await this.#http.json(modelVersionsFound, call);
      return { items: model_versions, next: next_page_token };
    });
  }

  async setAlias(modelName: string, alias: string, version: string): Promise<void> {
    await this.#post(nothing, '/registered-models/alias', { name: modelName, alias, version });
  }

  /** Deleting an alias that is not there succeeds. */
  async deleteAlias(modelName: string, alias: string): Promise<void> {
    const body = { name: modelName, alias };
    await this.#find(nothing, { method: 'delete', path: `${API}/registered-models/alias`, body });
  }

  /** A missing alias is 400 INVALID_PARAMETER_VALUE, not 404. */
  async findVersionByAlias(modelName: string, alias: string): Promise<MlflowModelVersion | undefined> {
    const call: MlflowCall = {
      method: 'get',
      path: `${API}/registered-models/alias`,
      query: { name: modelName, alias },
    };
    return (await this.#find(modelVersionAnswer, call, ['INVALID_PARAMETER_VALUE']))?.model_version;
  }

  async createLoggedModel(model: {
    experimentId: string;
    name: string;
    modelType: string;
    runId: string;
    params: TextMap;
    tags: TextMap;
  }): Promise<MlflowLoggedModel> {
    const { experimentId, name, modelType, runId, params, tags } = model;
    const body = {
      experiment_id: experimentId,
      name,
      model_type: modelType,
      source_run_id: runId,
      params: wireTags(params),
      tags: wireTags(tags),
    };
    return (await this.#post(loggedModelAnswer, '/logged-models', body)).model;
  }

  async searchLoggedModels(experimentId: string, filter: string): Promise<MlflowLoggedModel[]> {
    const body = { experiment_ids: [experimentId], filter };
    return this.#pages(async (page_token) => {
      const { models, next_page_token } = await this.#post(loggedModelsFound, '/logged-models/search', {
        ...body,
        page_token,
      });
      return { items: models, next: next_page_token };
    });
  }

  /** Marks a logged model ready; may be repeated. */
  async finishLoggedModel(modelId: string): Promise<void> {
    const body = { model_id: modelId, status: 'LOGGED_MODEL_READY' };
    await this.#http.json(nothing, { method: 'patch', path: `${API}/logged-models/${modelId}`, body });
  }

  /** Must not be repeated: the server answers 400 with its database's complaint. `run.outputs` tells what is there. */
  async logOutput(runId: string, modelId: string): Promise<void> {
    await this.#post(nothing, '/runs/outputs', { run_id: runId, models: [{ model_id: modelId, step: 0 }] });
  }

  #post<Answer>(schema: z.ZodType<Answer>, path: string, body: unknown): Promise<Answer> {
    return this.#http.json(schema, { method: 'post', path: `${API}${path}`, body });
  }

  async #find<Answer>(
    schema: z.ZodType<Answer>,
    call: MlflowCall,
    missingCodes: readonly string[] = [],
  ): Promise<Answer | undefined> {
    try {
      return await this.#http.json(schema, call);
    } catch (error) {
      const codes = ['RESOURCE_DOES_NOT_EXIST', ...missingCodes];
      if (error instanceof MlflowError && error.errorCode !== null && codes.includes(error.errorCode)) return undefined;
      throw error;
    }
  }

  async #pages<Item>(
    page: (token: string | undefined) => Promise<{ items: Item[]; next: string | undefined }>,
  ): Promise<Item[]> {
    const found: Item[] = [];
    let token: string | undefined;
    do {
      const { items, next } = await page(token);
      found.push(...items);
      token = next === '' || next === token ? undefined : next;
    } while (token !== undefined);
    return found;
  }
}

/** Where the server's artifact proxy keeps `path` of `artifactUri`. */
function artifactPath(artifactUri: string, path: string): string {
  const root = /^mlflow-artifacts:(?:\/\/[^/]*)?\/*(.*)$/.exec(artifactUri)?.[1];
  if (root === undefined) {
    throw new MlflowError(
      'refused',
      `The server keeps artifacts at ${artifactUri}, which is not behind its own address.`,
    );
  }
  const segments = `${root}/${path}`.split('/').filter((segment) => segment !== '');
  return `/api/2.0/mlflow-artifacts/artifacts/${segments.map(encodeURIComponent).join('/')}`;
}
