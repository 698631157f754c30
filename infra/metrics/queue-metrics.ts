import type { Job, Queue, Worker } from 'bullmq';
import type { HealthParts } from './health-parts.ts';
import type { Metrics } from './metrics.ts';

/** States of jobs that say how much there is to do, and what went wrong. */
const STATES = ['waiting', 'prioritized', 'active', 'delayed', 'failed'] as const;

type Counted = Pick<Queue, 'name' | 'getJobCounts'>;

/** What is measured of queues, a closed list: how many jobs wait, and how long those of this process take. */
export class QueueMetrics {
  readonly #seconds: ReturnType<Metrics['histogram']>;
  readonly #done: ReturnType<Metrics['counter']>;
  readonly #waited: ReturnType<Metrics['histogram']>;

  constructor(metrics: Metrics, queues: readonly Counted[], health: HealthParts) {
    const labels = ['queue', 'state'];
    metrics.gauge({ name: 'queue_jobs', help: 'Jobs of a queue, whoever does them', labels }, async (gauge) => {
      for (const queue of queues) {
        const counts = await queue.getJobCounts(...STATES);
        for (const state of STATES) gauge.set({ queue: queue.name, state }, counts[state] ?? 0);
      }
    });
    health.add('queue', async () => {
      await queues[0]!.getJobCounts('waiting');
      return { ok: true, detail: 'it answers' };
    });
    this.#seconds = metrics.histogram({
      name: 'job_seconds',
      help: 'How long a job of this process took',
      labels: ['queue'],
    });
    this.#waited = metrics.histogram({
      name: 'job_wait_seconds',
      help: 'How long a job of this process waited',
      labels: ['queue'],
    });
    this.#done = metrics.counter({
      name: 'jobs_total',
      help: 'Jobs of this process by how they ended',
      labels: ['queue', 'result'],
    });
    for (const { name } of queues)
      for (const result of ['completed', 'failed']) this.#done.inc({ queue: name, result }, 0);
  }

  /** Counts the jobs that `worker` does. */
  follow(worker: Pick<Worker, 'name' | 'on'>): void {
    const ended = (result: string) => (job: Job | undefined) => {
      this.#done.inc({ queue: worker.name, result });
      if (job?.processedOn === undefined) return;
      this.#waited.observe({ queue: worker.name }, Math.max(0, job.processedOn - job.timestamp - job.delay) / 1_000);
      if (job.finishedOn === undefined) return;
      this.#seconds.observe({ queue: worker.name }, (job.finishedOn - job.processedOn) / 1_000);
    };
    worker.on('completed', ended('completed'));
    worker.on('failed', ended('failed'));
  }
}
