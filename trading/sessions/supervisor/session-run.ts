import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../../infra/package-root.ts';
import type { RunEnd, SessionRun } from './supervise.ts';

/** The program that this process runs too. */
const program = (): string => join(packageRoot(), 'signalbox.mjs');

/** Starts a session in a process of its own, whose output goes where ours does. */
export function startRun(words: readonly string[]): SessionRun {
  const child = spawn(process.execPath, [program(), ...words], { stdio: ['ignore', 2, 2] });
  const ended = new Promise<RunEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const pid = child.pid ?? null;
  return { pid, ended, stop: () => void child.kill('SIGTERM'), kill: () => void child.kill('SIGKILL') };
}

/** Starts a process that outlives this one, and writes to the open file `log`. Resolves with its end, if that comes. */
export function startDetached(words: readonly string[], log: number): { pid: number; ended: Promise<RunEnd> } {
  const child = spawn(process.execPath, [program(), ...words], { stdio: ['ignore', log, log], detached: true });
  const ended = new Promise<RunEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  child.unref();
  return { pid: child.pid ?? 0, ended };
}
