import type { CommandContext } from '../command.ts';
import type { MeasuredProcess } from './open-metrics.ts';

/** The same context; the transactions of its database are measured where somebody asks. */
export async function measuredContext(
  context: CommandContext,
  served: MeasuredProcess | null,
): Promise<CommandContext> {
  if (served === null) return context;
  const { metrics, health } = served;
  const { measureDatabase } = await import('./database-metrics.ts');
  const { dataDir } = context.config;
  const database = measureDatabase(metrics, await context.database(), { dataDir, health });
  return { ...context, database: () => Promise.resolve(database) };
}
