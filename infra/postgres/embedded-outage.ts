import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { SignalboxError } from '../errors.ts';
import { isOutage } from './database-error.ts';

/** A server that ran out of disk says so among its last lines, between the refusals of clients that came after. */
const TAIL_BYTES = 65_536;

/**
 * Why the embedded server of `dataDir` went away, where its log tells: a disk that is full ends the server itself, since it can no
 * longer write its own log of changes, and clients only see that nothing listens. Any other error comes back unchanged.
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
