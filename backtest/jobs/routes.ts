import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { appendAudit } from '../../infra/audit/audit-store.ts';
import { actorOf, type Identity } from '../../infra/auth/identity.ts';
import { HttpProblem } from '../../infra/http/problem.ts';
import { route, RouteAnswer, type Route, type RouteRequest } from '../../infra/http/route.ts';
import { withQueues } from '../../infra/redis/queue.ts';
import { enqueueJob } from './backtest-worker.ts';
import { backtestRequestSchema } from './backtest-request.ts';
import { experimentRequestSchema, strategyBacktestSchema } from './experiment-request.ts';
import { addJob, cancelJob, findJob, jobResult, listJobs, type AskedJob, type BacktestJob } from './job-store.ts';
import { requiredVersion } from '../../trading/deployed/required-version.ts';
import { strategyParams } from '../../trading/deployed/schemas.ts';
import { visibleStrategy } from '../../trading/deployed/visible-strategy.ts';
import { jobSchema } from '../../trading/results/run-schemas.ts';

const jobParams = z.strictObject({ job: z.uuid() });
const reads = { method: 'GET', permission: 'research:read', tag: 'research' } as const;

/** Backtests that are asked for, done by a worker. */
export const jobRoutes = (): Route[] => [...askRoutes(), ...lookRoutes()];

function askRoutes(): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/v1/backtest/run',
      permission: 'research:run',
      summary: 'Ask for a backtest of rule strategies over bars of the store: a job, whose result comes later',
      tag: 'research',
      body: backtestRequestSchema,
      answers: { 202: jobSchema },
      handle: ({ body, ...request }) => askFor(request, { kind: 'rules', asked: body }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/backtest/experiment',
      permission: 'research:run',
      summary: 'Ask for a backtest or walk-forward of an experiment: a job, as `signalbox backtest NAME` does it',
      tag: 'research',
      body: experimentRequestSchema,
      answers: { 202: jobSchema },
      handle: ({ body, ...request }) => askFor(request, { kind: body.command, asked: body }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/strategies/:strategy/backtest',
      permission: 'research:run',
      summary:
        'Ask for a backtest or walk-forward of a strategy that the service keeps, as a version of it has it: a job',
      tag: 'strategies',
      params: strategyParams,
      body: strategyBacktestSchema,
      answers: { 202: jobSchema },
      handle: async ({ params: { strategy: name }, body, ...request }) => {
        const { strategy } = await visibleStrategy(request, name);
        const { version = strategy.version, ...rest } = body;
        await requiredVersion((await request.context.database()).pool, name, version);
        return askFor(request, { kind: body.command, asked: { strategy: name, version, ...rest } });
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/jobs/:job/cancel',
      permission: 'research:run',
      summary: 'End a job that waits or runs; what was trained by then is kept',
      tag: 'research',
      params: jobParams,
      answers: { 200: jobSchema },
      handle: async ({ params: { job: id }, context, identity }) => {
        requireAll(identity!);
        const database = await context.database();
        required(await findJob(database.pool, id), id);
        return database.transaction(async (client) => {
          const job = await cancelJob(client, id);
          if (job === null) throw new HttpProblem(409, 'job-ended', 'The job has ended already.');
          const note = { actor: actorOf(identity!), action: 'backtest-canceled', sessionId: null, reason: '' };
          await appendAudit(client, [{ ...note, details: { job: id } }]);
          return job;
        });
      },
    }),
  ];
}

function lookRoutes(): Route[] {
  return [
    route({
      ...reads,
      path: '/api/v1/jobs',
      summary: 'Backtests that were asked for, the newest first',
      query: z.strictObject({ limit: z.coerce.number().int().min(1).max(1_000).default(50) }),
      answers: { 200: z.object({ jobs: z.array(jobSchema) }) },
      handle: async ({ query: { limit }, context, identity }) => {
        requireAll(identity!);
        return { jobs: await listJobs((await context.database()).pool, limit) };
      },
    }),
    route({
      ...reads,
      path: '/api/v1/jobs/:job',
      summary: 'How a job stands',
      params: jobParams,
      answers: { 200: jobSchema },
      handle: async ({ params: { job }, context, identity }) => {
        requireAll(identity!);
        return required(await findJob((await context.database()).pool, job), job);
      },
    }),
    route({
      ...reads,
      path: '/api/v1/jobs/:job/result',
      summary: 'What a job came to: as `backtest --json` has it',
      params: jobParams,
      answers: { 200: z.looseObject({}) },
      handle: async ({ params: { job }, context, identity }) => {
        requireAll(identity!);
        const { pool } = await context.database();
        const { state, problem } = required(await findJob(pool, job), job);
        if (state === 'canceled') throw new HttpProblem(422, 'job-canceled', 'The job was canceled.');
        if (state === 'failed') throw new HttpProblem(422, 'job-failed', problem ?? 'It failed.');
        if (state !== 'done') throw new HttpProblem(409, 'job-not-done', `The job is ${state}: ask again later.`);
        return jobResult(pool, job);
      },
    }),
  ];
}

type Request = Pick<RouteRequest, 'context' | 'identity' | 'correlationId'>;

/** Keeps a job, and puts it on the queue. */
async function askFor({ context, identity, correlationId }: Request, asked: AskedJob): Promise<RouteAnswer> {
  requireAll(identity!);
  const database = await context.database();
  const id = randomUUID();
  const job = await database.transaction(async (client) => {
    const added = await addJob(client, { id, ...asked, askedBy: identity!.name, correlationId });
    const note = { actor: actorOf(identity!), action: 'backtest-asked', sessionId: null, reason: '' };
    await appendAudit(client, [{ ...note, details: { job: id, correlationId } }]);
    return added;
  });
  await withQueues(context, (queues) => enqueueJob(queues, job));
  return new RouteAnswer(202, job, { headers: { location: `/api/v1/jobs/${id}` } });
}

function required(job: BacktestJob | undefined, id: string): BacktestJob {
  if (job !== undefined) return job;
  throw new HttpProblem(404, 'not-found', `There is no job ${id}.`);
}

/** Backtests are of no session: whoever is bound to sessions sees none. @throws HttpProblem */
function requireAll({ sessions }: Pick<Identity, 'sessions'>): void {
  if (sessions !== null) throw new HttpProblem(403, 'not-allowed', 'You may see sessions of your own, and no jobs.');
}
