import type pg from 'pg';
import { partitionName, type PartitionedTable } from '../bars/year-partitions.ts';

/** A yearly partition and what it holds. */
export interface Partition {
  readonly table: PartitionedTable;
  readonly name: string;
  readonly year: number;
  /** `[fromMs, toMs)` of the opens of bars, or the closes of feature rows. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly rows: number;
  /** With its indexes. */
  readonly bytes: number;
}

export const PARTITIONED_TABLES: readonly PartitionedTable[] = ['bars', 'feature_rows'];

type Queryable = Pick<pg.ClientBase, 'query'>;

/** The partitions of both tables, by table and year. Counts rows, so it takes seconds where there are tens of millions. */
export async function listPartitions(client: Queryable): Promise<Partition[]> {
  const partitions: Partition[] = [];
  for (const table of PARTITIONED_TABLES) {
    const { rows } = await client.query<{ name: string; bytes: number }>(
      `SELECT c.relname AS name, pg_total_relation_size(c.oid) AS bytes
       FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = $1::regclass ORDER BY c.relname`,
      [table],
    );
    for (const { name, bytes } of rows) {
      const year = Number(name.slice(table.length + 1));
      const counted = await client.query<{ rows: number }>(
        `SELECT count(*) AS rows FROM ${partitionName(table, year)}`,
      );
      const [fromMs, toMs] = [Date.UTC(year, 0, 1), Date.UTC(year + 1, 0, 1)];
      partitions.push({ table, name, year, fromMs, toMs, rows: counted.rows[0]!.rows, bytes });
    }
  }
  return partitions;
}
