import { spawnSync } from 'node:child_process';
import {
  readFileSync,
  writeFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packageRoot } from './package-root.ts';

// Each test compiles in a checkout of its own, with copies of our packages and a temp folder of its own.
let scratch: string;
let checkout: string;
let temp: string;
const user = process.geteuid!();

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'loader-'));
  checkout = join(scratch, 'checkout');
  temp = join(scratch, 'temp');
  for (const folder of [temp, join(checkout, 'infra'), join(checkout, 'node_modules', '@esbuild')]) {
    mkdirSync(folder, { recursive: true });
  }
  const packages = [
    'tsx',
    'esbuild',
    ...readdirSync(join(packageRoot(), 'node_modules', '@esbuild')).map((name) => `@esbuild/${name}`),
  ];
  for (const name of packages)
    cpSync(join(packageRoot(), 'node_modules', name), join(checkout, 'node_modules', name), { recursive: true });
  cpSync(join(packageRoot(), 'infra', 'typescript-loader.mjs'), join(checkout, 'infra', 'typescript-loader.mjs'));
  writeFileSync(join(checkout, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(checkout, 'said.ts'), "export const said: string = 'our own words';\n");
  writeFileSync(
    join(checkout, 'main.ts'),
    "import { said } from './said.ts';\nprocess.stdout.write(said + ' ' + String(process.env.TMPDIR) + ' ' + String(process.env.TSX_DISABLE_CACHE));\n",
  );
  writeFileSync(
    join(checkout, 'thread.mjs'),
    `import { Worker } from 'node:worker_threads';
    new Worker(new URL('./main.ts', import.meta.url), { execArgv: ['--import', new URL('./infra/typescript-loader.mjs', import.meta.url).href] });`,
  );
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

/** What a process (or the thread of one) says that runs our TypeScript with `temp` as its temp folder. */
function run(entry: 'main.ts' | 'thread.mjs', loader = join(checkout, 'infra', 'typescript-loader.mjs')): string {
  const args = [...(entry === 'main.ts' ? ['--import', loader] : []), join(checkout, entry)];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    cwd: checkout,
    env: { ...process.env, TMPDIR: temp, TSX_DISABLE_CACHE: '' },
  });
  return stdout + stderr;
}

/** Fills the cache in `folder` by compiling with `loader`, and puts other code into it. */
function plant(folder: string, loader?: string): void {
  // tsx writes its cache without waiting for it: a process that ends soon has written nothing.
  for (;;) {
    expect(run('main.ts', loader)).toContain('our own words');
    const names = existsSync(folder) ? readdirSync(folder) : [];
    const compiled = names
      .map((name) => join(folder, name))
      .filter((path) => readFileSync(path, 'utf8').includes('our own'));
    for (const path of compiled) writeFileSync(path, readFileSync(path, 'utf8').replace('our own', 'planted'));
    if (compiled.length > 0) return;
  }
}

const ours = (): string => join(checkout, 'node_modules', `.compiled-${user}`);
const expected = (): string => `our own words ${temp} `;

it.each(['main.ts', 'thread.mjs'] as const)('runs nothing that lies in the temp folder: %s', (entry) => {
  // What tsx alone would do: it fills the temp folder, and runs what somebody else has put there.
  const alone = join(checkout, 'node_modules', 'tsx', 'dist', 'loader.mjs');
  plant(join(temp, `tsx-${user}`), alone);
  expect(run('main.ts', alone)).toContain('planted words');

  for (const time of [1, 2]) expect(run(entry), `time ${time}`).toBe(expected());
});

it('keeps what it compiled where only we can write', () => {
  expect(run('main.ts')).toBe(expected());
  expect(statSync(ours()).mode & 0o777).toBe(0o700);
  plant(join(ours(), `tsx-${user}`));
  expect(run('main.ts')).toContain('planted words');
  expect(existsSync(join(temp, `tsx-${user}`))).toBe(false);
});

it('keeps nothing in a folder that others can write, or that is a link', () => {
  mkdirSync(ours());
  chmodSync(ours(), 0o777);
  expect(run('main.ts')).toBe(expected());
  expect(readdirSync(ours())).toEqual([]);

  rmSync(ours(), { recursive: true });
  symlinkSync(temp, ours());
  expect(run('main.ts')).toBe(expected());
  expect(readdirSync(temp)).toEqual([]);
});
