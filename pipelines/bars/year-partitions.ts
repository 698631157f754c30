import type pg from 'pg';
import type { Transactional } from '../../infra/postgres/joined-transaction.ts';
import { createYearPartition, yearPartitionName } from '../../infra/postgres/year-partition.ts';

// Tables that are partitioned by calendar year (UTC) of their time. The stores that own them say their names.

/** Any constant: whoever makes partitions waits for whoever else does. */
const PARTITION_LOCK = 741_202_001;
/** Writers share this one, retention takes it alone: a partition that a writer counts on is not dropped under it. */
export const RETENTION_LOCK = 741_202_002;

function yearOf(timeMs: number): number {
  return new Date(timeMs).getUTCFullYear();
}

/** Name of the partition of `table` that holds `year`. */
export const partitionName: (table: string, year: number) => string = yearPartitionName;

type Queryable = Pick<pg.ClientBase, 'query'>;

/** A yearly partition and what it holds. */
export interface Partition {
  readonly table: string;
  readonly name: string;
  readonly year: number;
  /** `[fromMs, toMs)` of the opens of bars, or the closes of feature rows. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly rows: number;
  /** With its indexes. */
  readonly bytes: number;
}

/** The partitions of `table` by year. Counts rows, so it takes seconds where there are tens of millions. */
export async function partitionsOf(client: Queryable, table: string): Promise<Partition[]> {
  const partitions: Partition[] = [];
  const { rows } = await client.query<{ name: string; bytes: number }>(
    `SELECT c.relname AS name, pg_total_relation_size(c.oid) AS bytes
     FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = $1::regclass ORDER BY c.relname`,
    [table],
  );
  for (const { name, bytes } of rows) {
    const year = Number(name.slice(table.length + 1));
    const counted = await client.query<{ rows: number }>(`SELECT count(*) AS rows FROM ${partitionName(table, year)}`);
    const [fromMs, toMs] = [Date.UTC(year, 0, 1), Date.UTC(year + 1, 0, 1)];
    partitions.push({ table, name, year, fromMs, toMs, rows: counted.rows[0]!.rows, bytes });
  }
  return partitions;
}

/** Bytes of all partitions of `table` with their indexes, without counting rows. */
export async function bytesOf(client: Queryable, table: string): Promise<number> {
  const { rows } = await client.query<{ bytes: number }>(
    `SELECT coalesce(sum(pg_total_relation_size(inhrelid)), 0)::bigint AS bytes
     FROM pg_inherits WHERE inhparent = $1::regclass`,
    [table],
  );
  return rows[0]!.bytes;
}

/** Gives back the room of rows that are gone: for new rows, or with `full` to the disk, while writers wait. */
export async function compactPartition(client: Queryable, { table, year }: Partition, full: boolean): Promise<void> {
  await client.query(`VACUUM (${full ? 'FULL, ' : ''}ANALYZE) ${partitionName(table, year)}`);
}

/** Takes a partition away with all that it holds. */
export async function dropPartition(client: Queryable, { table, name }: Partition): Promise<void> {
  await client.query(`ALTER TABLE ${table} DETACH PARTITION ${name}`);
  await client.query(`DROP TABLE ${name}`);
}

/**
 * Makes the yearly partitions of `table` that hold `[fromMs, toMs]`, and the one after them, so that the first bar of a
 * new year waits for nobody; in a transaction of its own: adding a partition locks the whole table, which a long write
 * must not hold. Safe from several processes at once; does nothing where they exist.
 */
async function ensureYearPartitions(
  database: Transactional,
  table: string,
  fromMs: number,
  toMs: number,
): Promise<void> {
  const missing = await missingYears(database.pool, table, { fromMs, toMs });
  if (missing.length === 0) return;
  await database.transaction(async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [PARTITION_LOCK]);
    for (const year of missing) await createYearPartition(client, table, year);
  });
}

/** Years of `[fromMs, toMs]` and the one after that have no partition. */
async function missingYears(
  client: Queryable,
  table: string,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<number[]> {
  const years: number[] = [];
  for (let year = yearOf(fromMs); year <= yearOf(toMs) + 1; year++) years.push(year);
  // From the catalogue's tables: a name looked up by to_regclass may be one that has been dropped while this
  // transaction waited.
  const { rows } = await client.query<{ year: number }>(
    `SELECT year FROM unnest($1::int[]) AS year WHERE NOT EXISTS (
       SELECT 1 FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
       WHERE i.inhparent = $2::regclass AND c.relname = $3 || '_' || year) ORDER BY year`,
    [years, table, table],
  );
  return rows.map(({ year }) => year);
}

/** Retention has dropped a partition between its making and the write. */
class PartitionGoneError extends Error {}

/**
 * A transaction that writes rows of `[fromMs, toMs]`: their partitions are there and stay. Where retention drops one at
 * that moment it is made again, before `work` has begun.
 */
export async function writeToPartitions<T>(
  database: Transactional,
  { table, fromMs, toMs }: { table: string; fromMs: number; toMs: number },
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  for (;;) {
    await ensureYearPartitions(database, table, fromMs, toMs);
    try {
      return await database.transaction(async (client) => {
        await client.query('SELECT pg_advisory_xact_lock_shared($1)', [RETENTION_LOCK]);
        if ((await missingYears(client, table, { fromMs, toMs })).length > 0) throw new PartitionGoneError();
        return work(client);
      });
    } catch (error) {
      if (!(error instanceof PartitionGoneError)) throw error;
    }
  }
}
