import { statfs } from 'node:fs/promises';
import { existingFolder } from '../files/existing-folder.ts';
import { databaseBytes } from '../postgres/database-size.ts';
import type { Database } from '../postgres/database.ts';
import type { HealthParts } from './health-parts.ts';
import type { Metrics } from './metrics.ts';

/** How old the size of the database may be when it is told: asking for it reads a directory for each table. */
const SIZE_MS_MAX = 60_000;

/** What is measured of a database: its pool, commits, size, whether it answers; and of the disk of this machine. */
export function measureDatabase(
  metrics: Metrics,
  database: Database,
  { dataDir, health }: { readonly dataDir: string; readonly health: HealthParts },
): Database {
  const { pool } = database;
  const help = 'Connections of this process to PostgreSQL, and calls that wait for one';
  metrics.gauge({ name: 'database_connections', help, labels: ['state'] }, (gauge) => {
    gauge.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
    gauge.set({ state: 'idle' }, pool.idleCount);
    gauge.set({ state: 'waiting' }, pool.waitingCount);
  });
  const size = aged(SIZE_MS_MAX, () => databaseBytes(pool));
  metrics.gauge({ name: 'database_size_bytes', help: 'Size of the database on its disk' }, async (gauge) => {
    const bytes = await size();
    if (bytes !== null) gauge.set(bytes);
  });
  metrics.gauge({ name: 'database_up', help: '1 while PostgreSQL answers' }, async (gauge) =>
    gauge.set((await answers(pool)) ? 1 : 0),
  );
  metrics.gauge({ name: 'disk_bytes', help: 'Disk of the data folder', labels: ['state'] }, async (gauge) => {
    const { bsize, blocks, bavail } = await statfs(existingFolder(dataDir));
    gauge.set({ state: 'size' }, bsize * blocks);
    gauge.set({ state: 'free' }, bsize * bavail);
  });
  health.add('database', async () => {
    await pool.query('SELECT 1');
    return { ok: true, detail: 'it answers' };
  });
  return timed(metrics, database);
}

/** The same database; how long its transactions take, from the first statement to the end of the commit, is noted. */
function timed(metrics: Metrics, database: Database): Database {
  const help = 'How long a transaction took until it was committed';
  const seconds = metrics.histogram({ name: 'database_commit_seconds', help });
  const failed = metrics.counter({
    name: 'database_failed_commits_total',
    help: 'Transactions that were not committed',
  });
  const noted = async <T>(work: () => Promise<T>): Promise<T> => {
    const startMs = performance.now();
    try {
      const result = await work();
      seconds.observe((performance.now() - startMs) / 1_000);
      return result;
    } catch (error) {
      failed.inc();
      throw error;
    }
  };
  return {
    ...database,
    transaction: (work) => noted(() => database.transaction(work)),
    write: (steps) => noted(() => database.write(steps)),
  };
}

async function answers(pool: Database['pool']): Promise<boolean> {
  try {
    await pool.query('SELECT 1');
    return true;
  } catch {
    return false;
  }
}

/** What `ask` gave, no older than `ageMsMax`; the last answer, or null, where it fails. */
function aged(ageMsMax: number, ask: () => Promise<number>): () => Promise<number | null> {
  let known: number | null = null;
  let askedMs = -Infinity;
  return async () => {
    if (performance.now() - askedMs < ageMsMax) return known;
    try {
      known = await ask();
      askedMs = performance.now();
    } catch {
      // `database_up` says it.
    }
    return known;
  };
}
