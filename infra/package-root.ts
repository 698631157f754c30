import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SignalboxError } from './errors.ts';

/** The folder that holds package.json: the checkout, also when this runs compiled from `dist/`. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new SignalboxError('No package.json above the running code: the installation is broken.');
    folder = parent;
  }
  return folder;
}
