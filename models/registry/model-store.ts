import { lockUntilCommit } from '../../infra/postgres/lock-until-commit.ts';
import type pg from 'pg';
import { InputError, SignalboxError } from '../../infra/errors.ts';
import { sha256 } from '../../infra/hash.ts';
import { heldNameOf } from '../experiment/experiment-names.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** A stored ensemble: its bytes and what it was trained on. */
export interface StoredModel {
  /** SHA-256 over training, fold and `content`: two trainings may arrive at the same bytes. */
  readonly hash: string;
  readonly trainingHash: string;
  /** Null for the model trained on every row. */
  readonly fold: number | null;
  readonly trainFromMs: number;
  readonly trainToMs: number;
  readonly featureSetHash: string;
  readonly content: Uint8Array;
}

/** One numbered version of a registered name. */
export interface ModelVersion {
  readonly name: string;
  readonly version: number;
  readonly modelHash: string;
  readonly experimentHash: string;
  readonly aliases: readonly string[];
  readonly evidence: Record<string, unknown>;
  readonly createdAt: Date;
  /** Bars that close later get no signal from it; null for versions registered before models expired. */
  readonly expiresAt: Date | null;
}

/** Whether bars of now are later than a version gives signals for. */
export function hasExpired({ expiresAt }: Pick<ModelVersion, 'expiresAt'>, nowMs: number): boolean {
  return expiresAt !== null && expiresAt.getTime() < nowMs;
}

/** Writes a model inside the caller's transaction and returns its hash. The same bytes are stored once. */
export async function writeModel(client: Queryable, model: Omit<StoredModel, 'hash'>): Promise<string> {
  const hash = identityOf(model);
  await client.query(
    `INSERT INTO signalbox.models (hash, training_hash, fold, train_from, train_to, feature_set_hash, content)
     VALUES ($1, $2, $3, to_timestamp($4::float8 / 1000), to_timestamp($5::float8 / 1000), $6, $7)`,
    [
      hash,
      model.trainingHash,
      model.fold,
      model.trainFromMs,
      model.trainToMs,
      model.featureSetHash,
      Buffer.from(model.content),
    ],
  );
  return hash;
}

function identityOf(model: Pick<StoredModel, 'trainingHash' | 'fold' | 'content'>): string {
  return sha256(Buffer.concat([Buffer.from(`${model.trainingHash}/${model.fold ?? 'final'}/`), model.content]));
}

interface ModelRow {
  readonly hash: string;
  readonly training_hash: string;
  readonly fold: number | null;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly feature_set_hash: string;
  readonly content: Buffer;
}

const MODEL_COLUMNS = `hash, training_hash, fold, extract(epoch FROM train_from)::float8 * 1000 AS from_ms,
  extract(epoch FROM train_to)::float8 * 1000 AS to_ms, feature_set_hash, content`;

/** The model trained on every row of a training, or null when that job has not finished. */
export async function finalModelOf(client: Queryable, trainingHash: string): Promise<StoredModel | null> {
  const { rows } = await client.query<ModelRow>(
    `SELECT ${MODEL_COLUMNS} FROM signalbox.models WHERE training_hash = $1 AND fold IS NULL`,
    [trainingHash],
  );
  return rows[0] === undefined ? null : checked(rows[0]);
}

/** The model of one fold of a training, or null when that job has not finished. */
export async function foldModelOf(client: Queryable, trainingHash: string, fold: number): Promise<StoredModel | null> {
  const { rows } = await client.query<ModelRow>(
    `SELECT ${MODEL_COLUMNS} FROM signalbox.models WHERE training_hash = $1 AND fold = $2`,
    [trainingHash, fold],
  );
  return rows[0] === undefined ? null : checked(rows[0]);
}

/** A model of one fold, without its content. */
export interface FoldModel {
  /** Null for the model trained on every row. */
  readonly fold: number | null;
  readonly hash: string;
  /** Last label end that it was trained on. */
  readonly trainedToMs: number;
}

/** The models that a training has made so far, by fold. */
export async function modelsOfTraining(client: Queryable, trainingHash: string): Promise<FoldModel[]> {
  const { rows } = await client.query<{ fold: number | null; hash: string; to_ms: number }>(
    `SELECT fold, hash, extract(epoch FROM train_to)::float8 * 1000 AS to_ms
     FROM signalbox.models WHERE training_hash = $1 ORDER BY fold`,
    [trainingHash],
  );
  return rows.map(({ fold, hash, to_ms }) => ({ fold, hash, trainedToMs: Math.round(to_ms) }));
}

/** The training that a model came from; null where there is no such model. */
export async function trainingOf(client: Queryable, modelHash: string): Promise<string | null> {
  const { rows } = await client.query<{ training_hash: string }>(
    'SELECT training_hash FROM signalbox.models WHERE hash = $1',
    [modelHash],
  );
  return rows[0]?.training_hash ?? null;
}

/** The last label end that any version of `name` was trained on; null without a version. */
export async function newestTrainedToMs(client: Queryable, name: string): Promise<number | null> {
  const { rows } = await client.query<{ trained_to: Date | null }>(
    `SELECT max(m.train_to) AS trained_to FROM signalbox.model_versions v
     JOIN signalbox.models m ON m.hash = v.model_hash WHERE v.name = $1`,
    [name],
  );
  return rows[0]?.trained_to?.getTime() ?? null;
}

/** A model by its hash. SignalboxError when there is none or when its bytes no longer match the hash. */
export async function readModel(client: Queryable, hash: string): Promise<StoredModel> {
  const { rows } = await client.query<ModelRow>(`SELECT ${MODEL_COLUMNS} FROM signalbox.models WHERE hash = $1`, [
    hash,
  ]);
  const row = rows[0];
  if (row === undefined)
    throw new SignalboxError(`There is no model ${hash.slice(0, 12)}.`, { remedy: 'Train it again.' });
  return checked(row);
}

function checked(row: ModelRow): StoredModel {
  if (identityOf({ trainingHash: row.training_hash, fold: row.fold, content: row.content }) !== row.hash) {
    throw new SignalboxError(`Model ${row.hash.slice(0, 12)} was altered: its bytes do not match its hash.`, {
      remedy: 'Train again with --fresh, or restore the database from a backup.',
    });
  }
  return {
    hash: row.hash,
    trainingHash: row.training_hash,
    fold: row.fold,
    trainFromMs: Math.round(row.from_ms),
    trainToMs: Math.round(row.to_ms),
    featureSetHash: row.feature_set_hash,
    content: row.content,
  };
}

/** Registers `modelHash` under `name` as the next version, once: the same model keeps its number. */
export async function registerVersion(
  client: Queryable,
  version: {
    name: string;
    modelHash: string;
    experimentHash: string;
    expiresAtMs: number;
    evidence: Record<string, unknown>;
  },
): Promise<number> {
  await lockUntilCommit(client, `signalbox.model_versions:${version.name}`);
  const { rows } = await client.query<{ version: number }>(
    `INSERT INTO signalbox.model_versions (name, version, model_hash, experiment_hash, evidence, expires_at)
     SELECT $1, coalesce(max(version), 0) + 1, $2, $3, $4, to_timestamp($5::float8 / 1000) FROM signalbox.model_versions WHERE name = $1
     ON CONFLICT (name, model_hash) DO UPDATE SET evidence = EXCLUDED.evidence
     RETURNING version`,
    [version.name, version.modelHash, version.experimentHash, JSON.stringify(version.evidence), version.expiresAtMs],
  );
  return rows[0]!.version;
}

/** Points `alias` at a version. Setting it again changes nothing. */
export async function setAlias(client: Queryable, name: string, alias: string, version: number): Promise<void> {
  await client.query(
    `INSERT INTO signalbox.model_aliases AS held (name, alias, version) VALUES ($1, $2, $3)
     ON CONFLICT (name, alias) DO UPDATE
       SET version = EXCLUDED.version, changed_at = now()
       WHERE held.version <> EXCLUDED.version`,
    [name, alias, version],
  );
}

/** Adds what is known of a version's worth (scores, verdict) to what stands there. */
export async function addEvidence(client: Queryable, modelHash: string, evidence: object): Promise<void> {
  await client.query('UPDATE signalbox.model_versions SET evidence = evidence || $2::jsonb WHERE model_hash = $1', [
    modelHash,
    JSON.stringify(evidence),
  ]);
}

/**
 * Keeps what other trading rules showed over the same predictions, under `key`, apart from the version's own record.
 */
export async function addOtherRules(
  client: Queryable,
  modelHash: string,
  { key, record }: { key: string; record: object },
): Promise<void> {
  await client.query(
    `UPDATE signalbox.model_versions
     SET evidence = evidence || jsonb_build_object('otherRules',
       coalesce(evidence -> 'otherRules', '{}') || jsonb_build_object($2::text, $3::jsonb))
     WHERE model_hash = $1`,
    [modelHash, key, JSON.stringify(record)],
  );
}

/** The version that `alias` points at, held until the transaction ends; null where it points at none. */
export async function lockAlias(client: Queryable, name: string, alias: string): Promise<number | null> {
  // An alias that nobody holds is no row to lock: two that found none would both be the first.
  await lockUntilCommit(client, `signalbox alias ${name}@${alias}`);
  const { rows } = await client.query<{ version: number }>(
    'SELECT version FROM signalbox.model_aliases WHERE name = $1 AND alias = $2 FOR UPDATE',
    [name, alias],
  );
  return rows[0]?.version ?? null;
}

/** Takes `alias` away from `version`, if it is there. */
export async function removeAlias(client: Queryable, name: string, alias: string, version: number): Promise<boolean> {
  const { rowCount } = await client.query(
    'DELETE FROM signalbox.model_aliases WHERE name = $1 AND alias = $2 AND version = $3',
    [name, alias, version],
  );
  return rowCount === 1;
}

interface VersionRow {
  readonly name: string;
  readonly version: number;
  readonly model_hash: string;
  readonly experiment_hash: string;
  readonly evidence: Record<string, unknown>;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly aliases: string[];
}

/** All versions, of one name where given, oldest first. */
export async function listVersions(client: Queryable, name: string | null = null): Promise<ModelVersion[]> {
  const { rows } = await client.query<VersionRow>(
    `SELECT v.*, coalesce(array_agg(a.alias ORDER BY a.alias) FILTER (WHERE a.alias IS NOT NULL), '{}') AS aliases
     FROM signalbox.model_versions v
     LEFT JOIN signalbox.model_aliases a ON a.name = v.name AND a.version = v.version
     WHERE $1::text IS NULL OR v.name = $1
     GROUP BY v.name, v.version ORDER BY v.name, v.version`,
    [name],
  );
  return rows.map((row) => ({
    name: row.name,
    version: row.version,
    modelHash: row.model_hash,
    experimentHash: row.experiment_hash,
    aliases: row.aliases,
    evidence: row.evidence,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }));
}

/**
 * A version named as `name`, `name@alias` or `name@3`, where an experiment's file stands for the name it holds. A bare
 * name means its champion, or its newest version while it has none (who trades asks for `name@champion`). InputError
 * with what there is.
 */
export async function findVersion(client: Queryable, asked: string): Promise<ModelVersion> {
  const [given = '', named] = asked.split('@');
  const selector = named ?? 'champion';
  const { name, versions } = await namedVersions(client, given);
  const found =
    versions.find(({ version, aliases }) => String(version) === selector || aliases.includes(selector)) ??
    (named === undefined ? versions.at(-1) : undefined);
  if (found !== undefined) return found;
  const known = versions.map(({ version, aliases }) => [version, ...aliases].join('/')).join(', ');
  throw new InputError(
    versions.length === 0 ? `There is no model named ${name}.` : `${name} has no version ${selector}; it has ${known}.`,
    'See `signalbox models list`.',
  );
}

/** All versions of a name in the registry, or else of the name that an experiment's file of this name holds. */
export async function namedVersions(
  client: Queryable,
  given: string,
): Promise<{ readonly name: string; readonly versions: readonly ModelVersion[] }> {
  const versions = await listVersions(client, given);
  const name = versions.length > 0 ? given : (heldNameOf(given) ?? given);
  return name === given ? { name, versions } : { name, versions: await listVersions(client, name) };
}

/** The version that holds an alias of `name`, or null. */
export async function aliasHolder(client: Queryable, name: string, alias: string): Promise<ModelVersion | null> {
  const versions = await listVersions(client, name);
  return versions.find(({ aliases }) => aliases.includes(alias)) ?? null;
}
