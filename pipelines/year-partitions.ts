import type { Database } from '../infra/postgres/database.ts';

/** Tables that are partitioned by calendar year (UTC) of their time. */
export type PartitionedTable = 'bars' | 'feature_rows';

/** Any constant: whoever makes partitions waits for whoever else does. */
export const PARTITION_LOCK = 741_202_001;

function yearOf(timeMs: number): number {
  return new Date(timeMs).getUTCFullYear();
}

/** Name of the partition of `table` that holds `year`. */
export const partitionName = (table: PartitionedTable, year: number): string => `${table}_${year}`;

/**
 * Makes the yearly partitions of `table` that hold `[fromMs, toMs]`, and the one after them, so that the first bar of a new year waits for
 * nobody; in a transaction of its own: adding a partition locks the whole table, which a long write must not hold. Safe from several
 * processes at once; does nothing where they exist.
 */
export async function ensureYearPartitions(
  database: Database,
  table: PartitionedTable,
  fromMs: number,
  toMs: number,
): Promise<void> {
  const years: number[] = [];
  for (let year = yearOf(fromMs); year <= yearOf(toMs) + 1; year++) years.push(year);
  const found = await database.pool.query<{ year: number }>(
    `SELECT year FROM unnest($1::int[]) AS year WHERE to_regclass($2 || '_' || year) IS NULL ORDER BY year`,
    [years, table],
  );
  if (found.rows.length === 0) return;
  await database.transaction(async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [PARTITION_LOCK]);
    for (const { year } of found.rows) {
      await client.query(
        `CREATE TABLE IF NOT EXISTS ${partitionName(table, year)} PARTITION OF ${table}
         FOR VALUES FROM ('${year}-01-01T00:00:00Z') TO ('${year + 1}-01-01T00:00:00Z')`,
      );
    }
  });
}
