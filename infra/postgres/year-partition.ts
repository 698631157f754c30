import pg from 'pg';

/** Name of the partition of `table` that holds the calendar `year` (UTC). */
export const yearPartitionName = (table: string, year: number): string => `${table}_${year}`;

/** Table and year that a name made by `yearPartitionName` stands for; null for any other name. */
export function parseYearPartition(name: string): { table: string; year: number } | null {
  const found = /^(.+)_([1-9]\d{3})$/.exec(name);
  return found === null ? null : { table: found[1]!, year: Number(found[2]) };
}

/**
 * Makes the partition of `table` (by range of a time) that holds `year`, where there is none. Both are found in the
 * search path.
 */
export async function createYearPartition(client: pg.ClientBase, table: string, year: number): Promise<void> {
  await client.query(
    `CREATE TABLE IF NOT EXISTS ${pg.escapeIdentifier(yearPartitionName(table, year))}
     PARTITION OF ${pg.escapeIdentifier(table)}
     FOR VALUES FROM ('${year}-01-01T00:00:00Z') TO ('${year + 1}-01-01T00:00:00Z')`,
  );
}
