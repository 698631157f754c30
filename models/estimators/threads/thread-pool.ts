import { Worker } from 'node:worker_threads';
import { InputError, SignalboxError } from '../../../infra/errors.ts';

type Reply = { message: unknown } | { done: true } | { refused: string; remedy: string } | { failed: string };

/** One job for several threads: each gets `data` (and its number), all share what lies in shared memory. */
export interface ThreadWork {
  /** A name in `THREAD_JOBS`, or the URL of a module whose default export is the job. */
  readonly job: string;
  readonly threads: number;
  readonly data: (thread: number) => unknown;
  readonly onMessage?: (message: unknown) => void;
  /** Called when the caller's signal aborts: raises a flag in shared memory that the job looks at. */
  readonly onAbort?: () => void;
  readonly signal?: AbortSignal;
}

// Threads are kept between fits, because a fresh one compiles everything again (1.2-1.4 s against 0.9 s for boosting).
// An idle thread does not keep the process alive.
const idle: Worker[] = [];

function startThread(): Worker {
  const entry = import.meta.url.endsWith('.ts') ? './pool-thread-from-source.mjs' : './pool-thread.js';
  const worker = new Worker(new URL(entry, import.meta.url), { execArgv: [] });
  worker.unref();
  return worker;
}

function runOnThread(worker: Worker, work: ThreadWork, thread: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (error: unknown, reusable: boolean): void => {
      worker.off('error', broken);
      worker.off('exit', exited);
      worker.off('message', receive);
      worker.unref();
      if (reusable) idle.push(worker);
      else void worker.terminate();
      if (error === null) resolve();
      else reject(error);
    };
    const broken = (cause: unknown): void =>
      finish(new SignalboxError(`a thread doing ${work.job} broke down`, { cause }), false);
    const exited = (code: number): void => broken(new Error(`exit code ${code}`));
    const receive = (reply: Reply): void => {
      if ('message' in reply) work.onMessage?.(reply.message);
      else if ('done' in reply) finish(null, true);
      else if ('refused' in reply) finish(new InputError(reply.refused, reply.remedy), true);
      else finish(new SignalboxError(`a thread doing ${work.job} failed: ${reply.failed}`), true);
    };
    worker.on('error', broken);
    worker.on('exit', exited);
    worker.on('message', receive);
    worker.ref();
    worker.postMessage({ job: work.job, data: work.data(thread) });
  });
}

/**
 * Runs one job on `work.threads` threads of the pool and resolves when all are done. Throws the first thread's error,
 * or the signal's reason after the threads have stopped.
 */
export async function runOnThreads(work: ThreadWork): Promise<void> {
  work.signal?.throwIfAborted();
  const abort = (): void => work.onAbort?.();
  work.signal?.addEventListener('abort', abort, { once: true });
  try {
    const running = Array.from({ length: work.threads }, (_, thread) =>
      runOnThread(idle.pop() ?? startThread(), work, thread),
    );
    // One broken thread must not leave its peers at work on memory that nobody waits for.
    for (const outcome of await Promise.allSettled(running.map((run) => stopPeersOnFailure(run, abort)))) {
      if (outcome.status === 'rejected') throw outcome.reason;
    }
  } finally {
    work.signal?.removeEventListener('abort', abort);
  }
  work.signal?.throwIfAborted();
}

async function stopPeersOnFailure(run: Promise<void>, abort: () => void): Promise<void> {
  try {
    await run;
  } catch (error) {
    abort();
    throw error;
  }
}
