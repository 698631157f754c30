import { accessSync, chmodSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SignalboxError } from '../errors.ts';

/** Folders that every user can enter and that outlive a reboot, best first. */
const CANDIDATES = ['/var/lib/signalbox', '/var/tmp/signalbox'];

/**
 * A folder owned by root that every user can enter. Only root needs it: for the programs and the data of the embedded
 * server when the checkout lies below a folder that the server's user cannot enter.
 */
export function sharedFolder(): string {
  for (const folder of CANDIDATES) {
    if (existsSync(folder) ? isOurs(folder) : isWritable(dirname(folder))) {
      mkdirSync(folder, { recursive: true });
      chmodSync(folder, 0o711);
      return folder;
    }
  }
  throw new SignalboxError(`None of ${CANDIDATES.join(', ')} can be used for the embedded PostgreSQL.`, {
    remedy: 'Move the checkout to a folder that other users can enter, run as a normal user, or set DATABASE_URL.',
  });
}

/** /var/tmp is open to all: a folder there that somebody else prepared is not used. */
function isOurs(folder: string): boolean {
  return statSync(folder).uid === process.getuid?.() && isWritable(folder);
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
