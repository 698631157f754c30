import { InputError } from '../../../infra/errors.ts';
import { readOutsideBytes } from '../../../infra/files/outside-file.ts';
import { sha256 } from '../../../infra/hash.ts';
import { readLightgbmJson } from './lightgbm-json.ts';
import { readLightgbmText } from './lightgbm-text.ts';
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
 * Reads the model of a file and checks all of it: what comes back predicts, whatever the file holds.
 * @throws InputError naming file and place
 */
export function readModelFile(file: string): ModelFile {
  const bytes = readOutsideBytes(file, { bytesMax: BYTES_MAX, remedy: 'Train fewer trees, or shallower ones.' });
  return { file, sha256: sha256(bytes), bytes, model: modelIn(file, bytes) };
}

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
  throw new InputError(
    `${file}: is no model file that is read: it begins neither as one of LightGBM nor as one of XGBoost`,
    'Save it with save_model of LightGBM (text) or of XGBoost (.json, .ubj).',
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
