import type { Readable } from 'node:stream';
import { openPromise, type Entry } from 'yauzl';
import { InputError } from '../../infra/errors.ts';

/** Folders, and what systems put beside the files, are no files of bars. */
const isOwn = ({ fileName }: Entry): boolean =>
  !fileName.endsWith('/') && !/(^|\/)(__MACOSX\/|\.|Thumbs\.db)/.test(fileName);

/** An archive of more entries than this is no table. */
const ENTRIES_MAX = 1000;

/**
 * The bytes of the only file in a zip archive. Throws InputError for an archive that is damaged, empty, encrypted, or
 * holds several files: which one is meant nobody can tell.
 */
export async function openZipEntry(
  path: string,
): Promise<{ readonly bytes: Readable; readBytes(): number; close(): void }> {
  const damaged = (cause: unknown): InputError =>
    new InputError(`${path}: the zip data is damaged (${(cause as Error).message}).`, 'Fetch it again.', cause);
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false }).catch((cause: unknown) => {
    throw damaged(cause);
  });
  try {
    if (zip.entryCount > ENTRIES_MAX) throw severalFiles(path, `${zip.entryCount} entries`);
    const files: Entry[] = [];
    for await (const entry of zip.eachEntry()) if (isOwn(entry)) files.push(entry);
    const [file] = files;
    if (file === undefined) throw new InputError(`${path}: no file in this zip archive.`, 'Pack a CSV file.');
    if (files.length > 1)
      throw severalFiles(
        path,
        files
          .map(({ fileName }) => fileName)
          .slice(0, 3)
          .join(', '),
      );
    if (file.isEncrypted()) throw new InputError(`${path}: the zip archive is encrypted.`, 'Unpack it first.');
    const bytes = await zip.openReadStreamPromise(file);
    return { bytes, readBytes: () => file.compressedSize, close: () => zip.close() };
  } catch (cause) {
    zip.close();
    throw cause instanceof InputError ? cause : damaged(cause);
  }
}

function severalFiles(path: string, held: string): InputError {
  return new InputError(`${path}: the zip archive holds several files (${held}).`, 'Unpack it and name the folder.');
}
