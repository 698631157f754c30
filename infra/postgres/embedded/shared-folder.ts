import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { SignalboxError } from '../../errors.ts';

/** Folders that every user can enter and that outlive a reboot, best first. */
const CANDIDATES = ['/var/lib/signalbox', '/var/tmp/signalbox'];

/**
 * A folder owned by root that every user can enter. Only root needs it: for the programs and the data of the embedded
 * server when the checkout lies below a folder that the server's user cannot enter.
 */
export function sharedFolder(candidates: readonly string[] = CANDIDATES): string {
  for (const folder of candidates) {
    if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) {
      if (!isWritable(dirname(folder))) continue;
      // Whoever was faster is looked at like any other.
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    }
    if (openToAll(folder)) return folder;
  }
  throw new SignalboxError(`None of ${candidates.join(', ')} can be used for the embedded PostgreSQL.`, {
    remedy: 'Move the checkout to a folder that other users can enter, run as a normal user, or set DATABASE_URL.',
  });
}

/**
 * Lets every user pass through `folder` and says whether it can be used. /var/tmp is open to all: a folder there that
 * somebody else prepared, or a link to one of ours, is not used and stays as it is.
 */
function openToAll(folder: string): boolean {
  if (!lstatSync(folder).isDirectory() || !isWritable(folder)) return false;
  const handle = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const { uid, mode } = fstatSync(handle);
    if (uid !== process.geteuid?.() || (mode & 0o022) !== 0) return false;
    fchmodSync(handle, 0o711);
    return true;
  } finally {
    closeSync(handle);
  }
}

function isWritable(folder: string): boolean {
  if (!existsSync(join(folder))) return false;
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch (error) {
    if (['EACCES', 'EROFS', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
