import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../signalbox.mjs', import.meta.url));

/** How a process of the command line ended. */
export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command line of its own process group, so that nothing it starts outlives a test unnoticed. */
export interface RunningProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when standard error contains `text`; rejects when the process ends before. */
  said(text: string): Promise<void>;
  /** `kill -9` of the process alone, as an out-of-memory killer would. */
  kill(): void;
}

/** Starts `signalbox ARGS` with `env` added to `base`. */
export function startSignalbox(
  args: readonly string[],
  base: NodeJS.ProcessEnv,
  env: NodeJS.ProcessEnv,
): RunningProcess {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { ...base, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const output = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  child.stdout!.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr!.on('data', (chunk: Buffer) => {
    output.stderr += chunk.toString();
    for (const look of waiting) look();
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      for (const look of waiting) look();
      resolve({ code, ...output });
    });
  });
  const said = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (output.stderr.includes(text)) resolve();
        else if (child.exitCode !== null || child.signalCode !== null) {
          reject(new Error(`the process ended before it said "${text}":\n${output.stderr}`));
        } else return;
        waiting.delete(look);
      };
      waiting.add(look);
      look();
    });
  return { child, ended, said, kill: () => void child.kill('SIGKILL') };
}
