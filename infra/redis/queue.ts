import { setTimeout as sleep } from 'node:timers/promises';
import {
  createPostgresBackend,
  FlowProducer,
  Queue,
  QueueEvents,
  Worker,
  withBackend,
  type ConnectionOptions,
  type Job,
  type Processor,
  type Telemetry,
  type WorkerOptions,
} from 'bullmq';
import type { CommandContext } from '../command.ts';
import type { Config } from '../config.ts';
import { SignalboxError } from '../errors.ts';
import { OUTAGE_MS_MAX } from '../postgres/across-outages.ts';
import { addressOf } from '../postgres/connection.ts';
import { databaseError } from '../postgres/database-error.ts';
import { maskSecrets } from '../logging/mask-secrets.ts';
import type { Database } from '../postgres/database.ts';
import { WatchedClient } from '../postgres/watched-client.ts';
import { currentScope } from '../tracing/scope.ts';
import type { Tracing } from '../tracing/span.ts';
import { queueTelemetry } from './queue-telemetry.ts';
import { RedisWatch } from './redis-watch.ts';

/** Schema of BullMQ's own tables on the PostgreSQL backend. */
const QUEUE_SCHEMA = 'bullmq';

/**
 * A lock lives this long without renewal, and stalled jobs are looked for that often: a worker killed with `kill -9` is
 * noticed within the sum (measured: 10 to 15 s), one check later for a job it had only just taken. Renewal runs on the
 * worker's main thread, which never computes.
 */
const LOCK_MS = 10_000;
const STALLED_CHECK_MS = 5_000;

/**
 * How long jobs that were told to stop are waited for: they then go back to the queue instead of being missed with
 * their locks.
 */
const STOP_MS = 3_000;

/**
 * How often a job may be taken over from a killed worker before it counts as failed: a machine in trouble kills many.
 */
const STALLED_COUNT_MAX = 20;

/** To take a connection, and between two of TCP's own signs of life. */
const CONNECT_MS = 10_000;

/** What has not closed by then (its server does not answer) is dropped. */
const CLOSE_MS = 5_000;

/** The queue classes over one backend; everything made here is closed by `close`. */
export interface QueueFactory {
  readonly backend: 'postgres' | 'redis';
  /** The same one for the same name. */
  queue(name: string): Queue;
  events(name: string): QueueEvents;
  flow(): FlowProducer;
  /** A worker whose `processor` is a function, or the URL of a processor file that runs sandboxed in worker threads. */
  worker(name: string, processor: Processor | URL, options: WorkerSettings): Worker;
  /**
   * Closes everything. Workers finish their jobs first; with `force` they abort the jobs' signals, which puts the jobs
   * back on the queue, and drop those that have not stopped within seconds (others take them over when the locks run
   * out).
   */
  close(force?: boolean): Promise<void>;
}

interface WorkerSettings {
  /** Jobs at a time; each in a thread of its own when the processor is a file. */
  readonly concurrency: number;
  /** `workerData` of the processor's threads: structured-clonable, never stored. */
  readonly threadData?: unknown;
}

interface Closable {
  close(force?: boolean): Promise<unknown>;
  disconnect(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/**
 * Queues on Redis when `REDIS_URL` is set, else on PostgreSQL through BullMQ's own backend. One code path: only the
 * connection differs. `told` receives connection errors; BullMQ reconnects by itself. With `tracing`, and
 * where it is made for a request that is traced, jobs are parts of the trace of whoever asked for them.
 */
export function createQueueFactory(
  config: Pick<Config, 'redisUrl'>,
  database: Pick<Database, 'url'>,
  told: (error: Error) => void,
  tracing: Tracing | null = null,
): QueueFactory {
  // In words: which server, and what is wrong with it.
  const onError = (error: Error): void =>
    told(config.redisUrl === null ? (databaseError(error, addressOf(database.url)) as Error) : error);
  const made: Closable[] = [];
  const running = new Map<Worker, Set<Job>>();
  // Each has a connection of its own: who asks again and again is given the same.
  const queues = new Map<string, Queue>();
  let flow: FlowProducer | undefined;
  const keep = <T extends Closable>(resource: T): T => {
    resource.on('error', onError);
    made.push(resource);
    return resource;
  };
  const { connection, make } = connectTo(config, database);
  const isTraced = tracing !== null || typeof currentScope()?.traceparent === 'string';
  const common = { connection, ...(isTraced ? { telemetry: queueTelemetry(tracing) } : {}) };
  const watch = config.redisUrl === null ? null : watchRedis(config.redisUrl, made, onError);
  return {
    backend: config.redisUrl === null ? 'postgres' : 'redis',
    queue: (name) => {
      const queue = queues.get(name) ?? keep(make.queue(name, common));
      queues.set(name, queue);
      return queue;
    },
    events: (name) => keep(make.events(name, { connection })),
    flow: () => (flow ??= keep(make.flow(common))),
    worker: (name, processor, { concurrency, threadData }) => {
      const options: WorkerOptions = {
        ...common,
        concurrency,
        lockDuration: LOCK_MS,
        stalledInterval: STALLED_CHECK_MS,
        maxStalledCount: STALLED_COUNT_MAX,
        // Threads die with their process. A sandboxed child process outlives a worker killed with kill -9 and spins.
        useWorkerThreads: true,
        workerThreadsOptions: { execArgv: loaderArguments(processor), workerData: threadData },
      };
      const worker = keep(make.worker(name, processor, options));
      running.set(worker, watchJobs(worker, onError));
      return worker;
    },
    close: async (force = false) => {
      if (force) await Promise.all([...running].map(([worker, jobs]) => stopJobs(worker, jobs)));
      await Promise.all(made.splice(0).map((resource) => closeResource(resource, force)));
      watch?.close();
    },
  };
}

/**
 * A Redis that answers nothing is named at once; when it stays so, calls that wait for it fail. Workers wait on: they
 * have nothing better to do.
 */
function watchRedis(url: string, made: readonly Closable[], onError: (error: Error) => void): RedisWatch {
  return new RedisWatch(url, {
    onSilent: onError,
    onLost: () => {
      for (const resource of made) if (!(resource instanceof Worker)) resource.disconnect().catch(onError);
    },
    lostMs: OUTAGE_MS_MAX,
  });
}

/** A worker that need not hurry finishes its jobs first, however long they take. */
async function closeResource(resource: Closable, force: boolean): Promise<void> {
  const closing = resource instanceof Worker ? resource.close(force) : resource.close();
  if (resource instanceof Worker && !force) return void (await closing);
  const timer = new AbortController();
  const late = sleep(CLOSE_MS, 'late', { signal: timer.signal }).catch(() => undefined);
  const outcome = await Promise.race([closing, late]);
  timer.abort();
  if (outcome !== 'late') return;
  closing.catch(() => undefined);
  await Promise.race([resource.disconnect().catch(() => undefined), sleep(CLOSE_MS)]);
}

/**
 * The jobs that `worker` has in hand. Their progress is news, not a result: a server that is away when it is told (or a
 * job that was removed) must not fail the job, whose thread would go on computing and refuse the next one. Why one
 * failed is stored without secrets.
 */
function watchJobs(worker: Worker, onError: (error: Error) => void): Set<Job> {
  const jobs = new Set<Job>();
  worker.on('active', (job) => {
    jobs.add(job);
    const tell = job.updateProgress.bind(job);
    job.updateProgress = (progress) => tell(progress).catch(onError);
    const fail = job.moveToFailed.bind(job);
    job.moveToFailed = (error, ...rest) => fail(withoutSecrets(error), ...rest);
  });
  worker.on('completed', (job) => jobs.delete(job));
  worker.on('failed', (job) => job !== undefined && jobs.delete(job));
  return jobs;
}

/** What is stored of a failure. */
const REASON_MAX = 20_000;

/** The same error, for its class decides whether the job is tried again. */
function withoutSecrets<T extends Error>(error: T): T {
  error.message = maskSecrets(error.message, REASON_MAX);
  if (error.stack !== undefined) error.stack = maskSecrets(error.stack, REASON_MAX);
  return error;
}

/** Tells the jobs of `worker` to stop and waits until they have, for a while. */
async function stopJobs(worker: Worker, jobs: ReadonlySet<Job>): Promise<void> {
  await worker.pause(true);
  worker.cancelAllJobs();
  const deadline = performance.now() + STOP_MS;
  while (jobs.size > 0 && performance.now() < deadline) await sleep(20);
}

/** TypeScript processor files need the loader in their thread; compiled ones need nothing. */
function loaderArguments(processor: Processor | URL): string[] {
  const isSource = processor instanceof URL && processor.pathname.endsWith('.ts');
  return isSource ? ['--import', new URL('../typescript/typescript-loader.mjs', import.meta.url).href] : [];
}

interface CommonOptions {
  readonly connection: ConnectionOptions;
  readonly telemetry?: Telemetry;
}

interface QueueClasses {
  queue(name: string, options: CommonOptions): Queue;
  events(name: string, options: { connection: ConnectionOptions }): QueueEvents;
  flow(options: CommonOptions): FlowProducer;
  worker(name: string, processor: Processor | URL, options: WorkerOptions): Worker;
}

const REDIS_CLASSES: QueueClasses = {
  queue: (name, options) => new Queue(name, options),
  events: (name, options) => new QueueEvents(name, options),
  flow: (options) => new FlowProducer(options),
  worker: (name, processor, options) => new Worker(name, processor, options),
};

/**
 * BullMQ types its classes by backend; callers here use what both backends share, hence the casts in this one place.
 */
function postgresClasses(): QueueClasses {
  const classes = withBackend(watchedBackend) as unknown as {
    Queue: typeof Queue;
    QueueEvents: typeof QueueEvents;
    FlowProducer: typeof FlowProducer;
    Worker: typeof Worker;
  };
  return {
    queue: (name, options) => new classes.Queue(name, options),
    events: (name, options) => new classes.QueueEvents(name, options),
    flow: (options) => new classes.FlowProducer(options),
    worker: (name, processor, options) => new classes.Worker(name, processor, options),
  };
}

/**
 * BullMQ's backend, whose connection that listens is one of ours too. A plain one that the server ends in the moment
 * between its making and BullMQ's listener, or while it is closed, ends the process: 4 of 4 workers died of 60 cuts.
 */
const watchedBackend: typeof createPostgresBackend = (...asked) => {
  const backend = createPostgresBackend(...asked);
  Object.assign(backend.connection, { pgModule: { Client: WatchedClient } });
  return backend;
};

function connectTo(
  config: Pick<Config, 'redisUrl'>,
  database: Pick<Database, 'url'>,
): { connection: ConnectionOptions; make: QueueClasses } {
  if (config.redisUrl !== null) {
    const redis = {
      url: config.redisUrl,
      maxRetriesPerRequest: null,
      connectTimeout: CONNECT_MS,
      keepAlive: CONNECT_MS,
    };
    return { connection: redis, make: REDIS_CLASSES };
  }
  // Each object has a pool of its own, and each worker a connection more that listens. None holds one while it asks for
  // another.
  const pool = { connectionString: database.url, max: 1, Client: WatchedClient };
  const connection = { ...pool, schema: QUEUE_SCHEMA, migrate: true };
  return { connection: connection as unknown as ConnectionOptions, make: postgresClasses() };
}

/** Does `work` over queues that are closed after it. */
export async function withQueues<T>(
  { config, database }: Pick<CommandContext, 'config' | 'database'>,
  work: (queues: QueueFactory) => Promise<T>,
): Promise<T> {
  const queues = createQueueFactory(config, await database(), () => undefined);
  try {
    return await work(queues);
  } finally {
    await queues.close();
  }
}

/** Fails with a remedy when the queue's server does not answer within `timeoutMs`. */
export async function assertQueueReachable(factory: QueueFactory, timeoutMs = 10_000): Promise<void> {
  const probe = factory.queue('probe');
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), timeoutMs);
  });
  try {
    await Promise.race([probe.waitUntilReady(), timeout]);
  } catch (error) {
    const remedy =
      factory.backend === 'redis'
        ? 'Start Redis, correct REDIS_URL, or unset it: the queue then runs on PostgreSQL.'
        : 'See `signalbox doctor`.';
    throw new SignalboxError(`The job queue on ${factory.backend} does not answer.`, { remedy, cause: error });
  } finally {
    clearTimeout(timer);
  }
}
