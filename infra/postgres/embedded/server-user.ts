import { execFileSync, spawnSync, type SpawnOptions } from 'node:child_process';
import { lchownSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Owner } from '../../files/private-file.ts';
import { SignalboxError } from '../../errors.ts';

/** The operating-system user that the server runs as. */
export interface ServerUser {
  readonly name: string;
  /**
   * Spawn options that make a child run as this user; empty when we are it. The working directory is one that all can
   * enter.
   */
  readonly spawn: Pick<SpawnOptions, 'uid' | 'gid' | 'cwd'>;
  /** Its ids; null when we are it. */
  readonly ids: Owner | null;
  /** Gives a folder of ours to this user. */
  own(path: string): void;
  /**
   * Removes a folder of this user that lies in one of ours: its content as this user, who could have put links into
   * it. Processes of an initdb that was killed may still be writing: what they add meanwhile is removed too.
   * @throws SignalboxError where what lies in it cannot be removed, or more is added for ten seconds
   */
  remove(folder: string): Promise<void>;
  /** Whether this user can use the file or folder, judged by the system itself (modes, access lists, mount options). */
  can(what: 'read' | 'enter', path: string): boolean;
}

/** PostgreSQL refuses to run as root, so root hands over to the first of these users that exists. */
const UNPRIVILEGED = ['postgres', 'nobody'];

/**
 * The user for the server: ourselves; when we are root, the owner of the `existing` data folder or an unprivileged
 * user.
 */
export function serverUser(existing?: string): ServerUser {
  if (process.getuid?.() !== 0) return ourselves();
  const owner = existing === undefined ? undefined : statSync(existing, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0) return otherUser(`user ${owner.uid}`, owner);
  for (const name of UNPRIVILEGED) {
    const ids = idsOf(name);
    if (ids !== null) return otherUser(name, ids);
  }
  throw new SignalboxError(
    `PostgreSQL does not run as root, and none of the users ${UNPRIVILEGED.join(', ')} exists.`,
    {
      remedy: 'Run as a normal user, create the user postgres, or set DATABASE_URL.',
    },
  );
}

function ourselves(): ServerUser {
  const remove = (folder: string): Promise<void> =>
    untilGone(folder, () => rmSync(folder, { recursive: true, force: true }));
  return { name: 'self', ids: null, spawn: { cwd: '/' }, own: () => undefined, remove, can: tester({}) };
}

/** How long what an initdb that was killed left behind may go on writing; it fails soon once its files are gone. */
const WRITING_MS_MAX = 10_000;
const AGAIN_MS = 50;
/** In a row: `rm` fails too where something is added to a folder that it is about to remove. */
const FAILURES_MAX = 5;

/** @param remove throws ENOTEMPTY where something was added between two of its steps */
async function untilGone(folder: string, remove: () => void | Promise<void>): Promise<void> {
  const beganMs = performance.now();
  for (;;) {
    try {
      return await remove();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
      if (performance.now() - beganMs > WRITING_MS_MAX)
        throw new SignalboxError(`${folder} cannot be removed: something goes on writing to it.`, {
          remedy: 'Find out which process does, end it, and run the command again.',
          cause: error,
        });
    }
    await sleep(AGAIN_MS);
  }
}

const EMPTY = 'cd -P -- "$0" && find . -mindepth 1 -maxdepth 1 -exec rm -rf -- {} +';

function otherUser(name: string, { uid, gid }: Owner): ServerUser {
  const user = { uid, gid, cwd: '/' };
  const empty = async (folder: string): Promise<void> => {
    for (let failures = 1; ; failures++) {
      const { status, stderr } = spawnSync('/bin/sh', ['-c', EMPTY, folder], { ...user, encoding: 'utf8' });
      if (status === 0) return;
      if (failures === FAILURES_MAX)
        throw new SignalboxError(`${folder} cannot be emptied by its owner (${name}): ${stderr.trim().slice(-500)}`, {
          remedy: 'Find out what lies in it, and remove it.',
        });
      await sleep(AGAIN_MS);
    }
  };
  const remove = (folder: string): Promise<void> =>
    untilGone(folder, async () => {
      await empty(folder);
      rmdirSync(folder);
    });
  const own = (path: string): void => lchownSync(path, uid, gid);
  return { name, ids: { uid, gid }, spawn: user, own, remove, can: tester({ uid, gid }) };
}

function idsOf(name: string): Owner | null {
  try {
    const ask = (flag: string): number =>
      Number(
        execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 30_000 }),
      );
    return { uid: ask('-u'), gid: ask('-g') };
  } catch (error) {
    // id ends with 1 for an unknown user.
    if (typeof (error as { status?: unknown }).status === 'number') return null;
    throw error;
  }
}

const TESTS = { read: 'test -r "$0"', enter: 'test -d "$0" && test -x "$0"' } as const;

function tester(ids: Partial<Owner>): ServerUser['can'] {
  return (what, path) =>
    spawnSync('/bin/sh', ['-c', TESTS[what], path], { ...ids, cwd: '/', stdio: 'ignore', timeout: 30_000 }).status ===
    0;
}
