import { chmodSync, existsSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SignalboxError } from '../errors.ts';

/** Only the owner enters, lists and writes. */
const PRIVATE = 0o700;
/** Others may pass through to what they know by name, and see nothing on the way. */
const PASSABLE = 0o711;
const IN_THE_WAY = 'Remove what is in the way, or set SIGNALBOX_HOME to a folder that you may write to.';

/**
 * Makes the folder that everything of ours lies in, with those above it that are missing: closed to others. Made by
 * root it can be passed through, because the embedded server runs as another user and its data lie below. One that
 * exists is left as it is: it may be the user's. Throws SignalboxError where it cannot be made, or is something else.
 */
export function makeDataFolder(folder: string): void {
  if (existsSync(folder)) {
    if (statSync(folder).isDirectory()) return;
    throw new SignalboxError(`${folder} is in the way: a folder is needed there.`, { remedy: IN_THE_WAY });
  }
  makeDataFolder(dirname(folder));
  const mode = process.geteuid?.() === 0 ? PASSABLE : PRIVATE;
  try {
    mkdirSync(folder, { mode: PRIVATE });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    throw new SignalboxError(`${folder} cannot be made (${code}).`, {
      remedy: 'Set SIGNALBOX_HOME to a folder that you may write to.',
      cause: error,
    });
  }
  if (mode !== PRIVATE) chmodSync(folder, mode);
}

/**
 * The folder `names` below `dataDir`, made where it is missing. Each of them is closed to others, also one that an
 * older version left open. Throws SignalboxError where one cannot be made.
 */
export function privateFolder(dataDir: string, ...names: readonly string[]): string {
  makeDataFolder(dataDir);
  let folder = dataDir;
  for (const name of names) {
    folder = join(folder, name);
    makeClosed(folder);
  }
  return folder;
}

function makeClosed(folder: string): void {
  try {
    mkdirSync(folder, { mode: PRIVATE });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const found = code === 'EEXIST' ? lstatSync(folder) : null;
    if (found === null || !(found.isDirectory() || found.isSymbolicLink())) {
      throw new SignalboxError(`${folder} cannot be made (${code}).`, {
        remedy: IN_THE_WAY,
        cause: error,
      });
    }
    // A link is the user's own way to another disk.
    const open = found.isDirectory() && (found.mode & 0o077) !== 0;
    if (open && found.uid === process.geteuid?.()) chmodSync(folder, PRIVATE);
  }
}
