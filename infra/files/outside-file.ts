import { closeSync, constants, fstatSync, openSync, readFileSync, statSync, type Stats } from 'node:fs';
import { InputError } from '../errors.ts';

const REASONS: Readonly<Record<string, string>> = { ENOENT: 'no such file', EISDIR: 'is a folder' };

/** What is there in place of a file; null for a file. */
function insteadOfFile(found: Stats): string | null {
  if (found.isFile()) return null;
  if (found.isDirectory()) return 'is a folder';
  return found.isFIFO() ? 'is a pipe, which can be read once only' : 'is a device or a socket';
}

function unreadable(path: string, error: unknown): InputError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return new InputError(`${path}: ${REASONS[code] ?? `cannot be read (${code})`}.`, 'Check the path.', error);
}

function requireFile(path: string, found: Stats): void {
  const instead = insteadOfFile(found);
  if (instead !== null) throw new InputError(`${path}: ${instead}.`, 'Save it as a file and name that.');
}

/**
 * Throws InputError where `path` does not lead to a file: opening a pipe waits for a writer without end, and a device
 * has none.
 */
export function requirePlainFile(path: string): void {
  let found: Stats;
  try {
    found = statSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
  requireFile(path, found);
}

export interface OutsideText {
  /** What is larger is not read. */
  readonly bytesMax: number;
  /** What to do about one that is larger. */
  readonly remedy: string;
}

/**
 * Opens a file that the user names, for reading; whoever opens closes. Waits for no writer of a pipe. Throws InputError
 * for what is no file or cannot be read.
 */
export function openOutsideFile(path: string): number {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw unreadable(path, error);
  }
  try {
    requireFile(path, fstatSync(file));
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/**
 * Text of a file that the user names. Waits for no writer of a pipe and reads no more than `bytesMax`. Throws
 * InputError for what is no file, cannot be read or is larger.
 */
export function readOutsideText(path: string, limits: OutsideText): string {
  return readOutsideBytes(path, limits).toString('utf8');
}

/** Its bytes. Throws as `readOutsideText` does. */
export function readOutsideBytes(path: string, { bytesMax, remedy }: OutsideText): Buffer {
  const file = openOutsideFile(path);
  try {
    const { size } = fstatSync(file);
    if (size > bytesMax) throw new InputError(`${path}: ${size} bytes, and ${bytesMax} are the most.`, remedy);
    return readFileSync(file);
  } catch (error) {
    throw error instanceof InputError ? error : unreadable(path, error);
  } finally {
    closeSync(file);
  }
}
