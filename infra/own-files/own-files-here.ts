import { readdirSync, readFileSync } from 'node:fs';
import { InputError } from '../errors.ts';
import { compileOwnFile } from './compile-own-file.ts';
import { boundsOf } from './declared-range.ts';
import { evaluateOwnFile } from './evaluate-own-file.ts';
import type { ListedParameter } from './listed-parameter.ts';
import type { OwnKind, OwnParameters } from './own-file.ts';
import { ownParameters } from './own-parameters.ts';

/** A file of a user's own, as it is listed; `mistake` is what is wrong with one that cannot be used. */
export interface ListedOwnFile {
  readonly name: string;
  readonly file: string;
  /** Of its text; null where it does not compile. */
  readonly hash: string | null;
  readonly parameters: readonly ListedParameter[];
  readonly mistake: string | null;
}

/** The type by which a file says what it is for. */
const TYPES: Readonly<Record<OwnKind, RegExp>> = {
  strategy: /\bOwnStrategy\b/,
  feature: /\bOwnFeature\b/,
  estimator: /\bOwnEstimator\b/,
  costs: /\bOwnCosts\b/,
  sizer: /\bOwnSizer\b/,
};

/** Files of this folder that import the type of a kind from `signalbox`, in the order of their names. */
export function ownFilesHere(kind: OwnKind): ListedOwnFile[] {
  return readdirSync('.', { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map(({ name }) => `./${name}`)
    .filter((path) => isOfKind(readFileSync(path, 'utf8'), kind))
    .sort()
    .map((path) => listedOwnFile(path, kind));
}

const IMPORTED = /^import\s+type\s*\{([^}]*)\}\s*from\s+['"]signalbox['"]/m;

const isOfKind = (text: string, kind: OwnKind): boolean => TYPES[kind].test(IMPORTED.exec(text)?.[1] ?? '');

/** One file with its parameters and their bounds. A mistake of it is told, not thrown. */
export function listedOwnFile(path: string, kind: OwnKind): ListedOwnFile {
  const file = path;
  const name = path.replace(/^.*[/\\]/, '').replace(/\.ts$/, '');
  try {
    const code = compileOwnFile(path, kind);
    const own = evaluateOwnFile(code) as OwnParameters & { readonly name?: string };
    ownParameters(code.name, own, {});
    const parameters = boundsOf(own).map(([parameter, bounds]) => ({
      name: parameter,
      type: bounds.whole === true ? 'integer' : typeof bounds.default,
      default: bounds.default,
      minimum: bounds.min ?? null,
      maximum: bounds.max ?? null,
      ...(bounds.oneOf === undefined ? {} : { oneOf: bounds.oneOf }),
    }));
    return { name: own.name ?? name, file, hash: code.hash, parameters, mistake: null };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { name, file, hash: null, parameters: [], mistake: error.message };
  }
}

/** Its parameters with their defaults, or what is wrong with it, in a line. */
export function ownFileLine({ parameters, mistake }: ListedOwnFile): string {
  return mistake?.split('\n')[0] ?? parameters.map((one) => `${one.name}=${String(one.default)}`).join(' ');
}
