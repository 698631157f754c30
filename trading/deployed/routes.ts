import { z } from 'zod';
import { actorOf, type Identity } from '../../infra/auth/identity.ts';
import { asked, cursorOf } from '../../infra/http/page.ts';
import { InputError } from '../../infra/errors.ts';
import { route, RouteAnswer, type Route, type RouteRequest } from '../../infra/http/route.ts';
import { accountOutput } from '../sessions/operators/account-output.ts';
import { recordingRefusals, requireCapitalWithinProfile } from '../sessions/operators/within-profile.ts';
import { signalsOutput } from '../sessions/operators/rows-output.ts';
import { sessionOutput } from '../sessions/operators/session-output.ts';
import { readPoints } from '../sessions/monitor/account-store.ts';
import { rowsQuery, signalsSchema } from '../sessions/routes/schemas.ts';
import { strategiesOutput, strategyOutput } from '../strategies/listing/strategies-output.ts';
import { keepStrategy } from './keep-strategy.ts';
import { keptStrategies, shownStrategy } from './kept-output.ts';
import { requiredVersion } from './required-version.ts';
import {
  actionSchema,
  changedStrategySchema,
  newStrategySchema,
  performanceSchema,
  strategyParams,
  strategySchema,
  versionParams,
  versionSchema,
  wholeStrategySchema,
  wholeVersionSchema,
} from './schemas.ts';
import { actOnStrategy, STRATEGY_ACTIONS, type CapitalPermit, type StrategyAction } from './strategy-actions.ts';
import { findStrategy, listVersions, readVersion } from './strategy-store.ts';
import { visibleStrategy } from './visible-strategy.ts';

const reads = { method: 'GET', permission: 'research:read', tag: 'strategies' } as const;
const writes = { permission: 'research:run', tag: 'strategies' } as const;

/** Rules with their parameters, and strategies that the service keeps and runs. */
export function strategyRoutes(): Route[] {
  return [
    ...lookRoutes(),
    ...versionRoutes(),
    ...changeRoutes(),
    ...STRATEGY_ACTIONS.map(actionRoute),
    ...tradeRoutes(),
  ];
}

function lookRoutes(): Route[] {
  return [
    route({
      ...reads,
      path: '/api/v1/strategies',
      summary: 'Every rule strategy with its parameters and defaults, and the strategies that the service keeps',
      answers: { 200: z.object({ strategies: z.unknown(), kept: z.array(strategySchema) }) },
      handle: async ({ context, identity }) => ({
        strategies: strategiesOutput().value,
        kept: await keptStrategies(await context.database(), identity!),
      }),
    }),
    route({
      ...reads,
      path: '/api/v1/strategies/:strategy',
      summary: 'One rule strategy with the bounds of its parameters, or one that the service keeps, with its YAML',
      params: strategyParams,
      answers: { 200: z.union([wholeStrategySchema, z.looseObject({})]) },
      handle: async ({ params: { strategy: name }, context, identity }) => {
        const { pool } = await context.database();
        if ((await findStrategy(pool, name)) === undefined) return strategyOutput(name).value;
        const seen = await visibleStrategy({ context, identity }, name);
        const { yaml } = (await readVersion(pool, name, seen.strategy.version))!;
        return { ...shownStrategy(seen), yaml };
      },
    }),
  ];
}

function versionRoutes(): Route[] {
  return [
    route({
      ...reads,
      path: '/api/v1/strategies/:strategy/versions',
      summary: 'Every version of a strategy with who made it, when and why, the newest first',
      params: strategyParams,
      answers: { 200: z.object({ versions: z.array(versionSchema) }) },
      handle: async ({ params: { strategy }, ...request }) => {
        await visibleStrategy(request, strategy);
        return { versions: await listVersions((await request.context.database()).pool, strategy) };
      },
    }),
    route({
      ...reads,
      path: '/api/v1/strategies/:strategy/versions/:version',
      summary: 'One version of a strategy with its YAML',
      params: versionParams,
      answers: { 200: wholeVersionSchema },
      handle: async ({ params: { strategy, version }, ...request }) => {
        await visibleStrategy(request, strategy);
        return requiredVersion((await request.context.database()).pool, strategy, version);
      },
    }),
  ];
}

function changeRoutes(): Route[] {
  return [
    route({
      ...writes,
      method: 'POST',
      path: '/api/v1/strategies',
      summary: 'Keep a new strategy, stopped: an experiment as YAML, and where its orders go',
      body: newStrategySchema,
      answers: { 201: strategySchema },
      handle: async ({ body, context, identity }) => {
        requireAll(identity!);
        const seen = await keepStrategy(context, body, { actor: actorOf(identity!), from: null });
        const headers = { location: `/api/v1/strategies/${body.name}` };
        return new RouteAnswer(201, shownStrategy(seen), { headers });
      },
    }),
    route({
      ...writes,
      method: 'PUT',
      path: '/api/v1/strategies/:strategy',
      summary: 'Keep a version that follows the newest; one that runs keeps its version until it is restarted',
      params: strategyParams,
      body: changedStrategySchema,
      answers: { 200: strategySchema },
      handle: async ({ params: { strategy: name }, body: { version: from, ...body }, ...request }) => {
        await visibleStrategy(request, name);
        const identity = request.identity!;
        const by = { actor: actorOf(identity), from, permit: capitalPermit(identity) };
        return shownStrategy(await keepStrategy(request.context, { name, ...body }, by));
      },
    }),
  ];
}

const DOES: Readonly<Record<StrategyAction, string>> = {
  start: 'Run a strategy: its last session goes on, or one of the newest version begins',
  stop: 'Stop the session of a strategy between two bars; positions and orders are kept',
  pause: 'Open nothing from now on; exits and their orders go on',
  resume: 'Open again, after a pause or a halt',
  restart: 'Stop the session of a strategy, and begin one of the newest version',
};

function actionRoute(action: StrategyAction): Route {
  return route({
    method: 'POST',
    path: `/api/v1/strategies/:strategy/${action}`,
    permission: 'sessions:act',
    summary: DOES[action],
    tag: 'strategies',
    params: strategyParams,
    body: actionSchema.nullish(),
    answers: { 202: strategySchema },
    handle: async ({ params: { strategy }, body, ...request }) => {
      const { sessionId: session } = (await visibleStrategy(request, strategy)).strategy;
      const { reason = '', consent } = body ?? {};
      const database = await request.context.database();
      const identity = request.identity!;
      const wanting = { actor: actorOf(identity), reason, consent, permit: capitalPermit(identity) };
      const refusal = { identity, session, details: { strategy, action } };
      const acted = () => actOnStrategy(database, strategy, action, wanting);
      return new RouteAnswer(202, shownStrategy(await recordingRefusals(database, refusal, acted)));
    },
  });
}

const { session: _session, ...signalsQuery } = rowsQuery;

function tradeRoutes(): Route[] {
  return [
    route({
      ...reads,
      permission: 'sessions:read',
      path: '/api/v1/strategies/:strategy/signals',
      summary: 'Signals of a strategy’s session that asked for something, the newest first',
      params: strategyParams,
      query: z.strictObject({ ...signalsQuery, action: z.enum(['buy', 'sell']).optional() }),
      answers: { 200: signalsSchema },
      handle: async ({ params: { strategy }, query, ...request }) => {
        const session = await sessionOf(request, strategy);
        const { value } = await signalsOutput(await request.context.database(), { ...query, ...asked(query), session });
        const page = value as Record<string, unknown> & { readonly next: number | null };
        return { ...page, next: cursorOf(page.next) };
      },
    }),
    route({
      ...reads,
      permission: 'sessions:read',
      path: '/api/v1/strategies/:strategy/performance',
      summary: 'What a strategy’s session has come to: its account, and that over time',
      params: strategyParams,
      query: z.strictObject({ limit: z.coerce.number().int().min(1).max(10_000).default(1_000) }),
      answers: { 200: performanceSchema },
      handle: async ({ params: { strategy }, query: { limit }, ...request }) => {
        const id = await sessionOf(request, strategy);
        const database = await request.context.database();
        const { value: session } = await sessionOutput(database, id);
        const { value } = await accountOutput(database, id);
        const points = await readPoints(database.pool, id, limit);
        return { strategy, session, account: (value as readonly unknown[])[0], points };
      },
    }),
  ];
}

/** The bound of the user behind a request. */
function capitalPermit(identity: Identity): CapitalPermit {
  return (client, capital) => requireCapitalWithinProfile(client, identity, capital);
}

/** The session of a strategy's last run. @throws InputError before it has one on record */
async function sessionOf(request: Pick<RouteRequest, 'context' | 'identity'>, name: string): Promise<string> {
  const { session } = await visibleStrategy(request, name);
  if (session !== undefined) return session.id;
  throw new InputError(`Strategy "${name}" has no session yet.`, 'Start it, and wait until it runs.');
}

/** Whoever is bound to sessions of their own makes no new ones. */
function requireAll({ sessions }: Pick<Identity, 'sessions'>): void {
  if (sessions !== null) throw new InputError('You may see sessions of your own, and keep no strategies.');
}
