import { z } from 'zod';
import { maySee } from '../../../infra/auth/identity.ts';
import { HttpProblem } from '../../../infra/http/problem.ts';
import { asked, cursorOf, flagQuery } from '../../../infra/http/page.ts';
import { route, type Route } from '../../../infra/http/route.ts';
import { accountOutput } from '../operators/account-output.ts';
import { orderTrail } from '../operators/order-trail.ts';
import { positionsOutput } from '../operators/positions-output.ts';
import { fillsOutput, ordersOutput, signalsOutput } from '../operators/rows-output.ts';
import { sessionOutput } from '../operators/session-output.ts';
import { sessionsOutput } from '../operators/sessions-output.ts';
import type { Look } from '../operators/watched.ts';
import {
  accountsSchema,
  fillsSchema,
  ordersSchema,
  positionsSchema,
  refusalsSchema,
  rowsQuery,
  sessionParams,
  sessionQuery,
  sessionSchema,
  signalsSchema,
  spanQuery,
} from './schemas.ts';
import { requireVisible, visibleSession } from './visible-session.ts';

const reads = { method: 'GET', permission: 'sessions:read' } as const;

/** Looks at sessions: what the commands of the same names show. */
export function lookRoutes(): Route[] {
  return [...sessionRoutes(), ...accountRoutes(), ...orderRoutes(), ...signalRoutes()];
}

function sessionRoutes(): Route[] {
  return [
    route({
      ...reads,
      path: '/api/v1/sessions',
      summary: 'Every session, the newest first',
      tag: 'sessions',
      query: z.strictObject({
        all: flagQuery.meta({ description: 'backtests too' }),
        state: z.enum(['running', 'stopped', 'ended']).optional(),
        experiment: z.string().min(1).max(200).optional(),
        limit: z.coerce.number().int().min(1).max(10_000).default(200),
      }),
      answers: { 200: z.object({ sessions: z.array(sessionSchema) }) },
      handle: async ({ query: { limit, ...query }, context, identity }) => {
        const { value } = await sessionsOutput(await context.database(), query);
        const sessions = (value as { session: string }[]).filter(({ session }) => maySee(identity!, session));
        return { sessions: sessions.slice(0, limit) };
      },
    }),
    route({
      ...reads,
      path: '/api/v1/sessions/:session',
      summary: 'One session whole: what it is, holds, has done, and what stands in its way',
      tag: 'sessions',
      params: sessionParams,
      answers: { 200: sessionSchema },
      handle: async ({ params: { session }, context, identity }) => {
        requireVisible(identity!, session);
        return (await sessionOutput(await context.database(), session)).value;
      },
    }),
  ];
}

function accountRoutes(): Route[] {
  return [
    route({
      ...reads,
      path: '/api/v1/account',
      summary: 'Balances, profit, margin and exposure on our books and on the word of the venue',
      tag: 'trading',
      query: z.strictObject(sessionQuery),
      answers: { 200: accountsSchema },
      handle: async ({ query, context, identity }) => {
        if (query.session !== undefined) requireVisible(identity!, query.session);
        const { value } = await accountOutput(await context.database(), query.session);
        return { accounts: (value as { session: string }[]).filter(({ session }) => maySee(identity!, session)) };
      },
    }),
    route({
      ...reads,
      path: '/api/v1/positions',
      summary: 'What a session holds, beside what its venue says it holds',
      tag: 'trading',
      query: z.strictObject({ ...sessionQuery, symbol: rowsQuery.symbol, strategy: rowsQuery.strategy }),
      answers: { 200: positionsSchema },
      handle: async (request) => {
        const session = await visibleSession(request, request.query.session);
        return (await positionsOutput(await request.context.database(), { ...request.query, session })).value;
      },
    }),
  ];
}

function orderRoutes(): Route[] {
  return [
    route({
      ...reads,
      path: '/api/v1/orders',
      summary: 'Orders of a session with what came of each, the newest first',
      tag: 'trading',
      query: z.strictObject({
        ...rowsQuery,
        ...spanQuery,
        state: z.string().max(40).optional().meta({ description: '`working`, or a state by name' }),
      }),
      answers: { 200: ordersSchema },
      handle: async (request) => {
        const { query, context } = request;
        const options = { ...query, ...asked(query), session: await visibleSession(request, query.session) };
        return paged(await ordersOutput(await context.database(), options));
      },
    }),
    route({
      ...reads,
      path: '/api/v1/orders/:order',
      summary: 'From an order, by number or client id, to all it rests on, and on to its fills',
      tag: 'trading',
      params: z.strictObject({ order: z.string().min(1).max(200) }),
      query: z.strictObject(sessionQuery),
      answers: { 200: z.looseObject({ session: z.string(), order: z.looseObject({}) }) },
      handle: async (request) => {
        const session = await visibleSession(request, request.query.session);
        const database = await request.context.database();
        try {
          return (await orderTrail(database, request.params.order, session)).value;
        } catch (error) {
          if (/has no order/.test((error as Error).message)) throw noOrder(error as Error);
          throw error;
        }
      },
    }),
    route({
      ...reads,
      path: '/api/v1/fills',
      summary: 'Fills of a session, the newest first',
      tag: 'trading',
      query: z.strictObject({ ...rowsQuery, ...spanQuery }),
      answers: { 200: fillsSchema },
      handle: async (request) => {
        const { query, context } = request;
        const options = { ...query, ...asked(query), session: await visibleSession(request, query.session) };
        return paged(await fillsOutput(await context.database(), options));
      },
    }),
  ];
}

function signalRoutes(): Route[] {
  return [
    route({
      ...reads,
      path: '/api/v1/signals',
      summary: 'Signals of a session that asked for something, the newest first',
      tag: 'trading',
      query: z.strictObject({ ...rowsQuery, ...spanQuery, action: z.enum(['buy', 'sell']).optional() }),
      answers: { 200: signalsSchema },
      handle: async (request) => {
        const { query, context } = request;
        const options = { ...query, ...asked(query), session: await visibleSession(request, query.session) };
        return paged(await signalsOutput(await context.database(), options));
      },
    }),
    route({
      ...reads,
      path: '/api/v1/signals/refused',
      summary: 'What was not let through, signals and orders, and why, the newest first',
      tag: 'trading',
      query: z.strictObject({
        ...sessionQuery,
        limit: rowsQuery.limit,
        cursor: rowsQuery.cursor,
        symbol: rowsQuery.symbol,
      }),
      answers: { 200: refusalsSchema },
      handle: async (request) => {
        const { query, context } = request;
        const session = await visibleSession(request, query.session);
        const options = { ...query, ...asked(query), session, refused: true };
        return paged(await signalsOutput(await context.database(), options));
      },
    }),
  ];
}

function noOrder({ message }: Error): HttpProblem {
  return new HttpProblem(404, 'not-found', message, { remedy: 'GET /api/v1/orders lists them.' });
}

/** A page with its cursor as text, as every list has it. */
function paged({ value }: Look): Record<string, unknown> {
  const page = value as Record<string, unknown> & { readonly next: number | null };
  return { ...page, next: cursorOf(page.next) };
}
