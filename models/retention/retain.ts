import type pg from 'pg';
import { SignalboxError } from '../../infra/errors.ts';
import { codeOf } from '../../infra/postgres/database-error.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { lockSeries, saveDroppedBefore, saveExtent } from '../bars/bar-series-store.ts';
import { hashSeries, readBounds } from '../bars/series-writer.ts';
import { RETENTION_LOCK } from '../bars/year-partitions.ts';
import { neededBy, readLineage, type Extent, type Lineage } from './lineage.ts';
import { listPartitions, type Partition } from './partitions.ts';
import { clearSuperseded, findSuperseded, type Superseded } from './superseded.ts';

export interface RetainOptions {
  /** Drop partitions of bars that end at or before this. */
  readonly barsBeforeMs?: number | undefined;
  /** Drop partitions of feature rows that end at or before this. */
  readonly featuresBeforeMs?: number | undefined;
  /** Delete feature rows that something newer has taken the place of. */
  readonly superseded?: boolean | undefined;
  /** Say what would be done, and do nothing. */
  readonly dryRun?: boolean | undefined;
  /** Also what stored trainings were made from. */
  readonly force?: boolean | undefined;
}

export interface RetainReport {
  readonly partitions: readonly Partition[];
  /** Series that lost bars, or feature rows. */
  readonly series: number;
  readonly superseded: readonly Superseded[];
  readonly rows: number;
  /** Size of the partitions. Rows deleted one by one free space only for new ones. */
  readonly bytes: number;
  /** Trainings that were made from what is (or would be) deleted. */
  readonly neededBy: readonly Lineage[];
  readonly dryRun: boolean;
}

/** Stored trainings were made from what was to be deleted. Nothing was. */
export class NeededDataError extends SignalboxError {
  readonly neededBy: readonly Lineage[];

  constructor(lineage: readonly Lineage[]) {
    const names = [...new Set(lineage.map(({ experiment }) => experiment))].join(', ');
    super(`${lineage.length} stored ${lineage.length === 1 ? 'training' : 'trainings'} of ${names} need these rows.`, {
      remedy: 'Keep them, or give --force: predictions and models stay, what they were made from goes.',
    });
    this.neededBy = lineage;
  }
}

/** Writers are waited for that long. */
const LOCK_TIMEOUT = '30s';
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Removes old data: whole yearly partitions, and feature rows that are superseded. One transaction: everything or, when it is killed or
 * refused, nothing. Series and materializations are told what they lost, so that nobody takes the rest for the whole: features of
 * bars that are gone are computed again from those that are left, and `materialize` restores feature rows. Throws NeededDataError for what
 * stored trainings were made from, unless forced.
 */
export async function retain(database: Database, options: RetainOptions): Promise<RetainReport> {
  try {
    return await database.transaction((client) => retainInside(client, options));
  } catch (error) {
    if (codeOf(error) !== LOCK_NOT_AVAILABLE && codeOf((error as Error).cause) !== LOCK_NOT_AVAILABLE) throw error;
    throw new SignalboxError('Another process has been writing bars or features for 30 seconds. Nothing was removed.', {
      remedy: 'Run it again when that is done.',
      cause: error,
    });
  }
}

async function retainInside(client: pg.ClientBase, options: RetainOptions): Promise<RetainReport> {
  await client.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
  const dryRun = options.dryRun ?? false;
  const before = { bars: options.barsBeforeMs ?? -Infinity, feature_rows: options.featuresBeforeMs ?? -Infinity };
  // Writers share this lock: those at work are waited for, others wait, and nobody holds a row that is wanted here.
  if (!dryRun) await client.query('SELECT pg_advisory_xact_lock($1)', [RETENTION_LOCK]);
  const partitions = (await listPartitions(client)).filter(({ table, toMs }) => toMs <= before[table]);
  const extents: Extent[] = [];
  for (const partition of partitions) extents.push(...(await extentsOf(client, partition)));
  const lineage = await readLineage(client);
  const superseded = options.superseded === true ? await findSuperseded(client, lineage) : [];
  const needed = neededBy(extents, lineage);
  if (needed.length > 0 && options.force !== true && !dryRun) throw new NeededDataError(needed);
  if (!dryRun) {
    const of = (table: Partition['table']): Partition[] => partitions.filter((one) => one.table === table);
    await dropBars(client, of('bars'));
    await dropFeatureRows(client, of('feature_rows'));
    await clearSuperseded(client, superseded);
  }
  const sum = (of: readonly { rows: number }[]): number => of.reduce((total, { rows }) => total + rows, 0);
  return {
    partitions,
    series: new Set(extents.map(({ seriesId }) => seriesId)).size,
    superseded,
    rows: sum(partitions) + sum(superseded),
    bytes: partitions.reduce((total, { bytes }) => total + bytes, 0),
    neededBy: needed,
    dryRun,
  };
}

async function extentsOf(client: pg.ClientBase, { table, name }: Partition): Promise<Extent[]> {
  const query =
    table === 'bars'
      ? `SELECT series_id, NULL AS set_hash, count(*) AS rows, min(open_time) AS first, max(open_time) AS last
         FROM ${name} GROUP BY series_id`
      : `SELECT r.series_id, m.set_hash, count(*) AS rows, min(r.close_time) AS first, max(r.close_time) AS last
         FROM ${name} r JOIN feature_materializations m ON m.id = r.materialization_id GROUP BY r.series_id, m.set_hash`;
  const { rows } = await client.query<{
    series_id: number;
    set_hash: string | null;
    rows: number;
    first: Date;
    last: Date;
  }>(query);
  return rows.map(({ series_id, set_hash, rows: count, first, last }) => {
    const extent = { seriesId: series_id, rows: count, firstMs: first.getTime(), lastMs: last.getTime() };
    return set_hash === null ? extent : { ...extent, setHash: set_hash };
  });
}

async function dropPartition(client: pg.ClientBase, { table, name }: Partition): Promise<void> {
  await client.query(`ALTER TABLE ${table} DETACH PARTITION ${name}`);
  await client.query(`DROP TABLE ${name}`);
}

/** Drops partitions of bars. The series count, bound and hash what is left to them; what was computed from the rest is stale. */
async function dropBars(client: pg.ClientBase, partitions: readonly Partition[]): Promise<void> {
  const ids = new Set<number>();
  for (const partition of partitions) {
    for (const { seriesId } of await extentsOf(client, partition)) ids.add(seriesId);
    await dropPartition(client, partition);
  }
  if (ids.size === 0) return;
  const fromMs = Math.max(...partitions.map(({ toMs }) => toMs));
  for (const id of ids) {
    const series = await lockSeries(client, id);
    const fingerprint = await hashSeries(client, series);
    await saveExtent(client, id, {
      ...(await readBounds(client, id)),
      bars: fingerprint.length,
      blockHashes: fingerprint.blockHashes(),
      revision: series.revision + 1,
    });
    await saveDroppedBefore(client, id, fromMs);
  }
  await client.query('DELETE FROM bar_arrivals WHERE series_id = ANY($1) AND last_open < $2', [
    [...ids],
    new Date(fromMs),
  ]);
}

/** Drops partitions of feature rows, and notes in each materialization that it is no longer whole. */
async function dropFeatureRows(client: pg.ClientBase, partitions: readonly Partition[]): Promise<void> {
  for (const partition of partitions) {
    await client.query(
      `UPDATE feature_materializations m
       SET row_count = m.row_count - lost.rows, dropped_before = greatest(m.dropped_before, $1)
       FROM (SELECT materialization_id, count(*) AS rows FROM ${partition.name} GROUP BY materialization_id) lost
       WHERE m.id = lost.materialization_id`,
      [new Date(partition.toMs)],
    );
    await dropPartition(client, partition);
  }
}
