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

/**
 * Whether a process was stopped (SIGSTOP) and waits for SIGCONT. Linux tells; elsewhere it is not known, hence false.
 */
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

/** Linux only: the id of the process that a process is below; null when it has ended. */
export function parentOf(pid: number): number | null {
  return statOf(pid)?.parent ?? null;
}

/** The id of the user that a process acts as; null when it has ended or cannot be told. */
export function userOf(pid: number): number | null {
  const path = `/proc/${pid}/status`;
  if (!existsSync('/proc/self/status')) {
    const user = psField(pid, 'uid');
    return user === null ? null : Number(user);
  }
  const ids = /^Uid:\t\d+\t(\d+)/m.exec(readIfThere(path))?.[1];
  return ids === undefined ? null : Number(ids);
}

/** A process may end between a look and a read. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}

/** The command line of a process, '' when it cannot be told. */
export function commandLineOf(pid: number): string {
  const command = readIfThere(`/proc/${pid}/cmdline`);
  if (command !== '') return command.replaceAll('\0', ' ');
  return existsSync('/proc/self/stat') ? '' : (psField(pid, 'command') ?? '');
}

/**
 * Linux only: state, parent and start time (clock ticks since boot) from /proc/PID/stat; the name in brackets may hold
 * spaces.
 */
function statOf(pid: number): { state: string; parent: number; startTicks: string } | null {
  const text = readIfThere(`/proc/${pid}/stat`);
  if (text === '') return null;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0]!, parent: Number(fields[1]), startTicks: fields[19]! };
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
