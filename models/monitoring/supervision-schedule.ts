import { InputError } from '../../infra/errors.ts';
import type { QueueFactory } from '../../infra/redis/queue.ts';

/** Queue of looks at models; one at a time per worker, since each may train. */
export const SUPERVISION_QUEUE = 'signalbox-supervision';

/** `monitor`: look, and act on alarms. `retrain`: train a challenger on newer data without an alarm. */
const SUPERVISION_KINDS = ['monitor', 'retrain'] as const;
export type SupervisionKind = (typeof SUPERVISION_KINDS)[number];

/** Data of a supervision job. */
export interface SupervisionJob {
  /** Absolute path of an experiment, or the name of a shipped one. */
  readonly experiment: string;
  readonly kind: SupervisionKind;
}

/** When a job is to be done: a cron pattern (five or six fields, UTC) or every so many minutes. */
export type Timing = { readonly pattern: string } | { readonly everyMinutes: number };

/** A stored schedule. */
export interface Schedule extends SupervisionJob {
  readonly id: string;
  readonly timing: string;
  readonly next: string | null;
}

/** One schedule per experiment and kind: setting it again replaces it. */
const idOf = ({ experiment, kind }: SupervisionJob): string => `${kind}:${experiment.replaceAll(':', '_')}`;

/** Sets a schedule in the queue's server, where any worker finds it. InputError for a pattern that is none. */
export async function setSchedule(queues: QueueFactory, job: SupervisionJob, timing: Timing): Promise<string> {
  const repeat = 'pattern' in timing ? { pattern: timing.pattern, tz: 'UTC' } : { every: timing.everyMinutes * 60_000 };
  const id = idOf(job);
  try {
    await queues.queue(SUPERVISION_QUEUE).upsertJobScheduler(id, repeat, {
      name: job.kind,
      data: job,
      opts: { removeOnComplete: 100, removeOnFail: 100 },
    });
  } catch (error) {
    if (!('pattern' in timing)) throw error;
    throw new InputError(
      `"${timing.pattern}" is no cron pattern.`,
      'Five fields: minute, hour, day of the month, month, day of the week, as in "30 21 * * 1-5" (UTC).',
      error,
    );
  }
  return id;
}

/** All schedules, by experiment. */
export async function listSchedules(queues: QueueFactory): Promise<Schedule[]> {
  const found = await queues.queue(SUPERVISION_QUEUE).getJobSchedulers();
  return found
    .map(({ key, pattern, every, next, template }) => {
      const { experiment, kind } = template?.data as SupervisionJob;
      const timing = pattern ?? `every ${Number(every) / 60_000} minutes`;
      return { id: key, experiment, kind, timing, next: next === undefined ? null : new Date(next).toISOString() };
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Removes the schedules of an experiment. Returns how many there were. */
export async function removeSchedules(queues: QueueFactory, experiment: string): Promise<number> {
  const queue = queues.queue(SUPERVISION_QUEUE);
  let removed = 0;
  for (const kind of SUPERVISION_KINDS) {
    if (await queue.removeJobScheduler(idOf({ experiment, kind }))) removed++;
  }
  return removed;
}
