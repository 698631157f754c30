import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFile,
  writeFileSync,
  type Stats,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { SignalboxError } from '../errors.ts';
import { endTemporary, NEW_FILE, removeLeftovers, temporaryBeside } from './temporary-file.ts';

/** Only the owner reads and writes. */
const PRIVATE = 0o600;
/** Our own small files; a larger one is none of them. */
const READ_BYTES_MAX = 1 << 20;
/** Neither through a link nor waiting for the other end of a pipe. */
const PLAIN = constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Who owns a file. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Writes a small file of ours that only its owner reads, and puts it in place when it is whole and on the disk. What
 * stands there is replaced; a link is never followed. `owner`: whose it becomes. Throws the error of the file system.
 */
export function writePrivateFile(path: string, content: string | Uint8Array, owner?: Owner): void {
  removeLeftovers(path);
  const temporary = temporaryBeside(path);
  try {
    const file = openSync(temporary, NEW_FILE, PRIVATE);
    try {
      writeFileSync(file, content);
      if (owner !== undefined) fchownSync(file, owner.uid, owner.gid);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } finally {
    rmSync(temporary, { force: true });
    endTemporary(temporary);
  }
}

/**
 * Makes a small file for the user `owner` under a name that nobody knew before, and fails where something has that
 * name. For what another program is told to read.
 */
export function createPrivateFile(path: string, content: string, owner: Owner | null): void {
  const file = openSync(path, NEW_FILE, PRIVATE);
  try {
    writeFileSync(file, content);
    if (owner !== null) fchownSync(file, owner.uid, owner.gid);
  } finally {
    closeSync(file);
  }
}

/**
 * Opens a log of ours to write at its end; one that an older version left open to others is closed to them. The caller
 * closes it.
 */
export function openPrivateLog(path: string): number {
  const file = openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | PLAIN, PRIVATE);
  try {
    requirePlain(path, fstatSync(file));
    fchmodSync(file, PRIVATE);
  } catch (error) {
    closeSync(file);
    throw error;
  }
  return file;
}

/** Adds text at the end of a log that is open, and returns once it is on the disk. */
export async function appendSynced(file: number, text: string): Promise<void> {
  await promisify(writeFile)(file, text);
  await promisify(fdatasync)(file);
}

/** Adds text at the end of a file of ours. */
export function appendPrivateFile(path: string, text: string): void {
  const file = openPrivateLog(path);
  try {
    writeFileSync(file, text);
  } finally {
    closeSync(file);
  }
}

/**
 * What a small file of ours holds and whose it is; null where there is none. Throws SignalboxError for a link, for a
 * file with another name (unless `secondName` allows it) and for anything special.
 */
export function readPlainFile(
  path: string,
  { secondName = false } = {},
): { readonly text: string; readonly owner: Owner } | null {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | PLAIN);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    // Linux says ELOOP of a link, FreeBSD EMLINK.
    if (code === 'ELOOP' || code === 'EMLINK') throw notPlain(path, 'a link');
    throw error;
  }
  try {
    const stats = fstatSync(file);
    requirePlain(path, stats, secondName);
    if (stats.size > READ_BYTES_MAX) throw notPlain(path, 'too large to be one of ours');
    return { text: readFileSync(file, 'utf8'), owner: { uid: stats.uid, gid: stats.gid } };
  } finally {
    closeSync(file);
  }
}

/** A file with a second name may be anything on the same disk. */
function requirePlain(path: string, stats: Stats, secondName = false): void {
  if (!stats.isFile()) throw notPlain(path, 'no file');
  if (stats.nlink > 1 && !secondName) throw notPlain(path, 'a file with a second name');
}

function notPlain(path: string, what: string): SignalboxError {
  return new SignalboxError(`${path} is ${what}: Signalbox did not put it there.`, {
    remedy: 'Find out who did, and remove it.',
  });
}

/** Makes the names in a folder outlast a power cut. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, constants.O_RDONLY);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
