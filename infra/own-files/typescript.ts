import { createRequire } from 'node:module';
import type typescript from 'typescript';

let loaded: typeof typescript | undefined;

/** The compiler, loaded when it is first asked for: most runs name no file of a user. */
export function compiler(): typeof typescript {
  loaded ??= createRequire(import.meta.url)('typescript') as typeof typescript;
  return loaded;
}
