import { Worker } from 'node:worker_threads';
import { InputError } from '../errors.ts';
import type { ThreadMessage, ThreadReply } from './thread-service.ts';

/** What a piece of work may use. */
export interface ThreadLimits {
  /** Computing, in milliseconds: waiting for a processor of a busy machine does not count. */
  readonly computeMs: number;
  /** What the process may grow by, in bytes. */
  readonly memoryBytes: number;
}

/** Work that was ended because it took more than it may. */
export class ThreadLimitError extends Error {
  readonly limit: 'time' | 'memory';

  constructor(limit: 'time' | 'memory') {
    super(limit === 'time' ? 'it took too long' : 'it took too much memory');
    this.limit = limit;
  }
}

export interface GuardedWork<Item> {
  /** Module of the thread, which calls `serveThread`. */
  readonly module: URL;
  readonly request: unknown;
  readonly limits: ThreadLimits;
  readonly onItem: (item: Item) => void;
}

/** How often a thread's use is looked at: memory fills with a few gigabytes a second. */
const LOOK_MS = 10;
/** Work that waits (for a share on the network, say) and computes nothing is ended as well, much later. */
const WAITING_MS = 60_000;
/**
 * V8 ends the whole process where one allocation exceeds a thread's heap, so the heap is wide and the limit is on the
 * memory of the process, which counts what lies outside the heap too.
 */
const HEAP_MB = 4096;

/** A thread that took more is not kept: its heap would stay that large. */
const KEPT_BYTES_MAX = 64e6;

/** Threads that ended their work: a fresh one takes 0.2 s from source. An idle one does not keep the process alive. */
const idle = new Map<string, Worker[]>();

function startThread(module: URL): Promise<Worker> {
  const options = { execArgv: [], resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } };
  const worker = module.href.endsWith('.ts')
    ? new Worker(new URL('./thread-from-source.mjs', import.meta.url), {
        ...options,
        workerData: { module: module.href },
      })
    : new Worker(module, options);
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', () => {
      worker.off('error', reject);
      resolve(worker);
    });
  });
}

/**
 * Calls `onExceeded` once when the process has used more than `limits` allow since this call; returns what ends the
 * watch.
 */
function watch(limits: ThreadLimits, onExceeded: (limit: 'time' | 'memory') => void): () => void {
  const startedMs = performance.now();
  const cpu = process.cpuUsage();
  const residentBytes = process.memoryUsage.rss();
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage(cpu);
    const waitedMs = performance.now() - startedMs;
    // Other threads of the process compute as well: neither counts more than the time that went by.
    const computedMs = Math.min((user + system) / 1000, waitedMs);
    const grownBytes = process.memoryUsage.rss() - residentBytes;
    if (grownBytes > limits.memoryBytes) onExceeded('memory');
    else if (computedMs > limits.computeMs || waitedMs > WAITING_MS + 20 * limits.computeMs) onExceeded('time');
  }, LOOK_MS);
  return () => clearInterval(timer);
}

/**
 * The outcome of work that came to its end, in a thread that can be used again; rejects where the thread is to be
 * ended.
 */
function runOn<Item>(worker: Worker, { request, limits, onItem }: GuardedWork<Item>): Promise<Error | null> {
  const tell = (message: ThreadMessage): void => worker.postMessage(message);
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void): void => {
      stop();
      worker.off('error', broken).off('exit', exited).off('message', receive);
      worker.unref();
      settle();
    };
    const broken = (error: unknown): void => finish(() => reject(error));
    const exited = (code: number): void => broken(new Error(`the thread ended with ${code}`));
    const receive = (reply: ThreadReply): void => {
      try {
        if ('item' in reply) {
          onItem(reply.item as Item);
          tell({ taken: true });
        } else if ('done' in reply) finish(() => resolve(null));
        else if ('failed' in reply) {
          const { message, remedy, input } = reply.failed;
          finish(() => resolve(input ? new InputError(message, remedy) : new Error(message)));
        }
      } catch (error) {
        broken(error);
      }
    };
    const stop = watch(limits, (limit) => broken(new ThreadLimitError(limit)));
    worker.on('error', broken).on('exit', exited).on('message', receive);
    worker.ref();
    tell({ request });
  });
}

/**
 * Runs work on what came from outside in a thread that is ended when it takes more than `limits`. Items arrive in
 * order; a thread is at most one ahead. Throws ThreadLimitError, the InputError or another error of the work, and what
 * `onItem` throws.
 */
export async function runGuarded<Item>(work: GuardedWork<Item>): Promise<void> {
  const key = work.module.href;
  const waiting = idle.get(key) ?? [];
  idle.set(key, waiting);
  const worker = waiting.pop() ?? (await startThread(work.module));
  const residentBytes = process.memoryUsage.rss();
  let error: Error | null;
  try {
    error = await runOn(worker, work);
  } catch (broken) {
    // It may still be at work.
    await worker.terminate();
    throw broken;
  }
  if (process.memoryUsage.rss() - residentBytes < KEPT_BYTES_MAX) waiting.push(worker);
  else await worker.terminate();
  if (error !== null) throw error;
}
