import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, SignalboxError } from '../errors.ts';
import { findPython } from '../installed.ts';
import { withProcessLock } from '../postgres/process-lock.ts';
import { spawnWatched } from './python-watchdog.ts';

/** 3.18.0 asks for a package that the index does not have; the `skinny` package has no server. */
export const MLFLOW_VERSION = '3.17.2';

/** The install takes 41 s on two cores with a fast network; another process may be at it. */
const INSTALL_WAIT_MS = 20 * 60_000;

export interface PythonEnvironmentOptions {
  readonly dataDir: string;
  /** Folders where Python is looked for: `Config.programPath`. */
  readonly programPath: string;
  readonly onStage: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The Python of a virtual environment below `dataDir` that has the MLflow server, made when it is not there (850 MB, under
 * a minute). A half-made or outdated one is made again; processes that come at the same time wait for each other.
 */
export async function ensureMlflowPython(options: PythonEnvironmentOptions): Promise<string> {
  const { dataDir, programPath, onStage, signal } = options;
  const folder = join(dataDir, 'mlflow-venv');
  const python = join(folder, 'bin', 'python');
  if (isComplete(folder, python)) return python;
  mkdirSync(dataDir, { recursive: true });
  await withProcessLock(`${folder}.lock`, INSTALL_WAIT_MS, async () => {
    if (isComplete(folder, python)) return;
    const base = findPython(programPath);
    if (base === null) {
      throw new InputError(
        'Python 3.10 or newer with its venv module was not found.',
        'Install it, or set MLFLOW_TRACKING_URI to a server that runs elsewhere.',
      );
    }
    rmSync(folder, { recursive: true, force: true });
    onStage(`Making a Python environment with MLflow ${MLFLOW_VERSION} in ${folder} (850 MB, once)`);
    await runStep(base, ['-m', 'venv', folder], signal);
    await runStep(python, ['-m', 'pip', 'install', '--no-input', '--quiet', `mlflow==${MLFLOW_VERSION}`], signal);
    writeFileSync(stampOf(folder), MLFLOW_VERSION);
  });
  return python;
}

function stampOf(folder: string): string {
  return join(folder, 'signalbox-complete');
}

function isComplete(folder: string, python: string): boolean {
  const stamp = stampOf(folder);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === MLFLOW_VERSION && existsSync(python);
}

/** Runs to the end and keeps the last of the output for the error. */
async function runStep(python: string, args: string[], signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const child = spawnWatched(python, args, 'pipe');
  const end = (): void => void child.stdin!.end();
  signal?.addEventListener('abort', end);
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-4000);
  };
  child.stdout!.on('data', keep);
  child.stderr!.on('data', keep);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  signal?.removeEventListener('abort', end);
  signal?.throwIfAborted();
  if (code === 0) return;
  throw new SignalboxError(`${[python, ...args].join(' ')} failed:\n${output.trim()}`, {
    remedy: 'See the output above: usually the network, the disk, or a Python without venv (Debian: python3-venv).',
  });
}
