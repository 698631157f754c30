import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';

/**
 * Stands in for npm: empties node_modules as `npm ci` does, puts one package there, and the other where a file says so.
 */
const NPM = `
import { appendFileSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
appendFileSync('calls', process.argv.slice(2).join(' ') + '\\n');
mkdirSync('node_modules', { recursive: true });
for (const name of readdirSync('node_modules')) rmSync('node_modules/' + name, { recursive: true });
const put = (name) => {
  mkdirSync('node_modules/' + name, { recursive: true });
  writeFileSync('node_modules/' + name + '/package.json', '{}');
};
put('one');
writeFileSync('half', '');
while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 20));
if (existsSync('fail')) process.exit(7);
put('two');
if (existsSync('vite.js')) cpSync('vite.js', 'node_modules/vite/bin/vite.js');
`;
/** Stands in for Vite: what it builds says which page it saw. */
const VITE = `
import { appendFileSync, copyFileSync, existsSync, mkdirSync } from 'node:fs';
appendFileSync('builds', 'one\\n');
if (existsSync('broken')) process.exit(3);
const out = process.argv[process.argv.indexOf('--outDir') + 1];
mkdirSync(out);
copyFileSync('page/main.tsx', out + '/index.html');
`;
const LOCK_FILE = { packages: { '': {}, 'node_modules/one': {}, 'node_modules/two': {} } };

let folder: string;
const children: ChildProcess[] = [];
const at = (name: string): string => join(folder, name);
const STAMP = 'node_modules/.signalbox-installed';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-setup-'));
  copyFileSync(new URL('setup.mjs', import.meta.url), at('setup.mjs'));
  writeFileSync(at('package-lock.json'), JSON.stringify(LOCK_FILE));
  writeFileSync(at('npm.mjs'), NPM);
});
afterEach(async () => {
  writeFileSync(at('go'), '');
  await Promise.all(children.splice(0).map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')));
  while (existsSync(at('.signalbox-installing')) && isThere(readFileSync(at('.signalbox-installing'), 'utf8'))) {
    await sleep(20);
  }
  rmSync(folder, { recursive: true, force: true });
});

function isThere(pid: string): boolean {
  try {
    return pid !== '' && process.kill(Number(pid), 0);
  } catch {
    return false;
  }
}

function setup() {
  const child = spawn(process.execPath, [at('setup.mjs')], {
    env: { ...process.env, npm_execpath: at('npm.mjs') },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.push(child);
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, text }));
  return { child, ended, said: () => text };
}

const until = async (is: () => boolean): Promise<void> => {
  while (!is()) await sleep(20);
};
const calls = (): number => readFileSync(at('calls'), 'utf8').trim().split('\n').length;

it('says how far it is, and does nothing the second time', async () => {
  const first = setup();
  await until(() => first.said().includes('1 of 2 packages are there'));
  writeFileSync(at('go'), '');
  expect(await first.ended).toMatchObject({ code: 0, text: expect.stringMatching(/dependencies installed in \d+ s/) });
  expect(await setup().ended).toEqual({ code: 0, text: '' });
  expect(calls()).toBe(1);
});

it.each(['SIGINT', 'SIGTERM'] as const)('is stopped by %s in words, with its npm, and begun again', async (signal) => {
  const first = setup();
  await until(() => existsSync(at('half')));
  first.child.kill(signal);
  expect(await first.ended).toMatchObject({ code: 1, text: expect.stringContaining(`stopped by ${signal}`) });
  expect(existsSync(at(STAMP))).toBe(false);
  writeFileSync(at('go'), '');
  expect((await setup().ended).code).toBe(0);
  expect(existsSync(at(STAMP))).toBe(true);
});

it('is never taken for whole when it was killed over an older install', async () => {
  writeFileSync(at('go'), '');
  expect((await setup().ended).code).toBe(0);
  const older = readFileSync(at('package-lock.json'));
  // Another lock file, whose install is killed, and back.
  rmSync(at('go'));
  rmSync(at('half'));
  writeFileSync(at('package-lock.json'), JSON.stringify({ ...LOCK_FILE, other: 1 }));
  const killed = setup();
  await until(() => existsSync(at('half')));
  killed.child.kill('SIGKILL');
  // Its npm holds on to the output.
  await once(killed.child, 'exit');
  writeFileSync(at('package-lock.json'), older);
  // The npm of the killed one is still at work: the next waits for it and installs again.
  const next = setup();
  await until(() => next.said().includes('waiting for process'));
  writeFileSync(at('go'), '');
  expect((await next.ended).code).toBe(0);
  expect(calls()).toBe(3);
  expect(existsSync(at('node_modules/two/package.json'))).toBe(true);
});

it('is done once by two at the same time', async () => {
  const both = [setup(), setup()];
  await until(() => existsSync(at('half')));
  await sleep(300);
  writeFileSync(at('go'), '');
  expect((await Promise.all(both.map(({ ended }) => ended))).map(({ code }) => code)).toEqual([0, 0]);
  expect(calls()).toBe(1);
});

it('says that npm failed, and tries again', async () => {
  writeFileSync(at('go'), '');
  writeFileSync(at('fail'), '');
  expect(await setup().ended).toMatchObject({ code: 1, text: expect.stringContaining('npm ci failed (7') });
  rmSync(at('fail'));
  expect((await setup().ended).code).toBe(0);
  expect(calls()).toBe(2);
});

it('builds the console again when a source of it has changed, and lets one that fails stop nothing', async () => {
  const inConsole = (name: string): string => at(`trading/console/${name}`);
  const taken = ['features/timeframe.ts', 'infra/clock.ts', 'infra/auth/roles.ts', 'infra/alerts/rules/span-text.ts'];
  taken.push('trading/sessions/operators/limit-use.ts');
  for (const name of ['trading/console/page/', 'trading/console/public/', ...taken]) {
    mkdirSync(dirname(at(`${name}x`)), { recursive: true });
  }
  for (const name of ['console.html', 'vite.config.ts', 'public/mark.svg', 'go']) writeFileSync(inConsole(name), '');
  for (const name of ['go', ...taken]) writeFileSync(at(name), '');
  writeFileSync(inConsole('package-lock.json'), JSON.stringify(LOCK_FILE));
  writeFileSync(inConsole('package.json'), '{ "type": "module" }');
  writeFileSync(inConsole('vite.js'), VITE);
  writeFileSync(inConsole('page/main.tsx'), 'first');
  const built = (): string => readFileSync(inConsole('dist/index.html'), 'utf8');
  const builds = (): number => readFileSync(inConsole('builds'), 'utf8').trim().split('\n').length;
  const said = expect.stringMatching(/dependencies of the console installed[^]*console built in/) as string;
  expect(await setup().ended).toMatchObject({ code: 0, text: said });
  expect(await setup().ended).toEqual({ code: 0, text: '' });
  expect([built(), builds()]).toEqual(['first', 1]);
  writeFileSync(inConsole('page/main.tsx'), 'second');
  expect((await setup().ended).code).toBe(0);
  expect([built(), builds()]).toEqual(['second', 2]);
  writeFileSync(at('infra/clock.ts'), 'other');
  writeFileSync(inConsole('broken'), '');
  const wrong = expect.stringContaining('the build of the console failed (3') as string;
  expect(await setup().ended).toMatchObject({ code: 0, text: wrong });
  expect([built(), builds()]).toEqual(['second', 3]);
});
