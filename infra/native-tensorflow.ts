import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from './package-root.ts';

const PACKAGE = '@tensorflow/tfjs-node';

/**
 * Main file of `@tensorflow/tfjs-node` as seen from `folder`, null where it is not installed or its addon was never
 * built.
 */
function builtAddon(folder: string): string | null {
  let main: string;
  try {
    main = createRequire(`${folder}/`).resolve(PACKAGE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
  const root = dirname(dirname(main));
  return existsSync(`${root}/lib`) && existsSync(`${root}/deps`) ? main : null;
}

/**
 * Where the native TensorFlow backend can be imported from: what `npm run native-tensorflow` built, or a
 * `@tensorflow/tfjs-node` that was installed among the dependencies and brought its library along. Null when there is
 * neither.
 */
export function nativeTensorflow(): string | null {
  const main = builtAddon(join(packageRoot(), 'infra', 'tensorflow'));
  return main === null ? null : pathToFileURL(main).href;
}
