import { SignalboxError } from '../../errors.ts';
import { isStopped } from './running-process.ts';

/** A debugger stops a process for moments; what is stopped for longer waits for somebody. */
const STOPPED_MS_MAX = 5_000;

/** The error for a server whose process `pid` was stopped (SIGSTOP). */
export function stoppedServer(pid: number, cause?: unknown): SignalboxError {
  return new SignalboxError(`The embedded PostgreSQL (process ${pid}) does not answer: it is stopped.`, {
    remedy: `Let it go on (kill -CONT ${pid}), then run the command again.`,
    cause,
  });
}

/**
 * For a wait until a server has started or ended: called at each look, with its process, it throws SignalboxError once
 * that has been stopped for seconds. Such a server does neither.
 */
export function unlessStopped(): (pid: number) => void {
  let sinceMs: number | null = null;
  return (pid) => {
    if (!isStopped(pid)) sinceMs = null;
    else if (performance.now() - (sinceMs ??= performance.now()) > STOPPED_MS_MAX) throw stoppedServer(pid);
  };
}
