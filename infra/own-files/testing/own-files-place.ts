import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** Writes a user's files into a folder that goes when the tests of a file are over. */
export function ownFilesPlace(): (name: string, ...lines: readonly string[]) => string {
  const folder = mkdtempSync(join(tmpdir(), 'own-files-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  let files = 0;
  return (name, ...lines) => {
    const path = join(folder, `${name}-${++files}.ts`);
    writeFileSync(path, lines.join('\n'));
    return path;
  };
}
