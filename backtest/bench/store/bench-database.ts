import { join } from 'node:path';
import type { CommandContext } from '../../../infra/command.ts';
import type { Database } from '../../../infra/postgres/database.ts';

/** A database for benchmarks, opened when the first one asks for it. */
export interface BenchDatabase {
  open(): Promise<Database>;
  close(): Promise<void>;
}

/**
 * A server of its own below the data folder, whatever DATABASE_URL says: a benchmark writes a million bars, which have
 * no business in a database that somebody works with.
 */
export function benchDatabase({ config, progress }: Pick<CommandContext, 'config' | 'progress'>): BenchDatabase {
  let opening: Promise<Database> | null = null;
  const start = async (): Promise<Database> => {
    const { openDatabase } = await import('../../../infra/postgres/database.ts');
    const own = { ...config, databaseUrl: null, redisUrl: null, dataDir: join(config.dataDir, 'bench') };
    return openDatabase(own, { onStage: (text) => progress.note(text) });
  };
  return {
    open: () => (opening ??= start()),
    close: async () => {
      if (opening !== null) await (await opening.catch(() => null))?.close();
    },
  };
}
