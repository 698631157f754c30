import { spawnSync } from 'node:child_process';
import {
  readFileSync,
  writeFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packageRoot } from '../package-root.ts';

// Each test compiles in a checkout of its own, with copies of our packages and a temp folder of its own.
let scratch: string;
let checkout: string;
let temp: string;
const user = process.geteuid!();

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'loader-'));
  checkout = join(scratch, 'checkout');
  temp = join(scratch, 'temp');
  for (const folder of [temp, join(checkout, 'infra', 'typescript'), join(checkout, 'node_modules', '@esbuild')]) {
    mkdirSync(folder, { recursive: true });
  }
  const packages = [
    'esbuild',
    ...readdirSync(join(packageRoot(), 'node_modules', '@esbuild')).map((name) => `@esbuild/${name}`),
  ];
  for (const name of packages)
    cpSync(join(packageRoot(), 'node_modules', name), join(checkout, 'node_modules', name), { recursive: true });
  for (const name of ['typescript-loader.mjs', 'typescript-hooks.mjs'])
    cpSync(join(packageRoot(), 'infra', 'typescript', name), join(checkout, 'infra', 'typescript', name));
  writeFileSync(join(checkout, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(checkout, 'said.ts'), "export const said: string = 'our own words';\n");
  writeFileSync(join(checkout, 'main.ts'), "import { said } from './said.ts';\nprocess.stdout.write(said);\n");
  writeFileSync(
    join(checkout, 'thread.mjs'),
    `import { Worker } from 'node:worker_threads';
    new Worker(new URL('./main.ts', import.meta.url), { execArgv: ['--import', new URL('./infra/typescript/typescript-loader.mjs', import.meta.url).href] });`,
  );
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

/** What a process (or the thread of one) says that runs our TypeScript with `temp` as its temp folder. */
function run(entry: 'main.ts' | 'thread.mjs' = 'main.ts'): string {
  const loader = join(checkout, 'infra', 'typescript', 'typescript-loader.mjs');
  const args = [...(entry === 'main.ts' ? ['--import', loader] : []), join(checkout, entry)];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    cwd: checkout,
    env: { ...process.env, TMPDIR: temp },
  });
  return stdout + stderr;
}

/** Puts other code into what was compiled. */
function plant(folder: string): void {
  const compiled = readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => readFileSync(path, 'utf8').includes('our own'));
  expect(compiled).toHaveLength(1);
  writeFileSync(compiled[0]!, readFileSync(compiled[0]!, 'utf8').replace('our own', 'planted'));
}

const ours = (): string => join(checkout, 'node_modules', `.compiled-${user}`);
const EXPECTED = 'our own words';

it.each(['main.ts', 'thread.mjs'] as const)('keeps nothing in the temp folder: %s', (entry) => {
  for (const time of [1, 2]) expect(run(entry), `time ${time}`).toBe(EXPECTED);
  expect(readdirSync(temp)).toEqual([]);
});

it('keeps what it compiled where only we can write', () => {
  expect(run()).toBe(EXPECTED);
  expect(statSync(ours()).mode & 0o777).toBe(0o700);
  expect(readdirSync(ours()).map((name) => statSync(join(ours(), name)).mode & 0o777)).toEqual([0o600, 0o600]);
  plant(ours());
  expect(run()).toBe('planted words');
});

it('keeps nothing in a folder that others can write, or that is a link', () => {
  mkdirSync(ours());
  chmodSync(ours(), 0o777);
  expect(run()).toBe(EXPECTED);
  expect(readdirSync(ours())).toEqual([]);

  rmSync(ours(), { recursive: true });
  symlinkSync(temp, ours());
  expect(run()).toBe(EXPECTED);
  expect(readdirSync(temp)).toEqual([]);
});

it('compiles again what was changed, though its length and its time are the same', () => {
  const path = join(checkout, 'said.ts');
  const at = new Date('2026-01-01T00:00:00Z');
  utimesSync(path, at, at);
  expect(run()).toBe(EXPECTED);
  writeFileSync(path, "export const said: string = 'new own words';\n");
  utimesSync(path, at, at);
  expect(run()).toBe('new own words');
});

it('takes an import of x.js for x.ts where only that is there, and says what is nowhere', () => {
  const path = join(checkout, 'main.ts');
  writeFileSync(path, "import { said } from './said.js';\nprocess.stdout.write(said);\n");
  expect(run()).toBe(EXPECTED);
  writeFileSync(path, "import { said } from './unsaid.js';\nprocess.stdout.write(said);\n");
  expect(run()).toMatch(/Cannot find module .*unsaid/);
});

it('names the line that was written where something goes wrong, compiled or kept', () => {
  writeFileSync(
    join(checkout, 'said.ts'),
    'interface Said {\n  words: string;\n}\nexport const said = (null as unknown as Said).words;\n',
  );
  for (const time of [1, 2]) expect(run(), `time ${time}`).toMatch(/said\.ts:4:\d+/);
});
