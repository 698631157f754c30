import { constants } from 'node:fs';
import { lstat, open, readlink, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { InputError } from '../errors.ts';

/**
 * Where the bytes for a path go: a name that is replaced when the file is whole, or a stream that takes them as they
 * come.
 */
export type OutputTarget = { readonly file: string } | { readonly stream: Writable; readonly ours: boolean };

const STANDARD_OUTPUT = ['/dev/stdout', '/dev/fd/1', '/proc/self/fd/1'];
const STANDARD_ERROR = ['/dev/stderr', '/dev/fd/2', '/proc/self/fd/2'];
/** As many links as Linux follows. */
const LINKS_MAX = 40;

/**
 * Where a path that the user names leads. Devices, pipes and the standard streams are written to as they are. A link
 * of this user (or of root) is followed and what it names is replaced; a link of anybody else is refused, since it may
 * lead anywhere. Throws InputError for that, for a folder, and for links in a circle.
 */
export async function outputTarget(path: string): Promise<OutputTarget> {
  let place = resolve(path);
  for (let link = 0; link < LINKS_MAX; link++) {
    if (STANDARD_OUTPUT.includes(place)) return { stream: process.stdout, ours: false };
    if (STANDARD_ERROR.includes(place)) return { stream: process.stderr, ours: false };
    const found = await lstat(place).catch(missing);
    if (found === null || found.isFile()) return { file: place };
    if (found.isDirectory()) throw new InputError(`Cannot write ${path}: it is a folder.`, 'Name a file in it.');
    if (!found.isSymbolicLink()) return { stream: await openAsItIs(place), ours: true };
    if (place.startsWith('/dev/') || place.startsWith('/proc/')) return { stream: await openAsItIs(place), ours: true };
    if (found.uid !== process.geteuid?.() && found.uid !== 0) {
      throw new InputError(
        `Cannot write ${path}: ${place} is a link of another user (${found.uid}).`,
        'Remove it, or name a file in a folder of your own.',
      );
    }
    place = resolve(dirname(place), await readlink(place));
  }
  throw new InputError(`Cannot write ${path}: its links lead in a circle.`, 'Remove the link.');
}

async function openAsItIs(place: string): Promise<Writable> {
  const handle = await open(place, constants.O_WRONLY);
  if ((await stat(place)).isFile()) await handle.truncate();
  return handle.createWriteStream();
}

function missing(error: unknown): null {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
  throw error;
}
