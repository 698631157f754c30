import { posix } from 'node:path';
import { InputError, SignalboxError } from '../errors.ts';
import { sha256 } from '../hash.ts';
import { storableText } from '../logging/storable-text.ts';
import { entryKeyOf, type EntryOf, type OutboxEntry, type TextMap } from './outbox-entry.ts';
import {
  DATASET_DIGEST_CHARS_MAX,
  mlflowName,
  PARAM_CHARS_MAX,
  splitBatch,
  TAG_CHARS_MAX,
  wireNumber,
  type WireBatch,
  type WireText,
} from './server-limits.ts';

/** A batch as stored: within the server's limits, numbers as the wire has them. */
export interface StoredBatch {
  readonly kind: 'logBatch';
  readonly runKey: string;
  readonly batch: WireBatch;
}

type StoredArtifact = Omit<EntryOf<'logArtifact'>, 'content'>;

/** What the payload column holds: one request to the server, or one create with its lookups. */
export type StoredPayload = StoredBatch | StoredArtifact | Exclude<OutboxEntry, { kind: 'logBatch' | 'logArtifact' }>;

export interface StoredEntry {
  readonly entryKey: string;
  readonly payload: StoredPayload;
  readonly content: Uint8Array | null;
}

/** PostgreSQL's limit of one value is 1 GiB, and its protocol writes two characters a byte. */
const CONTENT_BYTES_MAX = 400 * 1024 * 1024;

/**
 * The rows that stand for `entry`: large batches are split by the server's limits, and values that the server would cut
 * (parameters over 6000, tags over 8000 characters) are marked as cut and kept whole as text artifacts. Throws
 * SignalboxError or InputError for what no server could take (an empty key, a path that climbs, a fractional step).
 */
export function storedEntriesOf(entry: OutboxEntry): StoredEntry[] {
  checkKeys(entry);
  const entryKey = storableText(entryKeyOf(entry));
  switch (entry.kind) {
    case 'logBatch':
      return storedBatches(entry, entryKey);
    case 'logArtifact':
      return [storedArtifact(entry, entryKey)];
    case 'createRun': {
      const { tags, whole } = cutTexts(entry.tags, { runKey: entry.runKey, folder: 'tags', charsMax: TAG_CHARS_MAX });
      return [row(entryKey, { ...entry, tags: Object.fromEntries(tags.map((tag) => [tag.key, tag.value])) }), ...whole];
    }
    case 'logInputs': {
      const datasets = entry.datasets.map((dataset) => ({
        ...dataset,
        digest: dataset.digest.slice(0, DATASET_DIGEST_CHARS_MAX),
      }));
      return [row(entryKey, { ...entry, datasets })];
    }
    case 'createExperiment':
    case 'logModel':
    case 'registerModel':
    case 'setAlias':
    case 'deleteAlias':
    case 'finishRun':
      return [row(entryKey, entry)];
  }
}

function row(entryKey: string, payload: StoredPayload, content: Uint8Array | null = null): StoredEntry {
  const text = JSON.stringify(payload, (_key, value: unknown) =>
    typeof value === 'string' ? storableText(value) : value,
  );
  return { entryKey, payload: JSON.parse(text) as StoredPayload, content };
}

function storedBatches(entry: EntryOf<'logBatch'>, entryKey: string): StoredEntry[] {
  const { runKey } = entry;
  const params = cutTexts(entry.params, { runKey, folder: 'parameters', charsMax: PARAM_CHARS_MAX });
  const tags = cutTexts(entry.tags, { runKey, folder: 'tags', charsMax: TAG_CHARS_MAX });
  const taken = new Map<string, string>();
  const metrics = (entry.metrics ?? []).map(({ key, value, step, timestampMs }) => {
    if (!Number.isSafeInteger(step))
      throw new SignalboxError(`Metric ${key} of run ${runKey}: step ${step} is no integer.`);
    const timestamp = Math.trunc(timestampMs);
    if (!Number.isSafeInteger(timestamp)) throw new SignalboxError(`Metric ${key} of run ${runKey} has no time.`);
    return { key: mlflowName(key, taken), value: wireNumber(value), timestamp, step };
  });
  const batches = splitBatch({ metrics, params: params.texts, tags: tags.tags });
  const rows = batches.map((batch, index) =>
    row(batches.length === 1 ? entryKey : `${entryKey}#${index + 1}`, { kind: 'logBatch', runKey, batch }),
  );
  return [...rows, ...params.whole, ...tags.whole];
}

interface CutOptions {
  readonly runKey: string;
  readonly folder: 'parameters' | 'tags';
  readonly charsMax: number;
}

/** The texts with server names and lengths, and an artifact for each one that had to be cut. */
function cutTexts(
  texts: TextMap | undefined,
  { runKey, folder, charsMax }: CutOptions,
): { texts: WireText[]; tags: WireText[]; whole: StoredEntry[] } {
  const taken = new Map<string, string>();
  const whole: StoredEntry[] = [];
  const cut = Object.entries(texts ?? {}).map(([name, value]) => {
    const key = mlflowName(name, taken);
    const text = storableText(value);
    if (text.length <= charsMax) return { key, value: text };
    const path = `${folder}/${key}.txt`;
    const content = Buffer.from(text);
    const artifact: OutboxEntry = { kind: 'logArtifact', runKey, path, contentType: 'text/plain', content };
    whole.push(...storedEntriesOf(artifact));
    const mark = ` ... [cut: ${text.length} characters, whole in artifact ${path}, sha256 ${sha256(content).slice(0, 12)}]`;
    return { key, value: storableText(text.slice(0, charsMax - mark.length)) + mark };
  });
  return { texts: cut, tags: cut, whole };
}

function storedArtifact(entry: EntryOf<'logArtifact'>, entryKey: string): StoredEntry {
  const { content, ...payload } = entry;
  const { path } = entry;
  if (
    path === '' ||
    path.startsWith('/') ||
    path.startsWith('..') ||
    path.includes('\\') ||
    posix.normalize(path) !== path
  ) {
    throw new SignalboxError(`Artifact path '${path}' of run ${entry.runKey} must be relative and plain.`);
  }
  if (content.byteLength > CONTENT_BYTES_MAX) {
    throw new SignalboxError(`Artifact ${path} of run ${entry.runKey} has ${content.byteLength} bytes.`, {
      remedy: `Split it: an artifact may have ${CONTENT_BYTES_MAX} bytes.`,
    });
  }
  return row(entryKey, payload, content);
}

const KEY = /^[A-Za-z0-9][\w.:/@+,()=-]{0,399}$/;
const MODEL_NAME = /^[A-Za-z0-9][\w. -]{0,199}$/;
const ALIAS = /^(?![vV]\d+$)(?!latest$)[\w-]{1,255}$/;

/** Keys travel in the server's filter expressions, so that quotes are refused here. */
function checkKeys(entry: OutboxEntry): void {
  const { runKey, parentRunKey, modelKey, versionKey, modelName, alias, experimentName } = entry as Partial<
    Record<'runKey' | 'parentRunKey' | 'modelKey' | 'versionKey' | 'modelName' | 'alias' | 'experimentName', string>
  >;
  for (const [name, key] of Object.entries({ runKey, parentRunKey, modelKey, versionKey })) {
    if (key !== undefined && !KEY.test(key)) {
      throw new SignalboxError(`${name} '${key}' of a tracking entry: letters, digits and . _ : / @ + , ( ) = - only.`);
    }
  }
  if (modelName !== undefined && !MODEL_NAME.test(modelName)) {
    throw new InputError(
      `Model name '${modelName}' is not one that MLflow takes.`,
      'Letters, digits, . _ - and spaces.',
    );
  }
  if (alias !== undefined && !ALIAS.test(alias)) {
    throw new InputError(
      `Alias '${alias}' is not one that MLflow takes.`,
      'Letters, digits, _ and -; not v1, not latest.',
    );
  }
  if (experimentName !== undefined && (experimentName.trim() === '' || experimentName.length > 500)) {
    throw new InputError(
      `Experiment name '${experimentName}' is not one that MLflow takes.`,
      'Give 1 to 500 characters.',
    );
  }
}
