import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { InputError } from '../../../infra/errors.ts';
import { hashOf } from '../../../infra/hash.ts';

/** A strategy file that passed the checks, as plain data: what a thread is handed. */
export interface CompiledStrategy {
  /** The file's name without its ending. */
  readonly name: string;
  readonly path: string;
  /** Of the text: two runs with one hash ran the same strategy. */
  readonly hash: string;
  readonly script: string;
  /** JSON of its source map. */
  readonly map: string;
}

/** A strategy is read by people; this is a hundred times more than they write. */
const BYTES_MAX = 1_000_000;
/** Mistakes that an error lists. */
const LISTED = 20;

/** Declarations of what the file may import: the source of a checkout, or what the build wrote beside the script. */
const DECLARATIONS = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './own-strategy.ts' : './own-strategy.d.ts', import.meta.url),
);

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  types: [],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  paths: { signalbox: [DECLARATIONS] },
};

/**
 * Reads a user's strategy file, checks its types and its rules, and compiles it.
 * @throws InputError that lists each mistake as file:line:column.
 */
export function compileOwnStrategy(given: string): CompiledStrategy {
  const path = resolve(given);
  const text = readStrategy(given, path);
  const mistakes = mistakesIn(given, path);
  if (mistakes.length > 0) {
    const rest = mistakes.length > LISTED ? [`${given}: ${mistakes.length} mistakes in all`] : [];
    throw new InputError(
      [...mistakes.slice(0, LISTED), ...rest].join('\n'),
      "Correct the file. Its default export is an OwnStrategy: import type { OwnStrategy } from 'signalbox'.",
    );
  }
  const compiled = ts.transpileModule(text, {
    fileName: path,
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.CommonJS, sourceMap: true },
  });
  const name = basename(path).replace(/\.ts$/, '');
  return { name, path, hash: hashOf(text), script: compiled.outputText, map: compiled.sourceMapText! };
}

function readStrategy(given: string, path: string): string {
  if (!path.endsWith('.ts')) throw new InputError(`${given}: a strategy is a TypeScript file.`, 'Name a .ts file.');
  if (!existsSync(path)) throw new InputError(`${given}: no such file.`, 'Check the path.');
  const found = statSync(path);
  if (!found.isFile()) throw new InputError(`${given}: is not a file.`, 'Name one TypeScript file.');
  if (found.size > BYTES_MAX) throw new InputError(`${given}: ${found.size} bytes are no strategy.`, 'Keep data out.');
  return readFileSync(path, 'utf8');
}

const STANDING = new Map<string, ts.SourceFile>();

/** Mistakes of the file in the order of its lines: what the compiler finds, and what a strategy may not do. */
function mistakesIn(given: string, path: string): string[] {
  // A file beside it says what the default export must be; the compiler tells the difference there.
  const asked = resolve(dirname(path), `.${basename(path, '.ts')}.asked.ts`);
  const asking = [
    `import strategy from './${basename(path)}';`,
    "import type { OwnStrategy } from 'signalbox';",
    'export const asked: OwnStrategy = strategy;',
  ].join('\n');
  const host = ts.createCompilerHost(OPTIONS);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => resolve(name) === asked || fileExists(name);
  host.readFile = (name) => (resolve(name) === asked ? asking : readFile(name));
  host.getSourceFile = (name, ...rest) => {
    const known = STANDING.get(name);
    if (known !== undefined) return known;
    const read = getSourceFile(name, ...rest);
    // The language's library is the same for every strategy: reading it is most of the time that a check takes.
    if (read !== undefined && basename(name).startsWith('lib.')) STANDING.set(name, read);
    return read;
  };
  const program = ts.createProgram([asked], OPTIONS, host);
  const file = program.getSourceFile(path);
  const exists = file !== undefined && hasDefaultExport(file, program);
  if (file === undefined) return [`${given}: cannot be read as TypeScript.`];
  const own = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
  const found = [...own.map((one) => ({ start: one.start ?? 0, words: wordsOf(one) })), ...forbidden(file)];
  if (!exists) found.push({ start: 0, words: 'there is no default export: it is the strategy' });
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
  return ts.flattenDiagnosticMessageText(messageText, '\n').replaceAll(/\n\s*/g, ' ');
}

function hasDefaultExport(file: ts.SourceFile, program: ts.Program): boolean {
  const symbol = program.getTypeChecker().getSymbolAtLocation(file);
  return symbol?.exports?.has(ts.InternalSymbolName.Default) ?? false;
}

function exportPlace(file: ts.SourceFile): number {
  return file.statements.find(ts.isExportAssignment)?.getStart(file) ?? 0;
}

interface Mistake {
  readonly start: number;
  readonly words: string;
}

/** One file without anything of the outside: the same bars give the same signals, on any machine, from any folder. */
function forbidden(file: ts.SourceFile): Mistake[] {
  const found: Mistake[] = [];
  const look = (node: ts.Node): void => {
    const words = whyForbidden(node);
    if (words !== null) found.push({ start: node.getStart(file), words });
    ts.forEachChild(node, look);
  };
  look(file);
  return found;
}

function whyForbidden(node: ts.Node): string | null {
  if (ts.isImportDeclaration(node) && node.importClause?.phaseModifier !== ts.SyntaxKind.TypeKeyword) {
    return "a strategy is one file: only `import type` from 'signalbox' is allowed";
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return 'a strategy is one file: it loads no other';
  }
  if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
    const name = `${node.expression.text}.${node.name.text}`;
    if (name === 'Math.random') return 'Math.random gives other signals each time: use the bars alone';
    if (name === 'Date.now') return 'Date.now is the time of this machine: use view.closeTimeMs()';
  }
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && (node.arguments ?? []).length === 0) {
    return 'new Date() is the time of this machine: use view.closeTimeMs()';
  }
  return null;
}
