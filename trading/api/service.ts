import type { FastifyInstance } from 'fastify';
import { Authenticator } from '../../infra/auth/authenticator.ts';
import type { AuthParts } from '../../infra/auth/routes.ts';
import { SignIns } from '../../infra/auth/sign-in.ts';
import { forgetFailures } from '../../infra/auth/sign-in-store.ts';
import { signingKey } from '../../infra/auth/user-store.ts';
import type { CommandContext } from '../../infra/command.ts';
import { forgetKeys } from '../../infra/http/idempotency-store.ts';
import { OwnNames } from '../../infra/http/own-names.ts';
import { RequestRates } from '../../infra/http/request-rates.ts';
import type { Route } from '../../infra/http/route.ts';
import { createLogger, type Logger } from '../../infra/logging/log.ts';
import { HealthParts } from '../../infra/metrics/health-parts.ts';
import type { Metrics } from '../../infra/metrics/metrics.ts';
import { createApplication } from './application.ts';
import { serveConsole } from './console-pages.ts';
import { Gate } from './gate.ts';
import { healthRoutes, watchService } from './health.ts';

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
  readonly log?: Pick<Logger, 'error' | 'warn'>;
  /** What it tells of itself at `/metrics`; none by default. */
  readonly metrics?: Metrics;
  /** How the process is, where it is told elsewhere too; one of its own by default. */
  readonly health?: HealthParts;
}

export interface Service {
  readonly app: FastifyInstance;
  close(): Promise<void>;
}

/** The service whole, over the database of the context; it does not listen yet. */
export async function createService(options: ServiceOptions): Promise<Service> {
  const { context, routes, names = [], behindTls = false, log = createLogger(context.config) } = options;
  const { health = new HealthParts() } = options;
  const database = await context.database();
  const { clock } = context;
  const secret = await signingKey(database.pool);
  const authenticator = new Authenticator({ pool: database.pool, secret, clock });
  const signIns = new SignIns({ database, secret, clock });
  const rates = new RequestRates(options.perSecond);
  const gate = new Gate({ database, authenticator, secret, names: new OwnNames(names), rates, clock });
  const ending = new AbortController();
  const app = await createApplication({
    context,
    database,
    signal: ending.signal,
    secure: behindTls,
    routes: [...healthRoutes(health), ...routes({ signIns, authenticator, secret })],
    gate,
    log,
    behindProxy: behindTls,
    metrics: options.metrics,
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
    ]).catch((error: unknown) => log.warn({ err: error }, 'old keys and failures are forgotten later'));
  };
  tidy();
  const timer = setInterval(tidy, TIDY_MS).unref();
  return {
    app,
    close: async () => {
      clearInterval(timer);
      ending.abort();
      await app.close();
    },
  };
}
