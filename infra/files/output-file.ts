import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError } from '../errors.ts';

/** A file as the user named it: the option (`--out`) or argument, and the path given. */
export interface NamedFile {
  readonly option: string;
  readonly path: string | undefined;
}

/** Where a path really leads, links resolved; for a file that is not there yet, where it would be. */
async function realPath(path: string): Promise<string> {
  const found = await realpath(path).catch(() => undefined);
  if (found !== undefined) return found;
  const folder = await realpath(dirname(resolve(path))).catch(() => dirname(resolve(path)));
  return join(folder, basename(path));
}

const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() ?? false;

/**
 * Refuses an output that is also an input, under whatever name or link, or that lies in a folder that is read whole:
 * writing it would destroy what the command was made from. Call before anything is read. Throws InputError naming both
 * options.
 */
export async function requireOwnOutput(output: NamedFile, inputs: readonly NamedFile[]): Promise<void> {
  if (output.path === undefined) return;
  const target = await realPath(output.path);
  for (const { option, path } of inputs) {
    if (path === undefined) continue;
    const source = await realPath(path);
    const same = source === target;
    if (!same && !(dirname(target) === source && (await isFolder(source)))) continue;
    throw new InputError(
      `${output.option} ${output.path} ${same ? 'is the file' : 'lies in the folder'} that ${option} ${path} reads: writing it would ${same ? 'destroy' : 'change'} the input.`,
      `Give ${output.option} another name.`,
    );
  }
}
