import { existsSync } from 'node:fs';
import { dirname } from 'node:path';

/** A folder, or, while nothing was written to it yet, the one that it will stand in. */
export function existingFolder(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : existingFolder(dirname(folder));
}
