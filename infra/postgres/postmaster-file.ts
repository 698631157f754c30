import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLineOf, isRunning } from './running-process.ts';

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
  const text = readText(pathIn(cluster));
  if (text === null) return null;
  const lines = text.split('\n');
  const pid = Number(lines[PID_LINE]);
  const port = Number(lines[PORT_LINE]);
  return pid > 0 && port > 0 ? { pid, port, ready: lines[STATUS_LINE]?.trim() === 'ready' } : null;
}

/**
 * The server that runs on `cluster`, or null. A process id is reused after a reboot or in a new container, so the process
 * must also be a server: its command line names a `postgres`.
 */
export function runningPostmaster(cluster: string): Postmaster | null {
  const found = readPostmaster(cluster);
  if (found === null || !isRunning(found.pid)) return null;
  const command = commandLineOf(found.pid);
  return command === '' || /\bpostgres\b/.test(command) ? found : null;
}

/**
 * Makes the file of a dead server harmless when its process id now belongs to something else, which the server would take
 * for a living one. It ignores an id that is its own parent's (src/backend/utils/init/miscinit.c), and still checks by the
 * other lines that no process of the dead server holds its shared memory; so ours is written and the rest kept.
 */
export function disownPostmaster(cluster: string): void {
  const path = pathIn(cluster);
  const text = readText(path);
  if (text === null) return;
  const lines = text.split('\n');
  lines[PID_LINE] = String(process.pid);
  writeFileSync(path, lines.join('\n'));
}

/** One read, no look before it: a server that ends removes its file between the two. */
function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function pathIn(cluster: string): string {
  return join(cluster, 'postmaster.pid');
}
