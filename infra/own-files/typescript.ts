import { createRequire } from 'node:module';
import type typescript from 'typescript';

const require = createRequire(import.meta.url);
let loaded: typeof typescript | undefined;

/** The compiler, loaded when it is first asked for: most runs name no file of a user. */
export function compiler(): typeof typescript {
  loaded ??= require('typescript') as typeof typescript;
  return loaded;
}

/** The next to ask is given a compiler without anything that this one has begun. */
export function forgetCompiler(): void {
  delete require.cache[require.resolve('typescript')];
  loaded = undefined;
}
