import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, SignalboxError } from '../errors.ts';
import { writePrivateFile } from '../files/private-file.ts';
import { makeDataFolder } from '../files/private-folder.ts';
import { findPython } from '../installed.ts';
import { withProcessLock } from '../postgres/embedded/process-lock.ts';
import { toldWhile } from '../terminal/told-while.ts';
import { PipProgress } from './pip-progress.ts';
import { spawnWatched } from './python-watchdog.ts';

/** The install takes 41 s on two cores with a fast network; another process may be at it. */
const INSTALL_WAIT_MS = 20 * 60_000;

export interface PythonEnvironmentOptions {
  /** The environment is `<dataDir>/<name>-venv`. */
  readonly name: string;
  /** Requirements as pip understands them, pinned: other ones make the environment again. */
  readonly packages: readonly string[];
  /** What it is for and how large, in the words of the progress line: `MLflow 3 (850 MB, once)`. */
  readonly purpose: string;
  /** What to do where there is no Python. */
  readonly remedy: string;
  readonly dataDir: string;
  /** Folders where Python is looked for: `Config.programPath`. */
  readonly programPath: string;
  readonly onStage: (text: string) => void;
  /** How often it says how far it is; see `toldWhile`. */
  readonly tellEveryMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The Python of a virtual environment below `dataDir` that has the packages asked for, made when it is not there. A
 * half-made or outdated one is made again, from what pip has in its cache by then; processes that come at the same time
 * wait for each other. InputError where no Python is found.
 */
export async function ensurePython(options: PythonEnvironmentOptions): Promise<string> {
  const { dataDir, programPath, onStage, signal } = options;
  const folder = join(dataDir, `${options.name}-venv`);
  const python = join(folder, 'bin', 'python');
  const stamp = join(folder, 'signalbox-complete');
  const wanted = options.packages.join('\n');
  const isComplete = (): boolean => existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(python);
  if (isComplete()) return python;
  makeDataFolder(dataDir);
  await withProcessLock(`${folder}.lock`, INSTALL_WAIT_MS, async () => {
    if (isComplete()) return;
    const base = findPython(programPath);
    if (base === null) {
      throw new InputError('Python 3.10 or newer with its venv module was not found.', options.remedy);
    }
    rmSync(folder, { recursive: true, force: true });
    onStage(`Making a Python environment in ${folder}: ${options.purpose}`);
    const startedMs = performance.now();
    const pip = new PipProgress();
    const seconds = (): number => Math.round((performance.now() - startedMs) / 1000);
    const making = runStep(base, ['-m', 'venv', folder], { signal }).then(() =>
      runStep(python, [...PIP_INSTALL, ...options.packages], { signal, onOutput: (text) => pip.take(text) }),
    );
    const tell = (): void => onStage(`Python environment: ${pip.describe()}, ${seconds()} s`);
    await toldWhile(making, tell, options.tellEveryMs);
    writePrivateFile(stamp, wanted);
    onStage(`Python environment: ready in ${seconds()} s`);
  });
  return python;
}

const PIP_INSTALL = ['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', '--progress-bar', 'off'];

interface StepOptions {
  readonly signal: AbortSignal | undefined;
  readonly onOutput?: (text: string) => void;
}

/** Runs to the end and keeps the last of the output for the error. */
async function runStep(python: string, args: string[], { signal, onOutput }: StepOptions): Promise<void> {
  signal?.throwIfAborted();
  const child = spawnWatched(python, args, 'pipe');
  const end = (): void => void child.stdin!.end();
  signal?.addEventListener('abort', end);
  // A standstill is pip's own to notice (15 s a read); this bounds the whole.
  const timer = setTimeout(end, INSTALL_WAIT_MS);
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-4000);
  };
  child.stdout!.on('data', keep);
  child.stdout!.on('data', (chunk: Buffer) => onOutput?.(chunk.toString('utf8')));
  child.stderr!.on('data', keep);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearTimeout(timer);
  signal?.removeEventListener('abort', end);
  signal?.throwIfAborted();
  if (code === 0) return;
  throw new SignalboxError(`${[python, ...args].join(' ')} failed:\n${output.trim()}`, {
    remedy: 'See the output above: usually the network, the disk, or a Python without venv (Debian: python3-venv).',
  });
}
