import { configuredDelivery } from './infra/alerts/configured-delivery.ts';
import { deliverAlerts } from './infra/alerts/deliver-alerts.ts';
import { alertRoutes } from './infra/alerts/routes.ts';
import { databaseReadings, diskReadings } from './infra/alerts/rules/machine-readings.ts';
import { watchRules } from './infra/alerts/rules/watch-rules.ts';
import { auditRoutes } from './infra/audit/routes.ts';
import { authRoutes } from './infra/auth/routes.ts';
import type { CommandContext } from './infra/command.ts';
import type { Database } from './infra/postgres/database.ts';
import { createQueueFactory } from './infra/redis/queue.ts';
import type { StartWorkers } from './trading/api/serve-command.ts';
import type { RouteCollection } from './trading/api/service.ts';
import { barRoutes } from './pipelines/bars/routes.ts';
import { modelRoutes } from './models/routes.ts';
import { startBacktestWorker } from './backtest/jobs/backtest-worker.ts';
import { jobRoutes } from './backtest/jobs/routes.ts';
import { runRoutes } from './backtest/results/routes.ts';
import { strategyRoutes } from './trading/strategies/listing/routes.ts';
import { sessionReadings } from './trading/sessions/readings/session-readings.ts';
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
];

/** Does what the service is asked for and what takes its time, until it is closed. */
export const serviceWorkers: StartWorkers = async (context) => {
  const database = await context.database();
  const note = (error: Error): void => context.progress.note(`queue: ${error.message}`);
  const queues = createQueueFactory(context.config, database, note);
  await startBacktestWorker({ config: context.config, database, queues });
  const alerts = serveAlerts(context, database);
  return {
    close: async () => {
      await alerts.end();
      await queues.close(true);
    },
  };
};

/** Applies the rules of alerts to what can be measured from here, and delivers whatever is due. */
function serveAlerts(context: CommandContext, database: Database): { end(): Promise<void> } {
  const ending = new AbortController();
  const at = (): Promise<Database> => Promise.resolve(database);
  const sources = [sessionReadings(at), diskReadings(context.config), databaseReadings(at)];
  const { signal } = ending;
  const running = Promise.all([
    watchRules({ context: { ...context, database: at }, sources, signal }),
    deliverAlerts({ ...configuredDelivery(context, database.pool), signal }),
  ]);
  running.catch((error: Error) => context.progress.note(`alerts: ${error.message}`));
  return {
    end: async () => {
      ending.abort();
      await running.catch(() => undefined);
    },
  };
}
