import { randomUUID } from 'node:crypto';
import { linkSync, lstatSync, rmSync, unlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { systemClock } from '../../clock.ts';
import { SignalboxError } from '../../errors.ts';
import { createPrivateFile, readPlainFile } from '../../files/private-file.ts';
import { endTemporary, removeLeftovers, temporaryBeside } from '../../files/temporary-file.ts';
import { processIdentity } from './running-process.ts';

const holderSchema = z.object({ token: z.uuid(), pid: z.int(), started: z.string().nullable(), host: z.string() });
type Holder = z.infer<typeof holderSchema>;

/** A lock left by another host cannot be asked for its process; locks are held for seconds, so an old one is stale. */
const FOREIGN_HOST_STALE_MS = 120_000;

/**
 * Runs `work` while holding the lock file at `path`, which other processes respect too. A lock whose process is gone is
 * taken over. Waits at most `timeoutMs` for a live holder, then fails naming it.
 */
export async function withProcessLock<T>(path: string, timeoutMs: number, work: () => Promise<T>): Promise<T> {
  const mine = await acquire(path, timeoutMs);
  try {
    return await work();
  } finally {
    if (readHolder(path)?.token === mine.token) unlinkSync(path);
  }
}

async function acquire(path: string, timeoutMs: number): Promise<Holder> {
  const mine = { token: randomUUID(), pid: process.pid, started: processIdentity(process.pid), host: hostname() };
  const deadline = performance.now() + timeoutMs;
  removeLeftovers(path);
  for (;;) {
    if (create(path, mine)) return mine;
    const holder = readHolder(path);
    if (holder !== null && isStale(path, holder)) await removeStale(path, holder, timeoutMs);
    else if (performance.now() > deadline) {
      throw new SignalboxError(`${path} has been held by process ${holder?.pid ?? '?'} for too long.`, {
        remedy: 'Wait for that process or end it, then try again.',
      });
    } else await sleep(20);
  }
}

/** Creates the lock with its content in one step: link(2) fails when the name exists. */
function create(path: string, holder: Holder): boolean {
  const draft = temporaryBeside(path);
  try {
    createPrivateFile(draft, JSON.stringify(holder), null);
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
    endTemporary(draft);
  }
}

function readHolder(path: string): Holder | null {
  try {
    // It has a second name while it is being made.
    const found = readPlainFile(path, { secondName: true });
    return found === null ? null : holderSchema.parse(JSON.parse(found.text));
  } catch (error) {
    throw new SignalboxError(`${path} is not a lock of Signalbox.`, { remedy: 'Delete that file.', cause: error });
  }
}

function isStale(path: string, holder: Holder): boolean {
  if (holder.host === hostname()) return processIdentity(holder.pid) !== holder.started;
  return systemClock() - (lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) > FOREIGN_HOST_STALE_MS;
}

/**
 * Removes exactly the stale lock that was read. Two processes that find the same stale lock must not remove each
 * other's new one, so the right to remove a lock is itself a lock named by its token; a holder that died there is taken
 * over too.
 */
async function removeStale(path: string, stale: Holder, timeoutMs: number): Promise<void> {
  await withProcessLock(`${path}.${stale.token}.stale`, timeoutMs, async () => {
    if (readHolder(path)?.token === stale.token) unlinkSync(path);
  });
}
