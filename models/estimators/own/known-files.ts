import { existsSync, readFileSync } from 'node:fs';
import { InputError } from '../../../infra/errors.ts';
import { hashOf } from '../../../infra/hash.ts';
import type { CompiledOwnFile } from '../../../infra/own-files/own-file.ts';

/** Files of experiments that this process has read, by hash. */
const known = new Map<string, CompiledOwnFile>();

/** Models that a compiled file has fitted can be loaded in this process. */
export function rememberFile(code: CompiledOwnFile): void {
  known.set(code.hash, code);
}

/**
 * The file that fitted a model: a stored model holds no code.
 * @throws InputError where the file is not there, or is another than it was
 */
export function fileOf({ file, hash }: FittedFile, compile: (path: string) => CompiledOwnFile): CompiledOwnFile {
  const remembered = known.get(hash);
  if (remembered !== undefined) return remembered;
  const code = compile(file);
  if (code.hash === hash) {
    rememberFile(code);
    return code;
  }
  throw changed({ file, hash }, code.hash);
}

interface FittedFile {
  readonly file: string;
  /** Of its text. */
  readonly hash: string;
}

/**
 * For whoever trades by a model: the file that fitted it lies where it lay, as it was, so that what decides can be
 * read.
 * @throws InputError where it does not
 */
export function requireFileAsFitted({ file, hash }: FittedFile): void {
  if (!existsSync(file)) {
    throw new InputError(`${file}, which fitted the model, is not there`, 'Restore the file, or train again.');
  }
  const found = hashOf(readFileSync(file, 'utf8'));
  if (found !== hash) throw changed({ file, hash }, found);
}

function changed({ file, hash }: FittedFile, found: string): InputError {
  return new InputError(
    `${file} has changed since it fitted the model: its hash is ${found.slice(0, 12)}, and was ${hash.slice(0, 12)}`,
    'Restore the file as it was, or train again.',
  );
}
