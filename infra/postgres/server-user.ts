import { execFileSync, spawnSync, type SpawnOptions } from 'node:child_process';
import { chownSync, statSync } from 'node:fs';
import { SignalboxError } from '../errors.ts';

/** The operating-system user that the server runs as. */
export interface ServerUser {
  readonly name: string;
  /** Spawn options that make a child run as this user; empty when we are it. The working directory is one that all can enter. */
  readonly spawn: Pick<SpawnOptions, 'uid' | 'gid' | 'cwd'>;
  /** Gives a file or folder of ours to this user. */
  own(path: string): void;
  /** Whether this user can use the file or folder, judged by the system itself (modes, access lists, mount options). */
  can(what: 'read' | 'enter', path: string): boolean;
}

/** PostgreSQL refuses to run as root, so root hands over to the first of these users that exists. */
const UNPRIVILEGED = ['postgres', 'nobody'];

/** The user for the server: ourselves; when we are root, the owner of the `existing` data folder or an unprivileged user. */
export function serverUser(existing?: string): ServerUser {
  if (process.getuid?.() !== 0) return { name: 'self', spawn: { cwd: '/' }, own: () => undefined, can: tester({}) };
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

interface Ids {
  readonly uid: number;
  readonly gid: number;
}

function otherUser(name: string, { uid, gid }: Ids): ServerUser {
  return { name, spawn: { uid, gid, cwd: '/' }, own: (path) => chownSync(path, uid, gid), can: tester({ uid, gid }) };
}

function idsOf(name: string): Ids | null {
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

function tester(ids: Partial<Ids>): ServerUser['can'] {
  return (what, path) =>
    spawnSync('/bin/sh', ['-c', TESTS[what], path], { ...ids, cwd: '/', stdio: 'ignore', timeout: 30_000 }).status ===
    0;
}
