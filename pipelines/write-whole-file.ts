import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { InputError } from '../infra/errors.ts';

/**
 * Writes text under a temporary name beside `path` and puts it in place when it is whole, so that nobody ever sees half a file.
 * Packs it where the name ends in `.gz`. Throws InputError where the folder cannot be written to.
 */
export async function writeWholeFile(path: string, pieces: Iterable<string>): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.part`;
  try {
    const source = Readable.from(pieces);
    const target = createWriteStream(temporary);
    if (path.endsWith('.gz')) await pipeline(source, createGzip(), target);
    else await pipeline(source, target);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new InputError(
      `Cannot write ${path}: ${(cause as Error).message}.`,
      'Check the folder and the space left.',
      cause,
    );
  }
}
