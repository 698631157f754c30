// The hooks that `typescript-loader.mjs` registers: they turn TypeScript into JavaScript, file by file, without looking
// at types. Everything else is Node's own.
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Another way of compiling makes other names in the cache. */
const VERSION = '1';

let folder = null;
let esbuild = null;

export function initialize(data) {
  ({ folder } = data);
}

const isTypeScript = (url) => url.startsWith('file:') && /\.ts(\?|#|$)/.test(url);

/** An import of `x.js` beside which only `x.ts` lies: what TypeScript itself takes for the same. */
export async function resolve(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    const isOurs = error.code === 'ERR_MODULE_NOT_FOUND' && isTypeScript(context.parentURL ?? '');
    if (!isOurs || !/^\.{1,2}\/.*\.js$/.test(specifier)) throw error;
    return next(specifier.replace(/\.js$/, '.ts'), context);
  }
}

export async function load(url, context, next) {
  if (!isTypeScript(url)) return next(url, context);
  const path = fileURLToPath(url.replace(/[?#].*$/, ''));
  return { format: 'module', source: await compiled(path, readFileSync(path, 'utf8')), shortCircuit: true };
}

async function compiled(path, source) {
  // The place is part of what is compiled: errors name it.
  const name = createHash('sha256').update(`${VERSION}\n${process.version}\n${path}\n${source}`).digest('hex');
  const kept = folder === null ? null : join(folder, `${name}.mjs`);
  const found = kept === null ? null : read(kept);
  if (found !== null) return found;
  esbuild ??= await import('esbuild');
  const { code } = esbuild.transformSync(source, {
    loader: 'ts',
    format: 'esm',
    target: `node${process.versions.node}`,
    sourcemap: 'inline',
    sourcefile: path,
    sourcesContent: false,
  });
  if (kept !== null) keep(kept, code);
  return code;
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Written aside and renamed: another process never reads half of it. What cannot be kept is compiled again. */
function keep(path, code) {
  const draft = `${path}.${process.pid}.${performance.now()}`;
  try {
    writeFileSync(draft, code, { mode: 0o600 });
    renameSync(draft, path);
  } catch (error) {
    if (!['EACCES', 'EROFS', 'ENOSPC', 'EDQUOT'].includes(error.code)) throw error;
  }
}
