import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, readFileSync, renameSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { SignalboxError } from '../../errors.ts';
import { openPrivateLog, readPlainFile, writePrivateFile } from '../../files/private-file.ts';
import type { Binaries } from './binaries.ts';
import type { Control } from './cluster.ts';
import { findFreePort, isPortFree } from './free-port.ts';
import { disownPostmaster, readPostmaster, runningPostmaster, type Postmaster } from './postmaster-file.ts';
import { isRunning } from './running-process.ts';
import type { ServerUser } from './server-user.ts';
import { unlessStopped } from './stopped-server.ts';

/**
 * Recovery after a crash replays the log since the last checkpoint: 92 ms on an idle database, minutes after heavy
 * writing.
 */
const START_TIMEOUT_MS = 300_000;
const STOP_TIMEOUT_MS = 120_000;
const POLL_MS = 10;
const ATTEMPTS = 50;

/** Loopback only, no socket files, room for several worker processes and for queries over many partitions. */
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=200',
  'max_locks_per_transaction=256',
  'max_wal_size=4GB',
  'shared_buffers=256MB',
  'timezone=UTC',
  'log_timezone=UTC',
  'jit=off',
];

export interface StartOptions {
  readonly cluster: string;
  readonly control: Control;
  readonly binaries: Binaries;
  readonly user: ServerUser;
  /** Further `name=value` settings of the server. */
  readonly settings: readonly string[];
}

/**
 * Starts a server on `cluster` that outlives this process (a session of its own, so Ctrl-C does not reach it) and
 * returns when it is ready. The port of last time is kept while it is free.
 */
export async function startServer(options: StartOptions): Promise<Postmaster> {
  const { cluster, control } = options;
  if (runningPostmaster(cluster) === null) disownPostmaster(cluster);
  let port = await preferredPort(control);
  for (let attempt = 1; ; attempt++) {
    const outcome = await tryStart(options, port);
    if (typeof outcome !== 'string') {
      writePrivateFile(control.port, String(port));
      return outcome;
    }
    const portTaken = /Address already in use|could not create any TCP\/IP sockets/.test(outcome);
    const dying = /pre-existing shared memory block/.test(outcome);
    if (attempt === ATTEMPTS || !(portTaken || dying)) throw startError(outcome, control);
    if (portTaken) port = await findFreePort();
    // Backends of a killed server notice within moments and end.
    else await sleep(100);
    disownPostmaster(cluster);
  }
}

async function preferredPort(control: Control): Promise<number> {
  const last = Number(readPlainFile(control.port)?.text ?? 0);
  return Number.isInteger(last) && last > 0 && last < 65536 && (await isPortFree(last)) ? last : findFreePort();
}

/** The running server, or what it said before it gave up. */
async function tryStart(
  { cluster, control, binaries, user, settings }: StartOptions,
  port: number,
): Promise<Postmaster | string> {
  if (existsSync(control.log)) renameSync(control.log, `${control.log}.1`);
  const log = openPrivateLog(control.log);
  const flags = [...SETTINGS, ...settings].flatMap((setting) => ['-c', setting]);
  const child = spawn(binaries.postgres, ['-D', cluster, '-p', String(port), ...flags], {
    ...user.spawn,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  const ended = watchEnd(child);
  const deadline = performance.now() + START_TIMEOUT_MS;
  const requireGoing = unlessStopped();
  while (performance.now() < deadline) {
    if (ended.failure !== null) return `${ended.failure}\n${readFileSync(control.log, 'utf8')}`;
    const found = readPostmaster(cluster);
    if (found !== null && found.pid === child.pid && found.ready) return found;
    if (child.pid !== undefined) requireGoing(child.pid);
    await sleep(POLL_MS);
  }
  throw new SignalboxError(`The embedded PostgreSQL was not ready within ${START_TIMEOUT_MS / 1000} s.`, {
    remedy: `It may still be recovering: look at ${control.log}, wait, and run the command again.`,
  });
}

function watchEnd(child: ChildProcess): { failure: string | null } {
  const ended: { failure: string | null } = { failure: null };
  child.once('error', (error) => (ended.failure = error.message));
  child.once('exit', (code, signal) => (ended.failure = `postgres ended with ${code ?? signal}`));
  return ended;
}

function startError(outcome: string, control: Control): SignalboxError {
  const full = /No space left on device/.test(outcome);
  const last = outcome.trim().split('\n').slice(-6).join('\n');
  return new SignalboxError(`The embedded PostgreSQL does not start: ${last}`, {
    remedy: full ? `Free space on the disk of ${control.folder}.` : `See ${control.log}.`,
  });
}

/** Waits until a server that was found starting or stopping is ready or gone. */
export async function settle(cluster: string, onStage: (text: string) => void): Promise<Postmaster | null> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  const requireGoing = unlessStopped();
  let told = false;
  for (;;) {
    const found = runningPostmaster(cluster);
    if (found === null || found.ready) return found;
    if (!told) onStage('waiting for the embedded PostgreSQL, which is starting or stopping');
    told = true;
    requireGoing(found.pid);
    if (performance.now() > deadline) {
      throw new SignalboxError(`The PostgreSQL process ${found.pid} neither becomes ready nor ends.`, {
        remedy: `End it (kill -INT ${found.pid}) and run the command again.`,
      });
    }
    await sleep(POLL_MS);
  }
}

/**
 * Ends the server on `cluster` (fast shutdown: clients are disconnected, nothing committed is lost) and waits for its
 * end.
 */
export async function stopServer(cluster: string): Promise<void> {
  const found = runningPostmaster(cluster);
  if (found === null) return;
  process.kill(found.pid, 'SIGINT');
  const deadline = performance.now() + STOP_TIMEOUT_MS;
  const requireGoing = unlessStopped();
  // Its file goes shortly before the process does: who is told that it ended may look for either.
  while (isRunning(found.pid) && (readPostmaster(cluster)?.pid ?? found.pid) === found.pid) {
    requireGoing(found.pid);
    if (performance.now() > deadline) {
      throw new SignalboxError(`The embedded PostgreSQL (process ${found.pid}) does not end.`, {
        remedy: `End it: kill -QUIT ${found.pid}. The next start recovers what was committed.`,
      });
    }
    await sleep(POLL_MS);
  }
}
