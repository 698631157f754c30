import { alertRoutes } from './infra/alerts/routes.ts';
import { auditRoutes } from './infra/audit/routes.ts';
import { authRoutes } from './infra/auth/routes.ts';
import { boardRoutes } from './infra/grafana/routes.ts';
import { createQueueFactory } from './infra/redis/queue.ts';
import type { StartWorkers } from './trading/api/serve-command.ts';
import type { RouteCollection } from './trading/api/service.ts';
import { barRoutes } from './pipelines/bars/routes.ts';
import { chartRoutes } from './pipelines/charts/routes.ts';
import { modelRoutes } from './models/routes.ts';
import { startBacktestWorker } from './backtest/jobs/backtest-worker.ts';
import { jobRoutes } from './backtest/jobs/routes.ts';
import { runRoutes } from './backtest/results/routes.ts';
import { strategyRoutes } from './trading/strategies/listing/routes.ts';
import { sessionsRoutes } from './trading/sessions/routes/routes.ts';

/** Every route of the service, as its folders have them. */
export const serviceRoutes: RouteCollection = (parts) => [
  ...authRoutes(parts),
  ...sessionsRoutes(),
  ...barRoutes(),
  ...modelRoutes(),
  ...strategyRoutes(),
  ...runRoutes(),
  ...jobRoutes(),
  ...alertRoutes(),
  ...auditRoutes(),
  ...chartRoutes(),
  ...boardRoutes(),
];

/** Does what the service is asked for and what takes its time, until it is closed. */
export const serviceWorkers: StartWorkers = async (context) => {
  const database = await context.database();
  const note = (error: Error): void => context.progress.note(`queue: ${error.message}`);
  const queues = createQueueFactory(context.config, database, note);
  await startBacktestWorker({ config: context.config, database, queues });
  return { close: () => queues.close(true) };
};
