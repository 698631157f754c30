import { basename } from 'node:path';
import { InputError } from '../../../infra/errors.ts';
import { readOutsideText } from '../../../infra/files/outside-file.ts';
import { evaluateOwnFile } from '../../../infra/own-files/evaluate-own-file.ts';
import type { OwnKind } from '../../../infra/own-files/own-file.ts';
import { compiler } from '../../../infra/own-files/typescript.ts';

/** What a default export of each kind has that no other kind has. */
const METHODS: Readonly<Record<OwnKind, readonly string[]>> = {
  strategy: ['create', 'createTogether'],
  feature: ['value', 'warmUpBars'],
  estimator: ['fit', 'predict'],
  costs: ['charge', 'slippage'],
  sizer: ['size'],
};
/** What a file that is compiled may have. */
const BYTES_MAX = 1_000_000;
const KINDS: readonly OwnKind[] = ['strategy', 'estimator', 'costs', 'sizer', 'feature'];
const TYPES: Readonly<Record<string, OwnKind>> = {
  OwnStrategy: 'strategy',
  OwnFeature: 'feature',
  OwnEstimator: 'estimator',
  OwnCosts: 'costs',
  OwnSizer: 'sizer',
};

/**
 * What a file is for: by the type that it imports, or else by what its default export has. Its types are not checked.
 * @throws InputError where neither says it
 */
export function kindOfFile(path: string): OwnKind {
  if (!path.endsWith('.ts')) throw new InputError(`${path}: is no TypeScript file.`, 'Name a .ts file.');
  const text = readOutsideText(path, { bytesMax: BYTES_MAX, remedy: 'Keep data out.' });
  const named = new Set(text.match(/\bOwn(?:Strategy|Feature|Estimator|Costs|Sizer)\b/g));
  if (named.size === 1) return TYPES[[...named][0]!]!;
  const exported = exportsOf(path, text);
  const kind = KINDS.find((one) => METHODS[one].some((method) => exported.includes(method)));
  if (kind !== undefined) return kind;
  throw new InputError(
    `${path}: it is not clear what the file is for.`,
    `Name one of ${Object.keys(TYPES).join(', ')} in it, as in: import type { OwnFeature } from 'signalbox'.`,
  );
}

function exportsOf(path: string, text: string): readonly string[] {
  const ts = compiler();
  const { outputText: script, sourceMapText: map = '{}' } = ts.transpileModule(text, {
    fileName: path,
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.CommonJS, sourceMap: true },
  });
  const own = evaluateOwnFile({ kind: 'feature', name: basename(path), path, hash: '', script, map });
  return typeof own === 'object' && own !== null ? Object.keys(own) : [];
}
