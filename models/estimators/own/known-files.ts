import { InputError } from '../../../infra/errors.ts';
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
export function fileOf(
  { file, hash }: { readonly file: string; readonly hash: string },
  compile: (path: string) => CompiledOwnFile,
): CompiledOwnFile {
  const remembered = known.get(hash);
  if (remembered !== undefined) return remembered;
  const code = compile(file);
  if (code.hash === hash) {
    rememberFile(code);
    return code;
  }
  throw new InputError(
    `${file} has changed since it fitted the model: its hash is ${code.hash.slice(0, 12)}, and was ${hash.slice(0, 12)}`,
    'Restore the file as it was, or train again.',
  );
}
