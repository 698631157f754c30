import { createHash, randomBytes } from 'node:crypto';
import { constants, lstatSync, readdirSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { isRunning } from '../postgres/embedded/running-process.ts';

/** A new file of this name: never one that is there, never through a link. */
export const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** Temporary names that this process writes to at the moment. */
const active = new Set<string>();

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

/**
 * Begins the names of what is written on the way to `path`. Of fixed length: the name itself may be as long as the
 * disk allows.
 */
const prefixOf = (path: string): string => `.signalbox-${shortHash(basename(path))}-`;

/**
 * A name beside `path` that nobody can guess, for what becomes `path` when it is whole. It says who writes: host and
 * process. Call `endTemporary` when the name is gone.
 */
export function temporaryBeside(path: string): string {
  const writer = `${shortHash(hostname())}-${process.pid}`;
  const name = `${prefixOf(path)}${writer}-${randomBytes(12).toString('hex')}.part`;
  const temporary = join(dirname(path), name);
  active.add(temporary);
  return temporary;
}

/** Notes that `temporary` was renamed or removed. */
export function endTemporary(temporary: string): void {
  active.delete(temporary);
}

/**
 * Removes what writers of `path` left beside it when they were killed: files (with `folders`, folders too) of this
 * user, named by a process of this host that does not run any more. Links are never followed.
 */
export function removeLeftovers(path: string, { folders = false } = {}): void {
  const folder = dirname(path);
  const pattern = new RegExp(`^\\${prefixOf(path)}([0-9a-f]{12})-(\\d+)-[0-9a-f]{24}\\.part$`);
  for (const name of readdirSync(folder)) {
    const [, host, pid] = pattern.exec(name) ?? [];
    const leftover = join(folder, name);
    if (host !== shortHash(hostname()) || active.has(leftover)) continue;
    // In a container every start has the same process ids: one of our own that is not active is somebody else's.
    if (Number(pid) !== process.pid && isRunning(Number(pid))) continue;
    remove(leftover, folders);
  }
}

function remove(leftover: string, folders: boolean): void {
  const found = lstatSync(leftover, { throwIfNoEntry: false });
  if (found === undefined || found.uid !== process.geteuid?.()) return;
  if (folders && found.isDirectory()) rmSync(leftover, { recursive: true, force: true });
  else if (found.isFile()) rmSync(leftover, { force: true });
}
