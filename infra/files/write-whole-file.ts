import { existsSync } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { InputError } from '../errors.ts';
import { closedOutput } from '../terminal/standard-streams.ts';
import { outputTarget } from './output-target.ts';
import { syncFolder } from './private-file.ts';
import { endTemporary, NEW_FILE, removeLeftovers, temporaryBeside } from './temporary-file.ts';

type Piece = string | Uint8Array;
/** The content of a file, whole or in pieces. */
export type FileContent = Piece | Iterable<Piece> | AsyncIterable<Piece>;

export interface WholeFileOptions {
  /** Pack it; by default where the name ends in `.gz`. */
  readonly gzip?: boolean;
  /** Fail where the file exists, also when it came into being meanwhile. */
  readonly mustBeNew?: boolean;
  /** Nothing is lost with it, and whoever reads it notices what a power cut left: the disk is not waited for. */
  readonly isLosable?: boolean;
}

/**
 * Writes a file that only its owner reads, under a temporary name beside `path`, and puts it in place when it is whole
 * and on the disk: nobody ever sees half a file, not even after a power cut. Removes what killed writers of the same
 * file left. Where `path` is a link, a pipe or a device, see `outputTarget`. Throws InputError where it cannot be
 * written; an error of `content` comes through as it is.
 */
export async function writeWholeFile(
  path: string,
  content: FileContent,
  options: WholeFileOptions = {},
): Promise<void> {
  const source = new Source(content);
  const transforms = (options.gzip ?? path.endsWith('.gz')) ? [createGzip({ level: 6 })] : [];
  try {
    const target = await outputTarget(path);
    if ('file' in target) await replace(target.file, source, { ...options, transforms });
    else await pipeline([source.stream(), ...transforms, target.stream], { end: target.ours }).catch(orClosed);
  } catch (cause) {
    if (source.failed || cause instanceof InputError || cause === closedOutput()) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new InputError(`${path} exists already.`, 'Choose another name or remove it.', cause);
    }
    throw new InputError(
      `Cannot write ${path}: ${(cause as Error).message}.`,
      'Check the folder and the space left.',
      cause,
    );
  }
}

/** A reader of `--out /dev/stdout` that has gone (`| head -1`) is no failure of writing. */
function orClosed(cause: unknown): never {
  throw closedOutput() ?? cause;
}

/** The pieces, and whether it was they that failed. */
class Source {
  failed = false;
  readonly #iterator: Iterator<Piece> | AsyncIterator<Piece>;

  constructor(content: FileContent) {
    const whole = typeof content === 'string' || content instanceof Uint8Array;
    const pieces = whole ? [content] : content;
    this.#iterator = Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]();
  }

  stream(): Readable {
    return Readable.from(this.#pieces());
  }

  async *#pieces(): AsyncGenerator<Piece> {
    let ended = false;
    try {
      // What the stream throws in at a yield is a failure of writing and not noted here.
      for (let next = await this.#next(); next.done !== true; next = await this.#next()) yield next.value;
      ended = true;
    } finally {
      if (!ended && !this.failed) await this.#iterator.return?.();
    }
  }

  async #next(): Promise<IteratorResult<Piece>> {
    try {
      return await this.#iterator.next();
    } catch (error) {
      this.failed = true;
      throw error;
    }
  }
}

async function replace(
  path: string,
  source: Source,
  { transforms, mustBeNew = false, isLosable = false }: WholeFileOptions & { transforms: NodeJS.ReadWriteStream[] },
): Promise<void> {
  removeLeftovers(path);
  const temporary = temporaryBeside(path);
  try {
    const file = await open(temporary, NEW_FILE, 0o600);
    // The stream closes the file, also when the pieces fail.
    await pipeline([source.stream(), ...transforms, file.createWriteStream({ flush: !isLosable })]);
    await (mustBeNew ? putNew(temporary, path) : rename(temporary, path));
    if (!isLosable) syncFolder(dirname(path));
  } finally {
    await rm(temporary, { force: true });
    endTemporary(temporary);
  }
}

/** link(2) fails where the name exists. A disk without second names (FAT) is looked at first, which leaves a moment. */
async function putNew(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EPERM', 'ENOTSUP', 'ENOSYS'].includes(code) || existsSync(path)) throw error;
    await rename(temporary, path);
  }
}
