import { execFileSync, spawnSync, type SpawnOptions } from 'node:child_process';
import { lchownSync, rmdirSync, rmSync, statSync } from 'node:fs';
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
   * it.
   */
  remove(folder: string): void;
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
  const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  return { name: 'self', ids: null, spawn: { cwd: '/' }, own: () => undefined, remove, can: tester({}) };
}

/** Several times: processes of an initdb that was killed may still be writing. */
const EMPTY = `cd -P -- "$0" || exit 1
for try in 1 2 3 4 5; do
  find . -mindepth 1 -maxdepth 1 -exec rm -rf -- {} +
  [ -z "$(ls -A)" ] && exit 0
  sleep 0.2
done
exit 1`;

function otherUser(name: string, { uid, gid }: Owner): ServerUser {
  const user = { uid, gid, cwd: '/' };
  const remove = (folder: string): void => {
    const { status, stderr } = spawnSync('/bin/sh', ['-c', EMPTY, folder], { ...user, encoding: 'utf8' });
    if (status !== 0) {
      throw new SignalboxError(`${folder} cannot be emptied by its owner (${name}): ${stderr.trim().slice(-500)}`, {
        remedy: 'Find out what lies in it, and remove it.',
      });
    }
    rmdirSync(folder);
  };
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
