import { SignalboxError } from '../errors.ts';
import type { MlflowClient } from './mlflow-client.ts';
import { ENTRY_TAG } from './mlflow-client.ts';
import { MlflowError } from './mlflow-error.ts';
import type { EntryOf, TextMap } from './outbox-entry.ts';
import type { Identifier, IdentifierKind, PendingEntry } from './outbox-store.ts';
import type { StoredPayload } from './stored-entry.ts';

/** An entry that names a run, model or version which the server never got. */
export class MissingIdentifier extends SignalboxError {}

/** What is known about the things an entry makes; survives the attempts of one drain. */
export interface DeliveryState {
  /** True once a create may have reached the server: a repeat looks it up first. */
  mayExist: boolean;
}

export interface DeliveryContext {
  readonly state: DeliveryState;
  readonly client: MlflowClient;
  /** Tells this database's creates from those of others on the server. */
  readonly prefix: string;
  /** What the server called one of ours, undefined when it was never told. */
  identifier(kind: IdentifierKind, localKey: string): Promise<Identifier | undefined>;
  /** Waits long enough for a request whose answer was lost to have taken effect on the server. */
  settle(): Promise<void>;
}

type Find<T> = () => Promise<T | undefined>;

/**
 * Tells the server one entry and returns the identifier it gave, if the entry makes something. May be repeated after
 * any failure: where `state.mayExist` says that a create may have happened, its tag is looked up first. Throws
 * MlflowError or MissingIdentifier.
 */
export async function deliverEntry(context: DeliveryContext, pending: PendingEntry): Promise<Identifier | null> {
  const { payload } = pending;
  const { client } = context;
  switch (payload.kind) {
    case 'createExperiment':
      await ensureExperiment(context, payload.experimentName, entryTags(context, pending, payload.tags));
      return null;
    case 'createRun':
      return createRun(context, pending, payload);
    case 'logBatch':
      await client.logBatch(await runIdOf(context, payload.runKey), payload.batch);
      return null;
    case 'logInputs':
      await client.logInputs(await runIdOf(context, payload.runKey), payload.datasets);
      return null;
    case 'logArtifact':
      await putArtifact(context, pending, payload);
      return null;
    case 'logModel':
      return createLoggedModel(context, pending, payload);
    case 'registerModel':
      return registerModel(context, pending, payload);
    case 'setAlias': {
      const version = await known(context, 'model-version', payload.versionKey);
      await client.setAlias(payload.modelName, payload.alias, version.remoteId);
      return null;
    }
    case 'deleteAlias':
      await client.deleteAlias(payload.modelName, payload.alias);
      return null;
    case 'finishRun':
      await client.finishRun(await runIdOf(context, payload.runKey), payload.status, payload.endTimeMs);
      return null;
  }
}

/** The value of `signalbox.entry`: which database, which entry. */
function entryTag(prefix: string, entryKey: string): string {
  return `${prefix}/${entryKey}`;
}

function entryTags(context: DeliveryContext, pending: PendingEntry, tags: TextMap | undefined): Record<string, string> {
  return { ...tags, [ENTRY_TAG]: entryTag(context.prefix, pending.entryKey) };
}

/** Keys and names have no quotes (see `checkKeys`), so that they may stand in a filter. */
function tagFilter(context: DeliveryContext, pending: PendingEntry): string {
  return `tags.\`${ENTRY_TAG}\` = '${entryTag(context.prefix, pending.entryKey)}'`;
}

async function known(context: DeliveryContext, kind: IdentifierKind, localKey: string): Promise<Identifier> {
  const identifier = await context.identifier(kind, localKey);
  if (identifier !== undefined) return identifier;
  throw new MissingIdentifier(`The server never got the ${kind} '${localKey}' that this entry names.`);
}

async function runIdOf(context: DeliveryContext, runKey: string): Promise<string> {
  return (await known(context, 'run', runKey)).remoteId;
}

/** What an earlier attempt may have made: looked up at once, and again after the server had time to settle. */
async function findEarlier<T>(context: DeliveryContext, find: Find<T>): Promise<T | undefined> {
  if (!context.state.mayExist) return undefined;
  const found = await find();
  if (found !== undefined) return found;
  await context.settle();
  return find();
}

/**
 * What `find` finds of an earlier attempt, else what `create` makes; remembers whether something may have been made.
 */
async function findOrCreate<T>({
  context,
  find,
  create,
}: {
  context: DeliveryContext;
  find: Find<T>;
  create: () => Promise<T>;
}): Promise<T> {
  const earlier = await findEarlier(context, find);
  if (earlier !== undefined) return earlier;
  context.state.mayExist = true;
  try {
    return await create();
  } catch (error) {
    // The lookup above found nothing, so nothing is there unless this very request acted.
    if (error instanceof MlflowError && !error.mayHaveActed) context.state.mayExist = false;
    throw error;
  }
}

/**
 * The id of the experiment with this name, made when missing. Names are unique on a server, so a repeat makes no second
 * one.
 */
async function ensureExperiment(
  { client }: DeliveryContext,
  name: string,
  tags: Record<string, string>,
): Promise<string> {
  const found = (await client.findExperiment(name)) ?? (await createOrFindExperiment(client, name, tags));
  if (typeof found === 'string') return found;
  if (found.lifecycle_stage === 'active') return found.experiment_id;
  throw new MlflowError(
    'refused',
    `Experiment '${name}' was deleted on the server: restore it or purge it with mlflow gc.`,
  );
}

async function createOrFindExperiment(client: MlflowClient, name: string, tags: Record<string, string>) {
  try {
    return await client.createExperiment(name, tags);
  } catch (error) {
    // Somebody else was faster.
    const found = isAlreadyThere(error) ? await client.findExperiment(name) : undefined;
    if (found === undefined) throw error;
    return found;
  }
}

function isAlreadyThere(error: unknown): boolean {
  return error instanceof MlflowError && error.errorCode === 'RESOURCE_ALREADY_EXISTS';
}

async function createRun(
  context: DeliveryContext,
  pending: PendingEntry,
  entry: EntryOf<'createRun'>,
): Promise<Identifier> {
  const already = await context.identifier('run', entry.runKey);
  if (already !== undefined) return already;
  const { client } = context;
  const parent: TextMap =
    entry.parentRunKey === undefined ? {} : { 'mlflow.parentRunId': await runIdOf(context, entry.parentRunKey) };
  const experimentKey = `createExperiment/${entry.experimentName}`;
  const experimentId = await ensureExperiment(context, entry.experimentName, {
    [ENTRY_TAG]: entryTag(context.prefix, experimentKey),
  });
  const find = async () => (await client.searchRuns(experimentId, tagFilter(context, pending)))[0];
  const tags = { ...entryTags(context, pending, entry.tags), ...parent };
  const create = () => client.createRun({ experimentId, name: entry.runName, startTimeMs: entry.startTimeMs, tags });
  const run = await findOrCreate({ context, find, create });
  const { run_id: remoteId, artifact_uri: artifactUri } = run.info;
  return { kind: 'run', localKey: entry.runKey, remoteId, experimentId, artifactUri };
}

async function putArtifact(
  context: DeliveryContext,
  pending: PendingEntry,
  entry: Extract<StoredPayload, { kind: 'logArtifact' }>,
): Promise<void> {
  const { runKey, modelKey, path, contentType } = entry;
  if (modelKey !== undefined && !(await context.client.hasLoggedModels())) return;
  const owner = await (modelKey === undefined
    ? known(context, 'run', runKey)
    : known(context, 'logged-model', modelKey));
  const content = pending.content ?? Buffer.alloc(0);
  await context.client.putArtifact(owner.artifactUri ?? '', { path, content, contentType });
}

async function createLoggedModel(
  context: DeliveryContext,
  pending: PendingEntry,
  entry: EntryOf<'logModel'>,
): Promise<Identifier | null> {
  const already = await context.identifier('logged-model', entry.modelKey);
  if (already !== undefined) return already;
  const { client } = context;
  if (!(await client.hasLoggedModels())) return null;
  const run = await known(context, 'run', entry.runKey);
  const experimentId = run.experimentId ?? '';
  const find = async () => (await client.searchLoggedModels(experimentId, tagFilter(context, pending)))[0];
  const { name, modelType, params = {} } = entry;
  const tags = entryTags(context, pending, entry.tags);
  const create = () => client.createLoggedModel({ experimentId, name, modelType, runId: run.remoteId, params, tags });
  const model = await findOrCreate({ context, find, create });
  const { model_id: remoteId, artifact_uri: artifactUri } = model.info;
  await client.finishLoggedModel(remoteId);
  await ensureOutput(client, run.remoteId, remoteId);
  return { kind: 'logged-model', localKey: entry.modelKey, remoteId, experimentId, artifactUri };
}

/** Makes the model an output of its run, once. */
async function ensureOutput(client: MlflowClient, runId: string, modelId: string): Promise<void> {
  const isOutput = async (): Promise<boolean> =>
    (await client.getRun(runId)).outputs.model_outputs.some((output) => output.model_id === modelId);
  if (await isOutput()) return;
  try {
    await client.logOutput(runId, modelId);
  } catch (error) {
    // An earlier request whose answer was lost may have arrived in between.
    const refused = error instanceof MlflowError && error.failure === 'refused';
    if (!refused || !(await isOutput())) throw error;
  }
}

async function registerModel(
  context: DeliveryContext,
  pending: PendingEntry,
  entry: EntryOf<'registerModel'>,
): Promise<Identifier> {
  const { client } = context;
  const { modelName } = entry;
  const tags = entryTags(context, pending, entry.tags);
  const run = await known(context, 'run', entry.runKey);
  // A server before MLflow 3 was told of no logged model: its version is made from the run's artifacts.
  const model =
    entry.modelKey === undefined || !(await client.hasLoggedModels())
      ? undefined
      : await known(context, 'logged-model', entry.modelKey);
  await ensureRegisteredModel(client, modelName, { [ENTRY_TAG]: tags[ENTRY_TAG]! });
  const filter = `name = '${modelName}' AND ${tagFilter(context, pending)}`;
  const already = await context.identifier('model-version', entry.versionKey);
  const find = async () => (await client.searchModelVersions(filter))[0];
  const create = () =>
    client.createModelVersion({
      modelName,
      source: model === undefined ? `runs:/${run.remoteId}/${entry.artifactPath}` : `models:/${model.remoteId}`,
      runId: run.remoteId,
      modelId: model?.remoteId,
      description: entry.description,
      tags,
    });
  const version = already?.remoteId ?? (await findOrCreate({ context, find, create })).version;
  if (entry.alias !== undefined) await client.setAlias(modelName, entry.alias, version);
  return {
    kind: 'model-version',
    localKey: entry.versionKey,
    remoteId: version,
    experimentId: null,
    artifactUri: null,
  };
}

/** Names of registered models are unique on a server, so a repeat makes no second one. */
async function ensureRegisteredModel(client: MlflowClient, name: string, tags: Record<string, string>): Promise<void> {
  if ((await client.findRegisteredModel(name)) !== undefined) return;
  try {
    await client.createRegisteredModel(name, tags);
  } catch (error) {
    if (!isAlreadyThere(error)) throw error;
  }
}
