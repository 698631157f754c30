import type pg from 'pg';
import { barPartitions } from '../bars/bar-row-store.ts';
import type { Partition } from '../bars/year-partitions.ts';
import { featureRowPartitions } from '../materialized/feature-row-store.ts';

/**
 * The partitions of bars and feature rows, by table and year. Counts rows, so it takes seconds where there are tens of
 * millions.
 */
export async function listPartitions(client: Pick<pg.ClientBase, 'query'>): Promise<Partition[]> {
  return [...(await barPartitions(client)), ...(await featureRowPartitions(client))];
}
