import type { FastifyInstance } from 'fastify';
import { Authenticator } from '../../infra/auth/authenticator.ts';
import { LentTokens } from '../../infra/auth/lent-tokens.ts';
import type { AuthParts } from '../../infra/auth/routes/auth-parts.ts';
import { Seal } from '../../infra/auth/second-factor/seal.ts';
import { SecondFactors } from '../../infra/auth/second-factor/second-factors.ts';
import { Tries } from '../../infra/auth/tries.ts';
import { IdentityProvider } from '../../infra/auth/provider/identity-provider.ts';
import { SignIns } from '../../infra/auth/sign-in.ts';
import { forgetFailures } from '../../infra/auth/sign-in-store.ts';
import { signingKey } from '../../infra/auth/user-store.ts';
import type { CommandContext } from '../../infra/command.ts';
import { forgetUserOrders } from '../../infra/auth/profile/risk-profile-store.ts';
import { forgetKeys } from '../../infra/http/idempotency-store.ts';
import { OwnNames } from '../../infra/http/own-names.ts';
import { RequestRates } from '../../infra/http/request-rates.ts';
import type { Route } from '../../infra/http/route.ts';
import { createLogger } from '../../infra/logging/log.ts';
import { HealthParts } from '../../infra/metrics/health-parts.ts';
import type { Metrics } from '../../infra/metrics/metrics.ts';
import { agentRoutes, type AskWithin } from '../agents/routes.ts';
import { accessRoutes } from './access-table.ts';
import type { Tracing } from '../../infra/tracing/span.ts';
import { createApplication } from './application.ts';
import type { ServiceLog } from './request-scope.ts';
import { serveConsole } from './console-pages.ts';
import { Gate } from './gate.ts';
import { healthRoutes, watchService } from './health.ts';
import { KeptAnswers } from './kept-answers.ts';

/** How often what is too old is forgotten, and how long answers to keys are kept. */
const TIDY_MS = 3_600_000;
const KEPT_MS = 24 * 3_600_000;

/** Everything that the service answers, given who signs in. */
export type RouteCollection = (parts: AuthParts) => Route[];

export interface ServiceOptions {
  readonly context: CommandContext;
  readonly routes: RouteCollection;
  /** Names besides those of loopback by which it may be called. */
  readonly names?: readonly string[];
  /** A proxy of ours before it ends https. */
  readonly behindTls?: boolean;
  readonly perSecond?: number;
  readonly requestMsMax?: number;
  readonly consoleFolder?: string;
  readonly log?: ServiceLog;
  /** Null or absent: requests are not traced. */
  readonly tracing?: Tracing | null;
  /** What it tells of itself at `/metrics`; none by default. */
  readonly metrics?: Metrics;
  /** How the process is, where it is told elsewhere too; one of its own by default. */
  readonly health?: HealthParts;
}

export interface Service {
  readonly app: FastifyInstance;
  readonly routes: readonly Route[];
  /** Answers a request that the process itself makes for somebody, as it would theirs. */
  readonly ask: AskWithin;
  close(): Promise<void>;
}

/** Every route of the service as data: those of the folders, and what says how it is and who may what. */
export function routesOfService(
  collection: RouteCollection,
  parts: AuthParts,
  { health, ask }: { readonly health: HealthParts; readonly ask: AskWithin },
): Route[] {
  const all = (): readonly Route[] => routes;
  const own = [...accessRoutes(all), ...agentRoutes(all, ask)];
  const routes: Route[] = [...healthRoutes(health), ...collection(parts), ...own];
  return routes;
}

/** The service whole, over the database of the context; it does not listen yet. */
export async function createService(options: ServiceOptions): Promise<Service> {
  const { context, routes, names = [], behindTls = false, tracing = null, health = new HealthParts() } = options;
  const log = options.log ?? createLogger(context.config, undefined, 'service.requests');
  const database = await context.database();
  const { clock } = context;
  const secret = await signingKey(database.pool);
  const authenticator = new Authenticator({ pool: database.pool, secret, clock });
  const tries = new Tries({ database, clock });
  const { sealKeys, provider: settings } = context.config.auth;
  const factors = new SecondFactors({ database, clock, seal: new Seal(sealKeys) });
  const signIns = new SignIns({ database, secret, clock, factors, tries });
  const provider = settings === null ? null : new IdentityProvider(settings, { database, secret, clock });
  const parts = { signIns, authenticator, secret, factors, tries, provider };
  const rates = new RequestRates(options.perSecond);
  const lent = new LentTokens(authenticator);
  const gate = new Gate({ database, authenticator: lent, secret, names: new OwnNames(names), rates, clock });
  const ending = new AbortController();
  const ask: AskWithin = ({ identity, address, correlationId }, { method, url, body }) =>
    lent.during(identity, async (token) => {
      const headers = { authorization: `Bearer ${token}`, 'x-correlation-id': correlationId };
      const payload = body === null ? {} : { payload: body as object };
      const answered = await app.inject({ method, url, headers, remoteAddress: address, ...payload });
      return { status: answered.statusCode, text: answered.body };
    });
  const all = routesOfService(routes, parts, { health, ask });
  const app: FastifyInstance = await createApplication({
    context,
    database,
    signal: ending.signal,
    secure: behindTls,
    kept: new KeptAnswers(clock),
    routes: all,
    gate,
    log,
    behindProxy: behindTls,
    metrics: options.metrics,
    tracing,
    ...(options.requestMsMax === undefined ? {} : { requestMsMax: options.requestMsMax }),
  });
  await serveConsole(app, options.consoleFolder);
  watchService(health, database);
  health.begin();
  const tidy = (): void => {
    const nowMs = clock();
    void Promise.all([
      forgetKeys(database.pool, new Date(nowMs - KEPT_MS)),
      forgetFailures(database.pool, new Date(nowMs - TIDY_MS)),
      forgetUserOrders(database.pool, new Date(nowMs - 2 * KEPT_MS)),
    ]).catch((error: unknown) => log.warn({ err: error }, 'old keys and failures are forgotten later'));
  };
  tidy();
  const timer = setInterval(tidy, TIDY_MS).unref();
  return {
    app,
    routes: all,
    ask,
    close: async () => {
      clearInterval(timer);
      ending.abort();
      await app.close();
    },
  };
}
