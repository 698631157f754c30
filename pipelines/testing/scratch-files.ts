import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A folder for the files of one suite, removed when the suite ends; for the top of the suite. */
export function scratchFiles(prefix: string): {
  readonly folder: string;
  /** Writes a file and returns its path; without a name it is the next CSV file. */
  readonly file: (content: string | Uint8Array, name?: string) => string;
} {
  const folder = mkdtempSync(join(tmpdir(), `${prefix}-`));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let count = 0;
  const file = (content: string | Uint8Array, name = `f${++count}.csv`): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  return { folder, file };
}
