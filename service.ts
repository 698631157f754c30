import { configuredDelivery } from './infra/alerts/configured-delivery.ts';
import { deliverAlerts } from './infra/alerts/deliver-alerts.ts';
import { alertRoutes } from './infra/alerts/routes.ts';
import { databaseReadings, diskReadings } from './infra/alerts/rules/machine-readings.ts';
import { watchRules } from './infra/alerts/rules/watch-rules.ts';
import { auditRoutes } from './infra/audit/routes.ts';
import { authRoutes } from './infra/auth/routes/routes.ts';
import type { CommandContext } from './infra/command.ts';
import { logRoutes } from './infra/logging/levels/routes.ts';
import { boardRoutes } from './infra/grafana/routes.ts';
import type { Database } from './infra/postgres/database.ts';
import { systemRoutes } from './infra/system/routes.ts';
import { createQueueFactory } from './infra/redis/queue.ts';
import type { StartWorkers } from './trading/api/serve-command.ts';
import { accessOutput } from './trading/api/access-table.ts';
import { routesOfService, type RouteCollection } from './trading/api/service.ts';
import { anomalyRoutes } from './trading/anomalies/routes.ts';
import { barRoutes } from './pipelines/bars/routes.ts';
import { chartRoutes } from './pipelines/charts/routes.ts';
import { INGEST_QUEUE, startIngestWorker } from './pipelines/jobs/ingest-worker.ts';
import { dataRoutes } from './pipelines/holdings/routes.ts';
import { ingestRoutes } from './pipelines/jobs/routes.ts';
import { SUPERVISION_QUEUE } from './models/monitoring/supervision-schedule.ts';
import { ROUND_QUEUE, TRIAL_QUEUE } from './models/search/search-queues.ts';
import { FOLD_QUEUE, TRAINING_QUEUE } from './models/training/fold-job.ts';
import { modelRoutes } from './models/routes.ts';
import { BACKTEST_QUEUE, EXPERIMENT_QUEUE, startBacktestWorkers } from './backtest/jobs/backtest-worker.ts';
import { jobRoutes } from './backtest/jobs/routes.ts';
import { PROMOTION_QUEUE } from './backtest/promotion/jobs/promotion-job.ts';
import { startPromotionWorker } from './backtest/promotion/jobs/promotion-worker.ts';
import { promotionRoutes } from './backtest/promotion/jobs/routes.ts';
import { runRoutes } from './backtest/results/routes.ts';
import { strategyRoutes } from './trading/deployed/routes.ts';
import { StrategyRunner } from './trading/deployed/strategy-runner.ts';
import { sessionReadings } from './trading/sessions/readings/session-readings.ts';
import { sessionsRoutes } from './trading/sessions/routes/routes.ts';

const QUEUES = [
  ...[FOLD_QUEUE, TRAINING_QUEUE, TRIAL_QUEUE, ROUND_QUEUE],
  ...[SUPERVISION_QUEUE, BACKTEST_QUEUE, EXPERIMENT_QUEUE, INGEST_QUEUE, PROMOTION_QUEUE],
];

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
  ...logRoutes(),
  ...chartRoutes(),
  ...boardRoutes(),
  ...ingestRoutes(),
  ...dataRoutes(),
  ...systemRoutes(QUEUES),
  ...promotionRoutes(),
  ...anomalyRoutes(),
];

/** Does what the service is asked for and what takes its time, until it is closed. */
export const serviceWorkers: StartWorkers = async (context, tracing) => {
  const database = await context.database();
  const note = (error: Error): void => context.progress.note(`queue: ${error.message}`);
  const queues = createQueueFactory(context.config, database, note, tracing);
  const shared = { config: context.config, database, queues };
  await startBacktestWorkers(shared);
  await startIngestWorker(shared);
  await startPromotionWorker(shared);
  const runner = await StrategyRunner.start(context);
  const alerts = serveAlerts(context, database);
  return {
    close: async () => {
      await alerts.end();
      await runner.close();
      await queues.close(true);
    },
  };
};

/** The table of roles, routes and channels. Routes are described here, never asked: they need nothing to work with. */
export const serviceAccess = (): ReturnType<typeof accessOutput> =>
  accessOutput(routesOfService(serviceRoutes, {} as never, {} as never));

/** Applies the rules of alerts to what can be measured from here, and delivers whatever is due. */
function serveAlerts(context: CommandContext, database: Database): { end(): Promise<void> } {
  const ending = new AbortController();
  const at = (): Promise<Database> => Promise.resolve(database);
  const sources = [sessionReadings(at, context.clock), diskReadings(context.config), databaseReadings(at)];
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
