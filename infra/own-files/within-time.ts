import { createContext, Script } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

/** What work answered, or what broke it off. */
export type TimedOutcome<Result> =
  { readonly ended: true; readonly result: Result } | { readonly ended: false; readonly by: 'time' | 'SIGINT' };

const CUTS: Readonly<Record<string, 'time' | 'SIGINT'>> = {
  ERR_SCRIPT_EXECUTION_TIMEOUT: 'time',
  ERR_SCRIPT_EXECUTION_INTERRUPTED: 'SIGINT',
};

/**
 * Computes without giving up the thread, for `timeout` milliseconds at most; Ctrl-C breaks it off as well, which no
 * listener of ours could do while it computes. V8 stops what runs wherever it stands, so what was broken off may be in
 * pieces. @throws what `work` throws
 */
export function withinTime<Result>(work: () => Result, timeout: number): TimedOutcome<Result> {
  const call = new Script('work()');
  try {
    // Signals reach the main thread alone.
    const options = { timeout, breakOnSigint: isMainThread };
    return { ended: true, result: call.runInContext(createContext({ work }), options) as Result };
  } catch (error) {
    const by = CUTS[(error as NodeJS.ErrnoException | null)?.code ?? ''];
    if (by === undefined) throw error;
    return { ended: false, by };
  }
}
