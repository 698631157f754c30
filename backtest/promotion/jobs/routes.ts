import { randomUUID } from 'node:crypto';
import type { Job } from 'bullmq';
import { z } from 'zod';
import type { Identity } from '../../../infra/auth/identity.ts';
import type { CommandContext } from '../../../infra/command.ts';
import { InputError } from '../../../infra/errors.ts';
import { HttpProblem } from '../../../infra/http/problem.ts';
import { route, RouteAnswer, type Route } from '../../../infra/http/route.ts';
import { withQueues } from '../../../infra/redis/queue.ts';
import { promotionSchema } from '../../../models/model-schemas.ts';
import { findVersion, namedVersions } from '../../../models/registry/model-store.ts';
import { forcedReason, requireVersionNamed } from '../commands.ts';
import { PROMOTION_QUEUE, promotionRequestSchema, type PromotionJob, type PromotionOutcome } from './promotion-job.ts';

/** How long what came of a promotion can be asked for; the decision itself stays on record. */
const KEPT = { age: 24 * 3_600 };

type Promotion = z.infer<typeof promotionSchema>;

const params = z.strictObject({ model: z.string().min(1).max(300) });
const asks = { method: 'POST', permission: 'models:promote', tag: 'research', params } as const;

/** Which version trades: offered to the gate and taken back, as the commands do. */
export function promotionRoutes(): Route[] {
  return [
    route({
      ...asks,
      path: '/api/v1/models/:model/promote',
      summary: 'Offers a version, NAME@VERSION, to the gate: a job, whose decision comes later',
      body: promotionRequestSchema,
      answers: { 202: promotionSchema },
      handle: async ({ params: { model }, body, context, identity }) => {
        requireAll(identity!);
        requireVersionNamed(model);
        forcedReason(body);
        await findVersion((await context.database()).pool, model);
        return askFor(context, { does: 'promote', model, options: body, askedBy: identity!.name });
      },
    }),
    route({
      ...asks,
      path: '/api/v1/models/:model/rollback',
      summary: 'Gives the alias champion of a name back to the champion before: a job',
      body: promotionRequestSchema,
      answers: { 202: promotionSchema },
      handle: async ({ params: { model }, body, context, identity }) => {
        requireAll(identity!);
        forcedReason(body);
        const { versions } = await namedVersions((await context.database()).pool, model);
        if (versions.length === 0) throw new InputError(`There is no model named ${model}.`);
        return askFor(context, { does: 'rollback', model, options: body, askedBy: identity!.name });
      },
    }),
    route({
      method: 'GET',
      permission: 'research:read',
      tag: 'research',
      path: '/api/v1/promotions/:promotion',
      summary: 'How a promotion that was asked for stands, and what the gate decided; for a day',
      params: z.strictObject({ promotion: z.uuid() }),
      answers: { 200: promotionSchema },
      handle: ({ params: { promotion }, context, identity }) => {
        requireAll(identity!);
        return withQueues(context, async (queues) => {
          const job = (await queues.queue(PROMOTION_QUEUE).getJob(promotion)) as Job<PromotionJob> | undefined;
          if (job !== undefined) return promotionOf(job);
          throw new HttpProblem(404, 'not-found', `There is no promotion ${promotion}, or it was long ago.`);
        });
      },
    }),
  ];
}

/** The evidence takes a while and much of a processor: it is gathered elsewhere. */
async function askFor(context: CommandContext, asked: PromotionJob): Promise<RouteAnswer> {
  const id = randomUUID();
  const options = { jobId: id, removeOnComplete: KEPT, removeOnFail: KEPT };
  await withQueues(context, (queues) => queues.queue(PROMOTION_QUEUE).add(asked.does, asked, options));
  const { does, model, askedBy } = asked;
  const promotion: Promotion = { id, does, model, askedBy, state: 'waiting', decision: null, problem: null };
  return new RouteAnswer(202, promotion, { headers: { location: `/api/v1/promotions/${id}` } });
}

async function promotionOf(job: Job<PromotionJob>): Promise<Promotion> {
  const { does, model, askedBy } = job.data;
  const of = { id: job.id!, does, model, askedBy };
  const state = await job.getState();
  if (state === 'failed') return { ...of, state, decision: null, problem: job.failedReason };
  if (state !== 'completed') {
    return { ...of, state: state === 'active' ? 'running' : 'waiting', decision: null, problem: null };
  }
  const outcome = job.returnvalue as PromotionOutcome;
  if ('problem' in outcome) return { ...of, state: 'failed', decision: null, problem: outcome.problem };
  return { ...of, state: 'done', decision: outcome.decision as Promotion['decision'], problem: null };
}

/** Models are of no session: whoever is bound to sessions promotes none. @throws HttpProblem */
function requireAll({ sessions }: Pick<Identity, 'sessions'>): void {
  if (sessions !== null) throw new HttpProblem(403, 'not-allowed', 'You may see sessions of your own, and no models.');
}
