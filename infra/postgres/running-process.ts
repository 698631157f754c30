import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** Whether a process with this id runs. A zombie (a container whose first process does not reap) does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return statOf(pid)?.state !== 'Z';
}

/** Whether a process was stopped (SIGSTOP) and waits for SIGCONT. Linux tells; elsewhere it is not known, hence false. */
export function isStopped(pid: number): boolean {
  return statOf(pid)?.state === 'T';
}

/**
 * Text that tells two processes apart that had the same id one after the other: when it started. Null when no such
 * process runs.
 */
export function processIdentity(pid: number): string | null {
  if (!isRunning(pid)) return null;
  return statOf(pid)?.startTicks ?? psField(pid, 'lstart');
}

/** The command line of a process, '' when it cannot be told. */
export function commandLineOf(pid: number): string {
  const path = `/proc/${pid}/cmdline`;
  if (existsSync(path)) return readFileSync(path, 'utf8').replaceAll('\0', ' ');
  return existsSync('/proc/self/stat') ? '' : (psField(pid, 'command') ?? '');
}

/** Linux only: state and start time (clock ticks since boot) from /proc/PID/stat; the name in brackets may hold spaces. */
function statOf(pid: number): { state: string; startTicks: string } | null {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return null;
  const text = readFileSync(path, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0]!, startTicks: fields[19]! };
}

function psField(pid: number, field: string): string | null {
  try {
    return (
      execFileSync('ps', ['-o', `${field}=`, '-p', String(pid)], { encoding: 'utf8', timeout: 30_000 }).trim() || null
    );
  } catch (error) {
    // ps ends with 1 when the process is gone.
    if ((error as { status?: unknown }).status === 1) return null;
    throw error;
  }
}
