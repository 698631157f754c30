import { z } from 'zod';
import { appendAudit } from '../audit/audit-store.ts';
import { actorOf } from '../auth/identity.ts';
import { HttpProblem } from '../http/problem.ts';
import { route, type Route } from '../http/route.ts';
import { programVersion } from '../program-version.ts';
import { withQueues } from '../redis/queue.ts';
import { databaseStatus } from './database-status-store.ts';
import { BEAT_MS } from './process-beat.ts';
import { listProcesses } from './process-store.ts';
import { queueStatuses, retryJob } from './queue-status.ts';
import { databaseSchema, queuesSchema, systemSchema } from './schemas.ts';

/** Beats that a process may miss. */
const MISSED_MAX = 3;

/** How what stands behind the service is. @param names of all queues that there are */
export function systemRoutes(names: readonly string[]): Route[] {
  const reads = { method: 'GET', permission: 'system:read', tag: 'system' } as const;
  return [
    route({
      ...reads,
      path: '/api/v1/system',
      summary: 'Processes that serve or work, with their health and what they have counted; versions',
      answers: { 200: systemSchema },
      handle: async ({ context }) => {
        const nowMs = context.clock();
        const processes = await listProcesses((await context.database()).pool);
        return {
          versions: { signalbox: programVersion(), node: process.versions.node },
          queueBackend: context.config.redisUrl === null ? 'postgres' : 'redis',
          processes: processes.map((one) => ({ ...one, lost: nowMs - one.seenAt.getTime() > MISSED_MAX * BEAT_MS })),
        };
      },
    }),
    route({
      ...reads,
      path: '/api/v1/system/queues',
      summary: 'Queues with their jobs by state, and the last that failed',
      answers: { 200: queuesSchema },
      handle: ({ context }) => withQueues(context, async (queues) => ({ queues: await queueStatuses(queues, names) })),
    }),
    route({
      ...reads,
      path: '/api/v1/system/database',
      summary: 'Size, connections, migrations and the last backup: as `db status` has it',
      answers: { 200: databaseSchema },
      handle: async ({ context }) => databaseStatus(await context.database()),
    }),
    retryRoute(names),
  ];
}

function retryRoute(names: readonly string[]): Route {
  return route({
    method: 'POST',
    permission: 'system:act',
    tag: 'system',
    path: '/api/v1/system/queues/:queue/jobs/:job/retry',
    summary: 'Puts a job that failed back in line',
    params: z.strictObject({ queue: z.string().min(1).max(100), job: z.string().min(1).max(300) }),
    answers: { 200: z.object({ queue: z.string(), job: z.string() }) },
    handle: async ({ params: { queue, job }, context, identity, correlationId }) => {
      if (!names.includes(queue)) throw new HttpProblem(404, 'not-found', `There is no queue ${queue}.`);
      await withQueues(context, (queues) => retryJob(queues, queue, job));
      const details = { queue, job, correlationId };
      const note = { actor: actorOf(identity!), action: 'job-retried', sessionId: null, reason: '', details };
      await appendAudit((await context.database()).pool, [note]);
      return { queue, job };
    },
  });
}
