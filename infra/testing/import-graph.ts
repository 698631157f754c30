import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';

/**
 * How one file of ours names another. `url` is a thread or process that is loaded by `new URL(path, import.meta.url)`.
 */
interface ImportEdge {
  readonly to: string;
  readonly kind: 'value' | 'type' | 'dynamic' | 'url';
}

/** The imports of every file, by its path from the root. */
export type ImportGraph = ReadonlyMap<string, readonly ImportEdge[]>;

/** Reads the relative imports of `paths`, which are relative to the root; `text` gives what a file holds. */
export function importGraph(paths: readonly string[], text: (path: string) => string): ImportGraph {
  return new Map(paths.map((path) => [path, importsOf(path, text(path))]));
}

function importsOf(path: string, text: string): ImportEdge[] {
  const edges: ImportEdge[] = [];
  const add = (specifier: ts.Node | undefined, kind: ImportEdge['kind']): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier) || !/^\.\.?\//.test(specifier.text)) return;
    edges.push({ to: normalize(join(dirname(path), specifier.text)), kind });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword ? 'type' : 'value');
    } else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly ? 'type' : 'value');
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, 'type');
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], 'dynamic');
    } else if (ts.isNewExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'URL') {
      add(node.arguments?.[0], 'url');
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest));
  return edges;
}

/**
 * One circle for each group of files that import each other (types and dynamic imports included), as the path once
 * around it: `a.ts -> b.ts -> a.ts`. A file loaded by its URL runs in a thread or process of its own and closes no
 * circle.
 */
export function importCycles(graph: ImportGraph): string[] {
  const next = (path: string): string[] =>
    (graph.get(path) ?? []).filter(({ to, kind }) => kind !== 'url' && graph.has(to)).map(({ to }) => to);
  const done = new Set<string>();
  const circles: string[] = [];
  for (const path of graph.keys()) {
    if (done.has(path)) continue;
    const circle = shortestPath(next(path), path, next);
    if (circle === null) continue;
    for (const member of circle) done.add(member);
    circles.push([path, ...circle].join(' -> '));
  }
  return circles;
}

/**
 * The shortest chains by which a file that `from` takes comes to load one that `forbidden` names; type imports load
 * nothing.
 */
export function loadingChains(
  graph: ImportGraph,
  from: (path: string) => boolean,
  forbidden: (path: string) => boolean,
): string[] {
  const next = (path: string): string[] =>
    forbidden(path) ? [] : (graph.get(path) ?? []).filter(({ kind }) => kind !== 'type').map(({ to }) => to);
  return [...graph.keys()].filter(from).flatMap((path) => {
    const chain = shortestPath(next(path), forbidden, next);
    return chain === null ? [] : [[path, ...chain].join(' -> ')];
  });
}

/** Breadth first from `starts` to the first node that is the goal; null where there is none. */
function shortestPath(
  starts: readonly string[],
  goal: string | ((path: string) => boolean),
  next: (path: string) => readonly string[],
): string[] | null {
  const isGoal = typeof goal === 'string' ? (path: string) => path === goal : goal;
  const before = new Map<string, string | null>(starts.map((path) => [path, null]));
  for (const path of before.keys()) {
    if (isGoal(path)) {
      const chain: string[] = [];
      for (let at: string | null = path; at !== null; at = before.get(at)!) chain.unshift(at);
      return chain;
    }
    for (const to of next(path)) if (!before.has(to)) before.set(to, path);
  }
  return null;
}
