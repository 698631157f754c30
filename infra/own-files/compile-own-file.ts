import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type ts from 'typescript';
import { InputError, SignalboxError } from '../errors.ts';
import { hashOf } from '../hash.ts';
import type { CompiledOwnFile, OwnKind } from './own-file.ts';
import { compiler, forgetCompiler } from './typescript.ts';
import { withinTime } from './within-time.ts';

/** The type of each kind's default export, and what a message calls it. */
const KINDS: Readonly<Record<OwnKind, { readonly type: string; readonly noun: string }>> = {
  strategy: { type: 'OwnStrategy', noun: 'a strategy' },
  feature: { type: 'OwnFeature', noun: 'a feature' },
  estimator: { type: 'OwnEstimator', noun: 'an estimator' },
  costs: { type: 'OwnCosts', noun: 'a cost model' },
  sizer: { type: 'OwnSizer', noun: 'a sizer' },
};

/** A file is read by people; this is a hundred times more than they write. */
const BYTES_MAX = 1_000_000;
/** Mistakes that an error lists. */
const LISTED = 20;
/** A check takes most of a second; more on a busy machine. Types of a few lines can take it days. */
const CHECK_MS_MAX = 30_000;

/** Declarations of what the file may import: the source of a checkout, or what the build wrote beside the script. */
const DECLARATIONS = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../own-files.ts' : '../../own-files.d.ts', import.meta.url),
);

type Compiler = typeof ts;

const optionsOf = (compile: Compiler): ts.CompilerOptions => ({
  target: compile.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts'],
  module: compile.ModuleKind.ESNext,
  moduleResolution: compile.ModuleResolutionKind.Bundler,
  types: [],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  paths: { signalbox: [DECLARATIONS] },
});

/**
 * Reads a user's file, checks its types and its rules, and compiles it. What was compiled goes by the path that was
 * given, which is part of what is stored of it. Ctrl-C ends a check at once.
 * @param checkMsMax what its types may take the compiler, in milliseconds
 * @throws InputError that lists each mistake as file:line:column, or says that its types take too long.
 */
export function compileOwnFile(given: string, kind: OwnKind, checkMsMax = CHECK_MS_MAX): CompiledOwnFile {
  const path = resolve(given);
  const { type, noun } = KINDS[kind];
  const text = readOwn(given, path, noun);
  const key = JSON.stringify([given, path, kind, text]);
  const known = COMPILED.get(key);
  if (known !== undefined) return known;
  const mistakes = inTime(given, checkMsMax, () => unlessTooDeep(given, () => mistakesIn(given, path, kind)));
  if (mistakes.length > 0) {
    const rest = mistakes.length > LISTED ? [`${given}: ${mistakes.length} mistakes in all`] : [];
    throw new InputError(
      [...mistakes.slice(0, LISTED), ...rest].join('\n'),
      `Correct the file. Its default export is an ${type}: import type { ${type} } from 'signalbox'.`,
    );
  }
  const ts = compiler();
  const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.CommonJS, sourceMap: true };
  const compiled = unlessTooDeep(given, () => ts.transpileModule(text, { fileName: given, compilerOptions }));
  const name = basename(path).replace(/\.ts$/, '');
  const { outputText: script, sourceMapText: map } = compiled;
  const own = { kind, name, path: given, hash: hashOf(text), script, map: map! };
  COMPILED.set(key, own);
  return own;
}

/** What was broken off leaves the compiler as it stands: the next file gets a fresh one. */
function inTime<Result>(given: string, msMax: number, work: () => Result): Result {
  const outcome = withinTime(work, msMax);
  if (outcome.ended) return outcome.result;
  forgetCompiler();
  STANDING.clear();
  if (outcome.by === 'SIGINT') throw new SignalboxError(`Stopped by SIGINT, in the check of ${given}.`);
  throw new InputError(
    `${given}: its types took the compiler more than ${msMax / 1_000} s.`,
    'Write simpler types: no unions of thousands of names, and no types that call themselves.',
  );
}

/** The compiler goes as deep as the file does, until the stack ends. */
function unlessTooDeep<Result>(given: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(`${given}: nested too deeply.`, 'Keep data out, and write it flatter.', error);
  }
}

/** An experiment is read more than once in a run; checking types takes most of a second. */
const COMPILED = new Map<string, CompiledOwnFile>();

function readOwn(given: string, path: string, noun: string): string {
  if (!path.endsWith('.ts')) throw new InputError(`${given}: ${noun} is a TypeScript file.`, 'Name a .ts file.');
  if (!existsSync(path)) throw new InputError(`${given}: no such file.`, 'Check the path.');
  const found = statSync(path);
  if (!found.isFile()) throw new InputError(`${given}: is not a file.`, 'Name one TypeScript file.');
  if (found.size > BYTES_MAX) throw new InputError(`${given}: ${found.size} bytes are not ${noun}.`, 'Keep data out.');
  return readFileSync(path, 'utf8');
}

const STANDING = new Map<string, ts.SourceFile>();

/** Mistakes of the file in the order of its lines: what the compiler finds, and what a file may not do. */
function mistakesIn(given: string, path: string, kind: OwnKind): string[] {
  const ts = compiler();
  const options = optionsOf(ts);
  const { type, noun } = KINDS[kind];
  // A file beside it says what the default export must be; the compiler tells the difference there.
  const asked = resolve(dirname(path), `.${basename(path, '.ts')}.asked.ts`);
  const asking = [
    `import own from './${basename(path)}';`,
    `import type { ${type} } from 'signalbox';`,
    `export const asked: ${type} = own;`,
  ].join('\n');
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => resolve(name) === asked || fileExists(name);
  host.readFile = (name) => (resolve(name) === asked ? asking : readFile(name));
  host.getSourceFile = (name, ...rest) => {
    const known = STANDING.get(name);
    if (known !== undefined) return known;
    const read = getSourceFile(name, ...rest);
    // The language's library is the same for every file: reading it is most of the time that a check takes.
    if (read !== undefined && basename(name).startsWith('lib.')) STANDING.set(name, read);
    return read;
  };
  const program = ts.createProgram([asked], options, host);
  const file = program.getSourceFile(path);
  const exists = file !== undefined && hasDefaultExport(file, program);
  if (file === undefined) return [`${given}: cannot be read as TypeScript.`];
  const own = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
  const found = [...own.map((one) => ({ start: one.start ?? 0, words: wordsOf(one) })), ...forbidden(file, kind)];
  if (!exists) found.push({ start: 0, words: `there is no default export: it is ${noun.replace(/^an? /, 'the ')}` });
  else if (found.length === 0) {
    const unlike = program.getSemanticDiagnostics(program.getSourceFile(asked));
    found.push(...unlike.map((one) => ({ start: exportPlace(file), words: `the default export: ${wordsOf(one)}` })));
  }
  return found
    .sort((a, b) => a.start - b.start)
    .map(({ start, words }) => {
      const { line, character } = file.getLineAndCharacterOfPosition(start);
      return `${given}:${line + 1}:${character + 1}: ${words}`;
    });
}

/** One line: what the compiler says below the first is why. */
function wordsOf({ messageText }: ts.Diagnostic): string {
  return compiler().flattenDiagnosticMessageText(messageText, '\n').replaceAll(/\n\s*/g, ' ');
}

function hasDefaultExport(file: ts.SourceFile, program: ts.Program): boolean {
  const symbol = program.getTypeChecker().getSymbolAtLocation(file);
  return symbol?.exports?.has(compiler().InternalSymbolName.Default) ?? false;
}

function exportPlace(file: ts.SourceFile): number {
  return file.statements.find(compiler().isExportAssignment)?.getStart(file) ?? 0;
}

interface Mistake {
  readonly start: number;
  readonly words: string;
}

/** One file without anything of the outside: the same bars give the same answers, on any machine, from any folder. */
function forbidden(file: ts.SourceFile, kind: OwnKind): Mistake[] {
  const found: Mistake[] = [];
  const look = (node: ts.Node): void => {
    const words = whyForbidden(node, kind);
    if (words !== null) found.push({ start: node.getStart(file), words });
    compiler().forEachChild(node, look);
  };
  look(file);
  return found;
}

function whyForbidden(node: ts.Node, kind: OwnKind): string | null {
  const ts = compiler();
  const { noun } = KINDS[kind];
  const time = kind === 'strategy' || kind === 'feature' ? 'view.closeTimeMs()' : 'the time that is given';
  if (ts.isImportDeclaration(node) && node.importClause?.phaseModifier !== ts.SyntaxKind.TypeKeyword) {
    return `${noun} is one file: only \`import type\` from 'signalbox' is allowed`;
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return `${noun} is one file: it loads no other`;
  }
  if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
    const name = `${node.expression.text}.${node.name.text}`;
    if (name === 'Math.random') {
      const remedy = kind === 'estimator' ? 'random()' : 'the bars alone';
      return `Math.random gives other ${kind === 'strategy' ? 'signals' : 'answers'} each time: use ${remedy}`;
    }
    if (name === 'Date.now') return `Date.now is the time of this machine: use ${time}`;
  }
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && (node.arguments ?? []).length === 0) {
    return `new Date() is the time of this machine: use ${time}`;
  }
  return null;
}
