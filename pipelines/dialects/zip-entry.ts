import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { InputError } from '../../infra/errors.ts';

/** Folders, and what systems put beside the files, are no files of bars. */
const isOwn = ({ fileName }: Entry): boolean =>
  !fileName.endsWith('/') && !/(^|\/)(__MACOSX\/|\.|Thumbs\.db)/.test(fileName);

/** An archive of more entries than this is no table. */
const ENTRIES_MAX = 1000;

/** A file inside an archive, written as if the archive were a folder: `bars.zip/2024-01.csv`. */
interface ZipMember {
  readonly archive: string;
  readonly name: string;
}

/** The archive and the name in it of `path`; null for a path that leads into no archive. */
export async function zipMemberOf(path: string): Promise<ZipMember | null> {
  for (const { index } of path.matchAll(/\.zip[\\/]/gi)) {
    const archive = path.slice(0, index + 4);
    const found = await stat(archive).catch(() => null);
    if (found?.isFile() === true) return { archive, name: path.slice(index + 5).replaceAll('\\', '/') };
  }
  return null;
}

const damaged = (path: string, cause: unknown): InputError =>
  new InputError(`${path}: the zip data is damaged (${(cause as Error).message}).`, 'Fetch it again.', cause);

/** Opens an archive for `use`, which closes it when it is done with it. Throws InputError where it is damaged. */
async function withEntries<Result>(
  path: string,
  use: (zip: ZipFile, files: readonly Entry[]) => Promise<Result>,
): Promise<Result> {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false }).catch((cause: unknown) => {
    throw damaged(path, cause);
  });
  try {
    if (zip.entryCount > ENTRIES_MAX) {
      const text = `${path}: the zip archive has ${zip.entryCount} entries, and ${ENTRIES_MAX} are the most.`;
      throw new InputError(text, 'Unpack it and name the folder.');
    }
    const files: Entry[] = [];
    for await (const entry of zip.eachEntry()) if (isOwn(entry)) files.push(entry);
    if (files.length === 0) throw new InputError(`${path}: no file in this zip archive.`, 'Pack a CSV file.');
    return await use(zip, files);
  } catch (cause) {
    zip.close();
    throw cause instanceof InputError ? cause : damaged(path, cause);
  }
}

/** Names of the files in a zip archive, in their order. Throws InputError for one that is damaged or empty. */
export async function zipNames(path: string): Promise<string[]> {
  return withEntries(path, async (zip, files) => {
    zip.close();
    return files.map(({ fileName }) => fileName);
  });
}

/**
 * The bytes of a file in a zip archive, of the only one where none is named. Throws InputError for an archive that is
 * damaged, empty or encrypted, holds several files, or none of that name.
 */
export async function openZipEntry(
  path: string,
  name?: string,
): Promise<{ readonly bytes: Readable; readBytes(): number; close(): void }> {
  return withEntries(path, async (zip, files) => {
    const named = name === undefined ? files : files.filter(({ fileName }) => fileName === name);
    const [file] = named;
    if (file === undefined || named.length > 1) throw chooseOne(path, name, files);
    if (file.isEncrypted()) throw new InputError(`${path}: the zip archive is encrypted.`, 'Unpack it first.');
    const bytes = await zip.openReadStreamPromise(file);
    return { bytes, readBytes: () => file.compressedSize, close: () => zip.close() };
  });
}

const NAMED = 5;

function chooseOne(path: string, name: string | undefined, files: readonly Entry[]): InputError {
  const names = files.map(({ fileName }) => fileName);
  const held = `${names.slice(0, NAMED).join(', ')}${names.length > NAMED ? `, ... (${names.length} files)` : ''}`;
  const what = name === undefined ? 'several files' : names.includes(name) ? `${name} twice` : `no ${name}`;
  return new InputError(
    `${path}: the zip archive holds ${what}; in it: ${held}.`,
    /\.zip$/i.test(path)
      ? `Name one of them as if the archive were a folder: ${path}/${names[0]}.`
      : 'Give the archive a name that ends in .zip: all that is in it is read then, or what you name behind a slash.',
  );
}
