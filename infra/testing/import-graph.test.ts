import { describe, expect, it } from 'vitest';
import { importCycles, importGraph, loadingChains } from './import-graph.ts';

const graphOf = (files: Readonly<Record<string, string>>) => importGraph(Object.keys(files), (path) => files[path]!);

describe('importCycles', () => {
  it.each([
    ['values', "import { b } from './b.ts';"],
    ['what a file passes on', "export * from './b.ts';"],
    ['types', "import type { B } from './b.ts';"],
    ['types by import()', "export type A = import('./b.ts').B;"],
    ['modules loaded later', "export const later = () => import('./b.ts');"],
  ])('sees %s', (_what, text) => {
    const graph = graphOf({ 'x/a.ts': text, 'x/b.ts': "import { a } from '../x/a.ts';\nexport type B = typeof a;" });
    expect(importCycles(graph)).toEqual(['x/a.ts -> x/b.ts -> x/a.ts']);
  });

  it('finds a circle behind a way in, and none in a tree or through a thread', () => {
    const cut = {
      'a.ts': "import './b.ts';",
      'b.ts': "import './c.ts';\nimport 'zod';",
      'c.ts': 'export const c = 1;',
    };
    expect(importCycles(graphOf(cut))).toEqual([]);
    const thread = "new Worker(new URL('./b.ts', import.meta.url));";
    expect(importCycles(graphOf({ ...cut, 'c.ts': thread }))).toEqual([]);
    expect(importCycles(graphOf({ ...cut, 'c.ts': "import './b.ts';" }))).toEqual(['b.ts -> c.ts -> b.ts']);
  });
});

describe('loadingChains', () => {
  const chains = (last: string): string[] =>
    loadingChains(
      graphOf({ 'in.ts': "import './way.ts';", 'way.ts': last, 'out.ts': '' }),
      (path) => path === 'in.ts',
      (path) => path === 'out.ts',
    );

  it('names the way, through modules loaded later and threads too', () => {
    for (const last of [
      "import './out.ts';",
      "export { a } from './out.ts';",
      "void import('./out.ts');",
      "new URL('./out.ts', import.meta.url);",
    ]) {
      expect(chains(last), last).toEqual(['in.ts -> way.ts -> out.ts']);
    }
  });

  it('passes over types, which load nothing', () => {
    expect(chains("import type { A } from './out.ts';")).toEqual([]);
    expect(chains("export type A = import('./out.ts').A;")).toEqual([]);
  });
});
