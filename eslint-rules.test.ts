import { ESLint } from 'eslint';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

// Each restriction of eslint.config.js, seen to report an offence that is planted where it must not be.

const ROOT = fileURLToPath(new URL('.', import.meta.url));

/** Without the rules that need types: they want files that exist. */
const untyped = new ESLint({
  cwd: ROOT,
  overrideConfig: {
    languageOptions: { parserOptions: { projectService: false } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'off',
      '@typescript-eslint/no-misused-promises': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': 'off',
    },
  },
});

/** The rules that `code` offends as the file `path`; the parser's message where it cannot be read. */
async function offended(path: string, code: string): Promise<string[]> {
  const [result] = await untyped.lintText(`${code}\n`, { filePath: `${ROOT}${path}` });
  return result!.messages.map(({ ruleId, message }) => ruleId ?? message);
}

const IMPORTS = 'no-restricted-imports';
const SYNTAX = 'no-restricted-syntax';
const PROPERTIES = 'no-restricted-properties';

const OFFENCES: readonly [path: string, code: string, rule: string][] = [
  ['features/planted.ts', "import { z } from 'zod';\nexport const a = z;", IMPORTS],
  ['features/kernels/planted.ts', "export { readFileSync } from 'node:fs';", IMPORTS],
  ['features/kernels/planted.ts', "export { candle } from 'technicalindicators';", IMPORTS],
  ['features/patterns/planted.ts', "export { readFileSync } from 'node:fs';", IMPORTS],
  ['features/planted.ts', "export { systemClock } from '../infra/clock.ts';", IMPORTS],
  ['features/planted.ts', "export type { Clock } from '../infra/clock.ts';", IMPORTS],
  ['features/patterns/planted.ts', "export { parseTimeframe } from '../../pipelines/timeframe.ts';", IMPORTS],
  ['features/planted.test.ts', "export { systemClock } from '../infra/clock.ts';", IMPORTS],
  ['features/planted.ts', "export const fs = () => import('node:fs');", SYNTAX],
  ['features/planted.ts', "export type Fs = import('node:fs').Stats;", SYNTAX],
  ['models/planted.ts', 'export class Held {\n  private readonly at = 0;\n}', SYNTAX],
  ['signalbox.ts', 'export class Held {\n  private step(): void {}\n}', SYNTAX],
  ['infra/planted.ts', "export { timeframeMs } from '../features/timeframe.ts';", IMPORTS],
  ['pipelines/planted.ts', "export { FINAL_FOLD } from '../models/registry/training-names.ts';", IMPORTS],
  ['models/planted.ts', "export { Engine } from '../trading/engine/engine.ts';", IMPORTS],
  ['models/planted.ts', "export const engine = () => import('../trading/engine/engine.ts');", SYNTAX],
  ['models/planted.test.ts', "export { evaluate } from '../backtest/judgement/evaluate.ts';", IMPORTS],
  ['trading/planted.ts', "export { forwardReturn } from '../models/labels/forward-return.ts';", IMPORTS],
  ['trading/planted.ts', "export type { Fold } from '../models/splits/fold.ts';", IMPORTS],
  ['trading/planted.ts', "export const load = () => import('../models/training/load-dataset.ts');", SYNTAX],
  ['trading/planted.test.ts', "export { forwardReturn } from '../models/labels/forward-return.ts';", IMPORTS],
  ['backtest/planted.ts', "export { answers } from '../notebooks/answers.ts';", IMPORTS],
  ['backtest/run/planted.ts', "export { createCommandLine } from '../../command-line.ts';", IMPORTS],
  ['models/planted.ts', 'export const at = Date.now();', PROPERTIES],
  ['models/planted.ts', 'export const luck = Math.random();', PROPERTIES],
  ['models/planted.ts', 'export const { env } = process;', PROPERTIES],
  ['infra/planted.ts', 'export const home = process.env.HOME;', PROPERTIES],
  ['features/planted.ts', 'export const one = Math.exp(0);', PROPERTIES],
  ['trading/planted.ts', 'export const one = Math.tanh(0);', PROPERTIES],
  ['trading/planted.ts', 'export const at = performance.now();', PROPERTIES],
  ['models/planted.ts', "console.log('a');", 'no-console'],
  ['models/planted.ts', 'export const same = (a: number, b: number) => a == b;', 'eqeqeq'],
  ['models/planted.ts', 'try {\n  JSON.parse("");\n} catch {}', 'no-empty'],
  ['models/planted.ts', 'export const f = (a: 1, b: 1, c: 1, d: 1, e: 1) => [a, b, c, d, e];', 'max-params'],
  ['models/planted.ts', `export function f() {\n${'  f();\n'.repeat(70)}}`, 'max-lines-per-function'],
  [
    'models/planted.ts',
    "import { z } from 'zod';\nexport type Z = z.ZodType;",
    '@typescript-eslint/consistent-type-imports',
  ],
  ['models/planted.ts', 'const unused = 1;', '@typescript-eslint/no-unused-vars'],
  ['models/planted.ts', `export const a = (b: ${'any'}) => b;`, '@typescript-eslint/no-explicit-any'],
];

describe('a planted offence', () => {
  it.each(OFFENCES)('in %s is reported: %s', async (path, code, rule) => {
    expect(await offended(path, code)).toContain(rule);
    expect(await offended(path.replace(/\.ts$/, '.tsx'), code)).toContain(rule);
  });

  it('that needs types is reported', async () => {
    const code = `export async function wait(): Promise<void> {}
export function floating(): void {
  wait();
}
export function misused(list: readonly number[]): void {
  list.forEach(async () => wait());
}
export function half(side: 'long' | 'short'): number {
  switch (side) {
    case 'long':
      return 1;
  }
  return 0;
}`;
    // A project of its own: to open that of the tree takes half a minute.
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-planted-'));
    try {
      const path = join(folder, 'planted.ts');
      writeFileSync(path, code);
      writeFileSync(join(folder, 'tsconfig.json'), '{ "compilerOptions": { "strict": true, "types": [] } }');
      const typed = new ESLint({
        cwd: folder,
        overrideConfigFile: `${ROOT}eslint.config.js`,
        overrideConfig: { languageOptions: { parserOptions: { tsconfigRootDir: folder } } },
      });
      const [result] = await typed.lintFiles([path]);
      expect(result!.messages.map(({ ruleId, message }) => ruleId ?? message)).toEqual([
        '@typescript-eslint/no-floating-promises',
        '@typescript-eslint/no-misused-promises',
        '@typescript-eslint/switch-exhaustiveness-check',
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('what a folder may do', () => {
  it.each([
    ['features/patterns/planted.ts', "export { bullishengulfingpattern } from 'technicalindicators';"],
    ['features/planted.test.ts', "export { describeWith } from '../infra/testing/requirements.ts';"],
    ['infra/planted.ts', "export { nearestName } from '../features/expressions/nearest-name.ts';"],
    ['trading/planted.ts', "export { FINAL_FOLD } from '../models/registry/training-names.ts';"],
    ['infra/clock.ts', 'export const at = Date.now();'],
    ['infra/config.ts', 'export const { env } = process;'],
    ['models/planted.test.ts', 'export const luck = Math.random();'],
  ])('is not reported: %s, %s', async (path, code) => {
    expect(await offended(path, code)).toEqual([]);
  });
});
