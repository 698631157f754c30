import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { SignalboxError } from '../../errors.ts';
import { clusterOf, openControl } from './cluster.ts';
import { addressOf } from '../connection.ts';
import { databaseError, isOutage, isSilence } from '../database-error.ts';
import { runningPostmaster } from './postmaster-file.ts';
import { isStopped } from './running-process.ts';
import { stoppedServer } from './stopped-server.ts';

/** A server that ran out of disk says so among its last lines, between the refusals of clients that came after. */
const TAIL_BYTES = 65_536;

/**
 * What a user reads of `error`, a failure of work with `database` in `dataDir`; unchanged where it is none of
 * PostgreSQL's.
 */
export function explainOutage(
  error: unknown,
  database: { readonly url: string; readonly embedded: boolean },
  dataDir: string,
): unknown {
  const explained = databaseError(error, addressOf(database.url));
  if (!database.embedded) return explained;
  return isSilence(explained)
    ? silentEmbedded(explained, clusterOf(openControl(dataDir)))
    : embeddedOutage(explained, dataDir);
}

/**
 * The error for an embedded server on `cluster` that answers nothing: it names the process. Any other `error` comes
 * back unchanged.
 */
export function silentEmbedded(error: unknown, cluster: string): unknown {
  const pid = isSilence(error) ? runningPostmaster(cluster)?.pid : undefined;
  if (pid === undefined) return error;
  const cause = error instanceof SignalboxError ? error.cause : error;
  if (isStopped(pid)) return stoppedServer(pid, cause);
  return new SignalboxError(`The embedded PostgreSQL (process ${pid}) does not answer.`, {
    remedy: `It may be overloaded: wait and run the command again, or end it (kill -QUIT ${pid}): what was committed is kept.`,
    cause,
  });
}

/**
 * Why the embedded server of `dataDir` went away, where its log tells: a disk that is full ends the server itself,
 * since it can no longer write its own log of changes, and clients only see that nothing listens. Any other error comes
 * back unchanged.
 */
export function embeddedOutage(error: unknown, dataDir: string): unknown {
  const folder = join(dataDir, 'postgres');
  if (!isOutage(error) || !/No space left on device/.test(tailOf(join(folder, 'server.log')))) return error;
  return new SignalboxError(`The disk of the embedded PostgreSQL (${folder}) is full: the server ended.`, {
    remedy: 'Free space on that disk, then run the command again: what was committed is kept.',
    cause: error,
  });
}

function tailOf(path: string): string {
  if (!existsSync(path)) return '';
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(file, tail, 0, tail.length, size - tail.length);
    return tail.toString('utf8');
  } finally {
    closeSync(file);
  }
}
