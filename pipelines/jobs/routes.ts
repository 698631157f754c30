import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { appendAudit } from '../../infra/audit/audit-store.ts';
import { actorOf, type Identity } from '../../infra/auth/identity.ts';
import { HttpProblem } from '../../infra/http/problem.ts';
import { route, RouteAnswer, type Route, type RouteRequest } from '../../infra/http/route.ts';
import { withQueues } from '../../infra/redis/queue.ts';
import { parseDataOptions } from '../commands/command-options.ts';
import { dialectOf, parseDialect } from '../dialects/file-dialect.ts';
import { addIngestJob, findIngestJob, listIngestJobs, type IngestJob } from './ingest-job-store.ts';
import {
  askedIngest,
  askedIngestSchema,
  INGEST_BODY_BYTES_MAX,
  ingestOptionsOf,
  ingestRequestSchema,
  type IngestRequest,
} from './ingest-request.ts';
import { INGEST_QUEUE } from './ingest-worker.ts';

const time = z.iso.datetime();
const jobFields = {
  id: z.string(),
  asked: askedIngestSchema,
  askedBy: z.string(),
  askedAt: time,
  correlationId: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'failed']),
  beganAt: time.nullable(),
  endedAt: time.nullable(),
  progress: z
    .object({ stage: z.string(), done: z.number(), total: z.number().nullable(), notes: z.array(z.string()) })
    .nullable(),
  problem: z.string().nullable(),
};
export const ingestJobSchema = z.object(jobFields).meta({ id: 'IngestJob' });
export const ingestResultSchema = z
  .object({
    ...jobFields,
    result: z
      .looseObject({
        inserted: z.int(),
        unchanged: z.int(),
        revised: z.int(),
        dataHash: z.string(),
        series: z.array(z.looseObject({ id: z.int(), symbol: z.string(), timeframe: z.string(), bars: z.int() })),
      })
      .nullable()
      .meta({ description: 'what `ingest --json` says; null until it is done' }),
  })
  .meta({ id: 'IngestJobResult' });

/** Bars that are asked for over HTTP: brought in by a worker, as `ingest` does. */
export function ingestRoutes(): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/v1/data/ingests',
      permission: 'data:ingest',
      summary: 'Bring bars into the store, from a vendor by name or from a CSV file that is sent: a job',
      tag: 'data',
      body: ingestRequestSchema,
      bodyLimit: INGEST_BODY_BYTES_MAX,
      answers: { 202: ingestJobSchema },
      handle: async (request) => {
        const job = await askForIngest(request);
        return new RouteAnswer(202, job, { headers: { location: `/api/v1/data/ingests/${job.id}` } });
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/data/ingests',
      permission: 'market:read',
      summary: 'Bars that were asked for, the newest first',
      tag: 'data',
      query: z.strictObject({ limit: z.coerce.number().int().min(1).max(1_000).default(50) }),
      answers: { 200: z.object({ jobs: z.array(ingestJobSchema) }) },
      handle: async ({ query: { limit }, context, identity }) => {
        requireAll(identity!);
        return { jobs: await listIngestJobs((await context.database()).pool, limit) };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/data/ingests/:job',
      permission: 'market:read',
      summary: 'How far an ingest is, and what came of it',
      tag: 'data',
      params: z.strictObject({ job: z.uuid() }),
      answers: { 200: ingestResultSchema },
      handle: async ({ params: { job }, context, identity }) => {
        requireAll(identity!);
        const found = await findIngestJob((await context.database()).pool, job);
        if (found === undefined) throw new HttpProblem(404, 'not-found', `There is no ingest ${job}.`);
        return found;
      },
    }),
  ];
}

/** Puts the request on record and on the queue. @throws InputError for options that do not fit each other */
async function askForIngest({
  body,
  context,
  identity,
  correlationId,
}: RouteRequest<unknown, unknown, IngestRequest>): Promise<IngestJob> {
  requireAll(identity!);
  const asked = askedIngest(body);
  const options = ingestOptionsOf(asked, body.file?.name);
  parseDataOptions(options);
  parseDialect(dialectOf(options) ?? {});
  const database = await context.database();
  const id = randomUUID();
  const job = await database.transaction(async (client) => {
    const added = { id, asked, askedBy: identity!.name, correlationId };
    const note = { actor: actorOf(identity!), action: 'ingest-asked', sessionId: null, reason: '' };
    await appendAudit(client, [{ ...note, details: { job: id, asked, correlationId } }]);
    return addIngestJob(client, added, body.file?.text ?? null);
  });
  await withQueues(context, (queues) =>
    queues.queue(INGEST_QUEUE).add('ingest', { id }, { jobId: id, removeOnComplete: true }),
  );
  return job;
}

/** Bars are of no session: whoever is bound to sessions brings none in, and sees no jobs. @throws HttpProblem */
function requireAll({ sessions }: Pick<Identity, 'sessions'>): void {
  if (sessions !== null) throw new HttpProblem(403, 'not-allowed', 'You may see sessions of your own, and no jobs.');
}
