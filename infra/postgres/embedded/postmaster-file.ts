import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { SignalboxError } from '../../errors.ts';
import { readPlainFile, writePrivateFile, type Owner } from '../../files/private-file.ts';
import { commandLineOf, isRunning, userOf } from './running-process.ts';

/** What a server says about itself in `postmaster.pid` (src/include/utils/pidfile.h numbers the lines). */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

const PID_LINE = 0;
const PORT_LINE = 3;
const STATUS_LINE = 7;

/** The file as it stands, whether or not its server runs; null when there is none or it is still being written. */
export function readPostmaster(cluster: string): Postmaster | null {
  const found = read(cluster);
  if (found === null) return null;
  const lines = found.text.split('\n');
  const pid = Number(lines[PID_LINE]);
  const port = Number(lines[PORT_LINE]);
  return pid > 0 && port > 0 ? { pid, port, ready: lines[STATUS_LINE]?.trim() === 'ready' } : null;
}

/**
 * The server that runs on `cluster`, or null. A process id is reused after a reboot or in a new container, so the
 * process must also be a server of the folder's owner: its command line names a `postgres`. The owner wrote the file,
 * and must not get anybody else's process ended by it.
 */
export function runningPostmaster(cluster: string): Postmaster | null {
  const found = readPostmaster(cluster);
  if (found === null || !isRunning(found.pid)) return null;
  if (userOf(found.pid) !== lstatSync(cluster).uid) return null;
  const command = commandLineOf(found.pid);
  return command === '' || /\bpostgres\b/.test(command) ? found : null;
}

/**
 * Makes the file of a dead server harmless when its process id now belongs to something else, which the server would
 * take for a living one. It ignores an id that is its own parent's (src/backend/utils/init/miscinit.c), and still
 * checks by the other lines that no process of the dead server holds its shared memory; so ours is written and the
 * rest kept.
 */
export function disownPostmaster(cluster: string): void {
  const found = read(cluster);
  if (found === null) return;
  const lines = found.text.split('\n');
  lines[PID_LINE] = String(process.pid);
  writePrivateFile(pathIn(cluster), lines.join('\n'), found.owner);
}

/**
 * One read, no look before it: a server that ends removes its file between the two. Only a plain file of the folder's
 * owner counts: whoever may write into the folder could put a link to somebody else's there.
 */
function read(cluster: string): { readonly text: string; readonly owner: Owner } | null {
  const found = readPlainFile(pathIn(cluster));
  if (found === null || found.owner.uid === lstatSync(cluster).uid) return found;
  throw new SignalboxError(`${pathIn(cluster)} belongs to user ${found.owner.uid} and not to the folder's owner.`, {
    remedy: 'Find out who put it there, and remove it.',
  });
}

function pathIn(cluster: string): string {
  return join(cluster, 'postmaster.pid');
}
