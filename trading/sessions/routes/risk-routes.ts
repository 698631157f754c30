import { z } from 'zod';
import { newestEntries } from '../../../infra/audit/audit-store.ts';
import { route, type Route } from '../../../infra/http/route.ts';
import { readRefusals } from '../../journal/journal-store.ts';
import { chosenSession } from '../operators/chosen-session.ts';
import { setLimits, showLimits } from '../operators/risk-output.ts';
import { evaluateOrder } from '../questions/evaluate-order.ts';
import { placeOf } from './order-routes.ts';
import { orderSchema } from './order-schema.ts';
import {
  evaluatedSchema,
  riskHistorySchema,
  rowsQuery,
  sessionQuery,
  thresholdsChangedSchema,
  thresholdsSchema,
} from './schemas.ts';
import { requireVisible, visibleSession } from './visible-session.ts';

/** Limits of sessions. */
export function riskRoutes(): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/risk/thresholds',
      permission: 'sessions:read',
      summary: 'The limits that hold in a session, and changes that it has yet to take up',
      tag: 'risk',
      query: z.strictObject(sessionQuery),
      answers: { 200: thresholdsSchema },
      handle: async (request) => {
        const session = await visibleSession(request, request.query.session);
        return (await showLimits(await request.context.database(), session)).value;
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/risk/history',
      permission: 'sessions:read',
      summary: 'Changes of limits with who made them and why, and what risk did not let through, the newest first',
      tag: 'risk',
      query: z.strictObject({ ...sessionQuery, limit: rowsQuery.limit }),
      answers: { 200: riskHistorySchema },
      handle: async (request) => {
        const { query, context } = request;
        const database = await context.database();
        const { id: session } = await chosenSession(database, await visibleSession(request, query.session));
        const asked = { sessionId: session, action: 'limits-change', limit: query.limit };
        const changes = (await newestEntries(database.pool, asked)).map(({ at, actor, reason, details }) => {
          return { at, actor, reason, ...(JSON.parse(details) as { changes: unknown }) };
        });
        const refused = await readRefusals(database.pool, session, { limit: query.limit });
        return { session, changes, refused: refused.filter(({ stage }) => stage === 'risk') };
      },
    }),
    evaluateRoute(),
    route({
      method: 'PUT',
      path: '/api/v1/risk/thresholds',
      permission: 'limits:change',
      summary: 'Change limits of a session: tighter ones hold at once, wider ones need consent',
      tag: 'risk',
      body: z.strictObject({
        session: z.string().min(1).max(300),
        limits: z.record(z.string().min(1).max(100), z.unknown()).meta({
          description: 'by name, null for none; what is not named stays',
          examples: [{ positionFraction: 0.05, openOrders: 1 }],
        }),
        reason: z.string().trim().min(1).max(1_000),
        consent: z.string().max(400).optional().meta({ description: '`loosen ID`, where a limit becomes wider' }),
      }),
      answers: { 200: thresholdsChangedSchema },
      handle: async ({ body: { session, limits, ...more }, context, identity }) => {
        requireVisible(identity!, session);
        return (await setLimits(context, { session, limit: assignments(limits), ...more })).value;
      },
    }),
  ];
}

function evaluateRoute(): Route {
  return route({
    method: 'POST',
    path: '/api/v1/risk/evaluate',
    permission: 'orders:place',
    summary: 'What the risk of a session that runs would say to an order now: nothing is placed or recorded',
    tag: 'risk',
    body: orderSchema,
    isLook: true,
    answers: { 200: evaluatedSchema },
    handle: async ({ body, context, identity }) => {
      requireVisible(identity!, body.session);
      const asked = { session: body.session, order: placeOf(body), signal: context.signal };
      return evaluateOrder(await context.database(), asked);
    },
  });
}

/** Limits as the command takes them: `name=value`, and `name.part=value` where a limit has parts. */
function assignments(limits: Readonly<Record<string, unknown>>, prefix = ''): string[] {
  return Object.entries(limits).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? assignments(value as Readonly<Record<string, unknown>>, `${prefix}${name}.`)
      : [`${prefix}${name}=${JSON.stringify(value)}`],
  );
}
