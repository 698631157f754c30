import { InputError } from '../../../infra/errors.ts';
import { readOutsideBytes } from '../../../infra/files/outside-file.ts';
import { sha256 } from '../../../infra/hash.ts';
import { readLightgbmJson } from './lightgbm-json.ts';
import { readLightgbmText } from './lightgbm-text.ts';
import { readOnnx } from './onnx-model.ts';
import type { ReadModel } from './read-model.ts';
import { readUbjson } from './ubjson.ts';
import { readXgboost } from './xgboost-json.ts';

/** A thousand trees of a thousand leaves are 100 MB of text; a stored training keeps the file once for each fold. */
const BYTES_MAX = 64_000_000;

/** A model that was trained elsewhere, and the file that holds it. */
export interface ModelFile {
  readonly file: string;
  /** Of its bytes. */
  readonly sha256: string;
  readonly bytes: Uint8Array;
  readonly model: ReadModel;
}

/** Models of this process by the hash of their file: a training fits each of its folds with the same ones. */
const known = new Map<string, ReadModel>();
const KNOWN_MAX = 16;

/**
 * Reads the model of a file and checks all of it: what comes back predicts, whatever the file holds. `expected` is the
 * hash that the file must have. A file that has another is still looked at, so that what is wrong is named; but bytes
 * of ONNX go to a native runtime only if they are the ones that were meant.
 * @throws InputError naming file and place
 */
export function readModelFile(file: string, expected: string | undefined): ModelFile {
  const bytes = readOutsideBytes(file, { bytesMax: BYTES_MAX, remedy: 'Train fewer trees, or shallower ones.' });
  const hash = sha256(bytes);
  if (hash === expected) return { file, sha256: hash, bytes, model: modelIn(file, bytes) };
  if (!isOnnx(bytes)) modelIn(file, bytes);
  const why = expected === undefined ? 'sha256 is required beside it' : `is another file than sha256 ${expected} says`;
  throw new InputError(`${file}: ${why}`, `If it is the file that you mean, give sha256: ${hash}`);
}

/** The first field of a file of ONNX is its version. */
const isOnnx = (bytes: Uint8Array): boolean => bytes[0] === 8;

/** The model that bytes of a file hold; `file` names it in errors. @throws InputError naming file and place */
export function modelIn(file: string, bytes: Uint8Array): ReadModel {
  const hash = sha256(bytes);
  const found = known.get(hash);
  if (found !== undefined) return found;
  const model = parsed(file, bytes);
  if (known.size === KNOWN_MAX) known.delete([...known.keys()][0]!);
  known.set(hash, model);
  return model;
}

const startsWith = (bytes: Uint8Array, text: string): boolean =>
  Buffer.from(bytes.subarray(0, text.length)).toString('latin1') === text;

function parsed(file: string, bytes: Uint8Array): ReadModel {
  // An object of Universal Binary JSON goes on with the type of a key's length, of JSON with a quote or a blank.
  if (/^\{[iUIlL]/.test(Buffer.from(bytes.subarray(0, 2)).toString('latin1'))) {
    return readXgboost(file, readUbjson(file, bytes));
  }
  if (startsWith(bytes, 'tree\n')) return readLightgbmText(file, textOf(file, bytes));
  if (startsWith(bytes, '{')) return readJson(file, jsonOf(file, textOf(file, bytes)));
  if (isOnnx(bytes)) return readOnnx(file, bytes);
  throw new InputError(
    `${file}: is no model file that is read: it begins neither as one of LightGBM nor as one of XGBoost or ONNX`,
    'Save it with save_model of LightGBM (text) or of XGBoost (.json, .ubj), or convert it to ONNX.',
  );
}

function textOf(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new InputError(`${file}: is no text in UTF-8`, 'Save the model again, or copy the file again.', error);
  }
}

function jsonOf(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = (error as Error).message;
    throw new InputError(`${file}: is no JSON: ${why}`, 'Save the model again, or copy the file again.', error);
  }
}

function readJson(file: string, value: unknown): ReadModel {
  const keys = Object.keys(value as object);
  if (keys.includes('learner')) return readXgboost(file, value);
  if (keys.includes('tree_info')) return readLightgbmJson(file, value);
  throw new InputError(
    `${file}: is JSON, and has neither learner, as XGBoost writes it, nor tree_info, as LightGBM does`,
    'Save it with save_model of XGBoost, or write what dump_model of LightGBM gives.',
  );
}
