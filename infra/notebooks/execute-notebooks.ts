import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InputError, SignalboxError } from '../errors.ts';
import { writePrivateFile } from '../files/private-file.ts';
import { privateFolder } from '../files/private-folder.ts';
import { endTemporary, removeLeftovers, temporaryBeside } from '../files/temporary-file.ts';
import { packageRoot } from '../package-root.ts';
import { withProcessLock } from '../postgres/embedded/process-lock.ts';
import { toldWhile } from '../terminal/told-while.ts';
import { ensurePython } from '../python/python-environment.ts';

const FOLDER = join(packageRoot(), 'notebooks');
const INSTALL_WAIT_MS = 10 * 60_000;
/** A notebook computes for minutes on a busy machine. */
const RUN_MS_MAX = 60 * 60_000;

export interface ExecuteOptions {
  /**
   * Variables set for the commands that the notebooks run, beside those of this process: SIGNALBOX_HOME decides what
   * they see.
   */
  readonly variables: Readonly<Record<string, string>>;
  /** Holds the Python environment, the kernel's description and the pages. */
  readonly dataDir: string;
  readonly programPath: string;
  readonly onStage: (text: string) => void;
}

export interface ExecutedNotebook {
  readonly name: string;
  /** The executed notebook, outputs included, and the same as a page. */
  readonly notebook: string;
  readonly page: string;
}

/** Names of the notebooks, without ending. */
export function notebookNames(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.ipynb'))
    .map((file) => basename(file, '.ipynb'))
    .sort();
}

/**
 * Executes notebooks from the first cell to the last with the tslab kernel, which also checks their types, and writes
 * each with its outputs and as a page. Installs what that needs once: the packages of `notebooks/package-lock.json` and
 * a Python environment with nbconvert. Throws SignalboxError with the cell's error when one fails, InputError for a
 * name that does not exist.
 */
export async function executeNotebooks(names: readonly string[], options: ExecuteOptions): Promise<ExecutedNotebook[]> {
  const known = notebookNames();
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new InputError(`There is no notebook ${unknown}.`, `Name one of: ${known.join(', ')}.`);
  }
  const { dataDir, programPath, onStage } = options;
  await installPackages(options);
  const python = await ensurePython({
    name: 'notebook',
    packages: ['nbconvert==7.17.2', 'nbclient==0.11.0', 'ipykernel==7.4.0'],
    purpose: 'what executes notebooks (140 MB, once)',
    remedy: 'Install it: notebooks are executed by Jupyter, their cells by Node.',
    dataDir,
    programPath,
    onStage,
  });
  const jupyter = describeKernel(dataDir);
  const out = privateFolder(dataDir, 'notebooks');
  const variables = { ...jupyter, ...options.variables };
  const executed: ExecutedNotebook[] = [];
  for (const name of names) {
    onStage(`executing ${name}`);
    executed.push(await executeNotebook(name, { out, python, variables }));
  }
  return executed;
}

/** Executes in a folder of its own and puts both files in place when they are whole. */
async function executeNotebook(
  name: string,
  { out, python, variables }: { out: string; python: string; variables: Record<string, string> },
): Promise<ExecutedNotebook> {
  const notebook = join(out, `${name}.ipynb`);
  const page = join(out, `${name}.html`);
  removeLeftovers(notebook, { folders: true });
  const work = temporaryBeside(notebook);
  try {
    privateFolder(work);
    const convert = ['-m', 'nbconvert', '--log-level=ERROR', '--output-dir', work];
    await run(python, [...convert, '--to', 'notebook', '--execute', join(FOLDER, `${name}.ipynb`)], variables);
    await run(python, [...convert, '--to', 'html', join(work, basename(notebook))], variables);
    for (const path of [notebook, page]) renameSync(join(work, basename(path)), path);
  } finally {
    rmSync(work, { recursive: true, force: true });
    endTemporary(work);
  }
  return { name, notebook, page };
}

async function installPackages({ onStage }: ExecuteOptions): Promise<void> {
  const stamp = join(FOLDER, 'node_modules', '.signalbox-installed');
  const wanted = createHash('sha256')
    .update(readFileSync(join(FOLDER, 'package-lock.json')))
    .digest('hex');
  const isInstalled = (): boolean => existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  if (isInstalled()) return;
  await withProcessLock(join(FOLDER, '.install.lock'), INSTALL_WAIT_MS, async () => {
    if (isInstalled()) return;
    onStage('installing the packages of the notebooks (425 MB, about half a minute, once)');
    // An older install is not taken for this one where this one is killed.
    rmSync(stamp, { force: true });
    const startedMs = performance.now();
    const seconds = (): number => Math.round((performance.now() - startedMs) / 1000);
    const folders = lockedFolders();
    const tell = (): void => {
      const there = folders.filter((folder) => existsSync(join(FOLDER, folder, 'package.json'))).length;
      onStage(`packages of the notebooks: ${there} of ${folders.length} are there, ${seconds()} s`);
    };
    const args = ['ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
    await toldWhile(run('npm', args, {}), tell);
    writePrivateFile(stamp, wanted);
    onStage(`packages of the notebooks: installed in ${seconds()} s`);
  });
}

/** Where the packages of the lock file come to stand. */
function lockedFolders(): string[] {
  const { packages } = JSON.parse(readFileSync(join(FOLDER, 'package-lock.json'), 'utf8')) as { packages: object };
  return Object.keys(packages).filter((path) => path !== '');
}

/** Tells Jupyter of the kernel in a folder of ours; nothing is written to the user's home. */
function describeKernel(dataDir: string): Record<string, string> {
  const share = privateFolder(dataDir, 'jupyter');
  const kernel = privateFolder(share, 'kernels', 'tslab');
  const program = join(FOLDER, 'node_modules', 'tslab', 'bin', 'tslab');
  const description = {
    argv: [process.execPath, program, 'kernel', '--config-path={connection_file}'],
    display_name: 'TypeScript',
    language: 'typescript',
  };
  writePrivateFile(join(kernel, 'kernel.json'), JSON.stringify(description));
  return {
    JUPYTER_PATH: share,
    JUPYTER_CONFIG_DIR: join(share, 'config'),
    JUPYTER_RUNTIME_DIR: join(share, 'runtime'),
    IPYTHONDIR: join(share, 'ipython'),
  };
}

/** Ends the program as soon as this process is gone: what it installs would meet with the next one's. */
const GUARDED =
  'umask 077; exec 3<&0; env "$@" < /dev/null 3<&- & work=$!; ' +
  '{ cat <&3 > /dev/null; kill "$work" 2> /dev/null; } > /dev/null 2>&1 & guard=$!; exec 3<&-; ' +
  'wait "$work"; code=$?; kill "$guard" 2> /dev/null; exit "$code"';

/**
 * Runs to the end with `variables` added to the environment, by `env`: nothing of the environment is read here. What it
 * writes is closed to other users.
 */
async function run(program: string, args: readonly string[], variables: Record<string, string>): Promise<void> {
  const set = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  const child = spawn('/bin/sh', ['-c', GUARDED, 'sh', ...set, program, ...args], {
    cwd: FOLDER,
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: RUN_MS_MAX,
  });
  // The pipe breaks where the program ends first, which its exit tells already.
  child.stdin.on('error', () => undefined);
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-6_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) {
    throw new SignalboxError(`${basename(program)} ${args.join(' ')} ended with ${code}:\n${output.trim()}`, {
      remedy: 'See the output above: the cell that failed and its error are in it.',
    });
  }
}
