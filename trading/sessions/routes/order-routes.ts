import { z } from 'zod';
import { actorOf } from '../../../infra/auth/identity.ts';
import { InputError } from '../../../infra/errors.ts';
import { HttpProblem } from '../../../infra/http/problem.ts';
import { route, RouteAnswer, type Route, type RouteRequest } from '../../../infra/http/route.ts';
import { orderFacts } from '../../journal/journal-store.ts';
import type { AskedOrder, AskedOutcome, AskedPlace } from '../../orders/asked-order.ts';
import { REFUSAL_CODES } from '../../refusal.ts';
import { askOrder, type Asking } from '../operators/ask-order.ts';
import { cancelAll } from '../operators/cancel-all.ts';
import { recordingRefusals, requireWithinProfile } from '../operators/within-profile.ts';
import { chosenSession } from '../operators/chosen-session.ts';
import { ASKED_SECONDS } from '../session-store.ts';
import { orderSchema } from './order-schema.ts';
import { cancelledSchema } from './schemas.ts';
import { requireVisible } from './visible-session.ts';

const placedSchema = z
  .object({
    session: z.string(),
    command: z.int().meta({ description: 'number of the request among the commands of all sessions' }),
    outcome: z.enum(['ordered', 'in-parts', 'cancelling', 'waiting']),
    order: z.int().nullable().meta({ description: 'number of the order within its session' }),
    parent: z.int().nullable().meta({ description: 'of the order that is executed in parts' }),
    quantity: z.number().nullable().meta({ description: 'as risk approved it' }),
    clippedBy: z
      .enum(REFUSAL_CODES as [string, ...string[]])
      .nullable()
      .meta({ description: 'the limit that cut it' }),
  })
  .meta({ id: 'AskedOrder' });

const cancelQuery = z.strictObject({
  session: z.string().min(1).max(300),
  reason: z.string().max(1_000).default('').meta({ description: 'why: recorded in the audit' }),
});

/** Orders that users and programs ask for: they go through the risk of the session that runs. */
export function orderRoutes(): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/v1/orders',
      permission: 'orders:place',
      summary: 'Ask a session that runs for an order: its risk approves, cuts or refuses it, as it does any other',
      tag: 'trading',
      body: orderSchema,
      answers: { 201: placedSchema, 202: placedSchema },
      isRepeatable: true,
      handle: (request) => ask(request, request.body, placeOf(request.body)),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/orders/:order',
      permission: 'orders:cancel',
      summary: 'Ask a session that runs to cancel an order, by number or client id',
      tag: 'trading',
      params: z.strictObject({ order: z.string().min(1).max(200) }),
      query: cancelQuery,
      answers: { 202: placedSchema },
      isRepeatable: true,
      handle: async (request) => {
        const { params, query, context, identity } = request;
        const { session } = query;
        requireVisible(identity!, session);
        const { pool } = await context.database();
        await chosenSession({ pool }, session);
        const facts = await orderFacts(pool, session, params.order);
        if (facts === undefined) throw new InputError(`there is no order ${params.order} in session "${session}"`);
        return ask(request, query, { do: 'cancel', sequence: Number(facts.order.sequence) });
      },
    }),
    cancelAllRoute(),
  ];
}

function cancelAllRoute(): Route {
  return route({
    method: 'DELETE',
    path: '/api/v1/orders',
    permission: 'orders:cancel',
    summary: 'Ask a session that runs to cancel every order that works; what protects a position is left, and named',
    tag: 'trading',
    query: cancelQuery,
    answers: { 202: cancelledSchema },
    isRepeatable: true,
    handle: async ({ query, context, identity, request }) => {
      requireVisible(identity!, query.session);
      const { signal } = context;
      const asking = { ...query, actor: actorOf(identity!), signal, request: request ?? undefined };
      return new RouteAnswer(202, await cancelAll(await context.database(), asking));
    },
  });
}

/** An order as a session is asked for it. */
export function placeOf(body: z.infer<typeof orderSchema>): AskedPlace {
  const { symbol, side, quantity, orderType: type, limitPrice, stopPrice, timeInForce, reduceOnly } = body;
  const prices = { limit: limitPrice, stop: stopPrice };
  return { do: 'place', symbol, side, quantity, type, ...prices, tif: timeInForce, reduceOnly };
}

async function ask(
  { context, identity, request }: Pick<RouteRequest, 'context' | 'identity' | 'request'>,
  { session, reason }: { readonly session: string; readonly reason: string },
  order: AskedOrder,
): Promise<RouteAnswer> {
  requireVisible(identity!, session);
  const database = await context.database();
  const permit: Asking['permit'] = async (client, found) => {
    if (order.do === 'place')
      await requireWithinProfile(client, identity!, { session: found, order, nowMs: context.clock() });
  };
  const actor = actorOf(identity!);
  const asked = { session, order, actor, reason, signal: context.signal, request: request ?? undefined, permit };
  const refusal = { identity: identity!, session, details: { ...order } };
  const { command, outcome } = await recordingRefusals(database, refusal, () => askOrder(database, asked));
  const answer = { session, command, order: null, parent: null, quantity: null, clippedBy: null };
  if (outcome === null) return new RouteAnswer(202, { ...answer, outcome: 'waiting' });
  return answerOf(outcome, answer);
}

/** @throws HttpProblem where it was refused, with the reason */
function answerOf(outcome: AskedOutcome, answer: Readonly<Record<string, unknown>>): RouteAnswer {
  if (outcome.is === 'ordered') {
    const { sequence: order, quantity, clippedBy } = outcome;
    return new RouteAnswer(201, { ...answer, outcome: 'ordered', order, quantity, clippedBy });
  }
  if (outcome.is === 'in-parts')
    return new RouteAnswer(201, { ...answer, outcome: 'in-parts', parent: outcome.parent });
  if (outcome.is === 'cancelling') {
    return new RouteAnswer(202, { ...answer, outcome: 'cancelling', order: outcome.sequence });
  }
  if (outcome.is === 'too-late') {
    throw new HttpProblem(503, 'too-late', `The session did not take it up within ${ASKED_SECONDS} s: it is void.`);
  }
  const { stage, code, reason } = outcome;
  throw new HttpProblem(422, code, `Refused: ${reason}.`, { faults: [{ path: stage, message: reason }] });
}
