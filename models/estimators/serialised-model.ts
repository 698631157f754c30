import '../../infra/files/issue-words.ts';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { InputError } from '../../infra/errors.ts';
import { canonicalJson } from '../../infra/hash.ts';
import type { SerialisedModel } from './estimator.ts';

/** Everything of a model but its checksum. */
export type ModelParts = Omit<SerialisedModel, 'checksum'>;

const MAGIC = Buffer.from('SBXMODEL', 'latin1');
const PREFIX_BYTES = MAGIC.length + 4;

const headerSchema = z.strictObject({
  kind: z.string().min(1),
  formatVersion: z.int().positive(),
  featureNames: z.array(z.string()),
  body: z.unknown(),
  weightBytes: z.int().min(0).nullable(),
  checksum: z.string().regex(/^[0-9a-f]{64}$/),
});

function checksumOf(parts: ModelParts): string {
  const { kind, formatVersion, featureNames, body } = parts;
  const digest = createHash('sha256').update(canonicalJson({ kind, formatVersion, featureNames, body }));
  return digest
    .update(parts.weights === null ? '|no weights' : '|weights:')
    .update(parts.weights ?? '')
    .digest('hex');
}

/** Adds the checksum. `body` must be JSON-safe: it is stored as JSON and has to come back equal. */
export function sealModel(parts: ModelParts): SerialisedModel {
  return { ...parts, checksum: checksumOf(parts) };
}

/**
 * Throws an InputError naming what is wrong when the model is of another kind, of a format version the loader does not
 * know, or when anything in it differs from what was sealed.
 */
export function verifyModel(model: SerialisedModel, expected: { kind: string; formatVersion: number }): void {
  if (model.kind !== expected.kind) {
    throw new InputError(
      `model is of kind "${model.kind}", not "${expected.kind}"`,
      'load it with the loader of its kind',
    );
  }
  if (model.formatVersion !== expected.formatVersion) {
    throw new InputError(
      `model of kind "${model.kind}" has format version ${model.formatVersion}; this version reads ${expected.formatVersion}`,
      'train it again, or use the version of the program that wrote it',
    );
  }
  const found = checksumOf(model);
  if (found !== model.checksum) {
    throw new InputError(
      `model of kind "${model.kind}" was altered: its checksum says ${model.checksum.slice(0, 12)}…, its content has ${found.slice(0, 12)}…`,
      'restore the file from the registry or train the model again',
    );
  }
}

/** Parses the `body` of a model by its kind's schema; an InputError names the first key that is wrong. */
export function parseBody<T>(model: SerialisedModel, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(model.body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? 'body' : `body.${issue.path.join('.')}`;
  throw new InputError(
    `model of kind "${model.kind}": ${where}: ${issue?.message ?? 'is not valid'}`,
    'train it again',
  );
}

/** One buffer for a file or a database column: magic, header length (uint32, little endian), JSON header, weights. */
export function encodeModel(model: SerialisedModel): Buffer {
  const { weights, ...rest } = model;
  const header = Buffer.from(JSON.stringify({ ...rest, weightBytes: weights?.length ?? null }), 'utf8');
  const prefix = Buffer.alloc(PREFIX_BYTES);
  MAGIC.copy(prefix);
  prefix.writeUInt32LE(header.length, MAGIC.length);
  return Buffer.concat([prefix, header, weights ?? Buffer.alloc(0)]);
}

/** Reads what `encodeModel` wrote. Throws an InputError for bytes that are no model or not all of one. */
export function decodeModel(bytes: Uint8Array): SerialisedModel {
  const remedy = 'restore the file from the registry or train the model again';
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < PREFIX_BYTES || !buffer.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new InputError('not a model file: it does not begin with SBXMODEL', remedy);
  }
  const headerEnd = PREFIX_BYTES + buffer.readUInt32LE(MAGIC.length);
  if (buffer.length < headerEnd) throw new InputError('model file is cut off inside its header', remedy);
  const { weightBytes, ...rest } = parseHeader(buffer.toString('utf8', PREFIX_BYTES, headerEnd), remedy);
  if (buffer.length !== headerEnd + (weightBytes ?? 0)) {
    throw new InputError(
      `model file has ${buffer.length - headerEnd} bytes of weights where its header says ${weightBytes ?? 0}`,
      remedy,
    );
  }
  // A copy of its own buffer: typed views over the weights need them aligned.
  return { ...rest, weights: weightBytes === null ? null : new Uint8Array(buffer.subarray(headerEnd)) };
}

function parseHeader(text: string, remedy: string): z.infer<typeof headerSchema> {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    throw new InputError('model file has a header that is not JSON', remedy, error);
  }
  const parsed = headerSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new InputError(
    `model file: header key ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`,
    remedy,
  );
}
