import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SignalboxError } from '../../errors.ts';
import { createPrivateFile, readPlainFile, writePrivateFile } from '../../files/private-file.ts';
import { makeDataFolder } from '../../files/private-folder.ts';
import type { Binaries } from './binaries.ts';
import type { ServerUser } from './server-user.ts';
import { sharedFolder } from './shared-folder.ts';

/** Superuser and owner of everything on the embedded server. */
export const EMBEDDED_USER = 'signalbox';

/** It takes half a second on an idle machine. */
const INIT_MS_MAX = 300_000;

/** Files beside the data folder, in `<dataDir>/postgres`. */
export interface Control {
  readonly folder: string;
  readonly lock: string;
  readonly password: string;
  readonly port: string;
  readonly log: string;
  /** Names the folder that holds the data, when that is not this one. */
  readonly location: string;
}

/** Makes `<dataDir>/postgres`, which root's server can pass through; what it holds is closed by itself. */
export function openControl(dataDir: string): Control {
  const folder = join(dataDir, 'postgres');
  makeDataFolder(folder);
  const at = (name: string): string => join(folder, name);
  return {
    folder,
    lock: at('lock'),
    password: at('password'),
    port: at('port'),
    log: at('server.log'),
    location: at('location'),
  };
}

/** The data folder as recorded, or the default one when nothing is recorded yet. */
export function clusterOf(control: Control): string {
  const location = readPlainFile(control.location);
  if (location === null) return join(control.folder, 'cluster');
  const cluster = location.text.trim();
  if (!existsSync(cluster)) {
    throw new SignalboxError(`The data of the embedded PostgreSQL is gone: ${control.location} names ${cluster}.`, {
      remedy: `Put it back, or delete ${control.folder} to begin with an empty database.`,
    });
  }
  return cluster;
}

export interface InitOptions {
  readonly control: Control;
  readonly binaries: Binaries;
  readonly user: ServerUser;
  readonly onStage: (text: string) => void;
}

/**
 * The data folder, made by initdb when there is none. It is made under another name and renamed when whole, so one
 * that was interrupted leaves only a draft, which is removed here. Throws when the folder is of another major version.
 */
export async function ensureCluster(options: InitOptions): Promise<string> {
  const { control, binaries, user, onStage } = options;
  const cluster = clusterOf(control);
  if (existsSync(cluster)) {
    assertUsable(cluster, binaries, control);
    if (!user.can('enter', dirname(cluster))) {
      throw new SignalboxError(`The user that PostgreSQL runs as (${user.name}) cannot enter ${dirname(cluster)}.`, {
        remedy: `Open that folder and those above it (chmod o+x), or set SIGNALBOX_HOME to another one.`,
      });
    }
    return cluster;
  }
  const inside = user.can('enter', control.folder);
  const home = inside ? control.folder : mkdtempSync(join(sharedFolder(), 'data-'));
  if (!inside) chmodSync(home, 0o711);
  if (!inside) onStage(`${control.folder} is closed to the user that PostgreSQL runs as: the data lie in ${home}`);
  await removeDrafts(home, user);
  const target = join(home, 'cluster');
  await initialise(join(home, `draft-${randomBytes(4).toString('hex')}`), target, options);
  if (!inside) writePrivateFile(control.location, `${target}\n`);
  return target;
}

/** The password of the embedded server. It is written before the data folder exists, so a folder never lacks it. */
export function readPassword(control: Control): string {
  let found: { text: string } | null;
  try {
    found = readPlainFile(control.password);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES') throw error;
    throw new SignalboxError(`${control.password} cannot be read (${code}).`, {
      remedy: 'The database was made by another user: run as that one, or set SIGNALBOX_HOME to a folder of your own.',
      cause: error,
    });
  }
  if (found !== null) return found.text.trim();
  throw new SignalboxError(`${control.password} cannot be read (ENOENT).`, {
    remedy: `Put it back, or delete ${control.folder} to begin with an empty database.`,
  });
}

async function initialise(draft: string, target: string, options: InitOptions): Promise<void> {
  const { control, user, onStage } = options;
  onStage('making the embedded PostgreSQL database (once)');
  if (!existsSync(control.password)) {
    writePrivateFile(control.password, randomBytes(24).toString('hex'));
  }
  mkdirSync(draft, { mode: 0o700 });
  user.own(draft);
  // initdb runs as the server's user and wants an empty folder, so the password file for it lies beside the draft.
  const passwordFile = `${draft}.password`;
  createPrivateFile(passwordFile, readPassword(control), user.ids);
  await runInitdb(draft, passwordFile, options);
  rmSync(passwordFile);
  renameSync(draft, target);
}

/** Text sorts by code point whatever the machine's locale: results must not depend on it. */
function runInitdb(draft: string, passwordFile: string, { binaries, user }: InitOptions): Promise<void> {
  // Version 16 has no locales of its own; its C sorts by code point too.
  const builtin = binaries.majorVersion < 17 ? [] : ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const flags = ['--encoding=UTF8', '--locale=C', ...builtin];
  const access = [`--username=${EMBEDDED_USER}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  const child = spawn(binaries.initdb, [`--pgdata=${draft}`, ...access, ...flags], {
    ...user.spawn,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), INIT_MS_MAX);
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      if (code === 0) resolve();
      else reject(initError(draft, code, complaint));
    });
  });
}

function initError(draft: string, code: number | null, complaint: string): SignalboxError {
  const full = /No space left on device/i.test(complaint);
  return new SignalboxError(`initdb of the embedded PostgreSQL failed (${code}): ${complaint.trim().slice(-1000)}`, {
    remedy: full
      ? `Free space on the disk of ${dirname(draft)}.`
      : 'Run the command again; if it stays, set DATABASE_URL.',
  });
}

/**
 * A draft folder belongs to the server's user, who may put links into it while it is being removed. So that user
 * empties it; what is left to us is a name in a folder of our own.
 */
async function removeDrafts(home: string, user: ServerUser): Promise<void> {
  for (const name of readdirSync(home)) {
    if (!/^draft-[0-9a-f]+(\.password)?$/.test(name)) continue;
    const draft = join(home, name);
    if (lstatSync(draft).isDirectory()) await user.remove(draft);
    else rmSync(draft, { force: true });
  }
}

function assertUsable(cluster: string, binaries: Binaries, control: Control): void {
  const version = readPlainFile(join(cluster, 'PG_VERSION'));
  if (version === null) {
    throw new SignalboxError(`${cluster} is not a PostgreSQL data folder: PG_VERSION is missing.`, {
      remedy: `Restore it, or delete ${control.folder} to begin with an empty database.`,
    });
  }
  const found = Number.parseInt(version.text, 10);
  if (found === binaries.majorVersion) return;
  throw new SignalboxError(
    `${cluster} was made by PostgreSQL ${found}; this installation brings PostgreSQL ${binaries.majorVersion}.`,
    {
      remedy:
        'Back up with the version of Signalbox that made it (`signalbox db backup FILE`), ' +
        `delete ${control.folder}, and restore here (\`signalbox db restore FILE\`).`,
    },
  );
}
