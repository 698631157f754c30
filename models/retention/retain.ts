import type pg from 'pg';
import { SignalboxError } from '../../infra/errors.ts';
import { codeOf } from '../../infra/postgres/database-error.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { barExtents, barPartitions, readBounds } from '../../pipelines/bars/bar-row-store.ts';
import { lockSeries, saveDroppedBefore, saveExtent } from '../../pipelines/bars/bar-series-store.ts';
import { hashSeries } from '../../pipelines/bars/series-writer.ts';
import { dropPartition, RETENTION_LOCK, type Partition } from '../../pipelines/bars/year-partitions.ts';
import { featureRowExtents, featureRowPartitions } from '../../pipelines/materialized/feature-row-store.ts';
import { materializationAges, noteDroppedRows } from '../../pipelines/materialized/feature-store.ts';
import { forgetArrivals } from '../../pipelines/revisions/revision-store.ts';
import { readLineage, type Lineage } from '../registry/training-store.ts';
import { neededBy, type Extent } from './lineage.ts';
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
 * Removes old data: whole yearly partitions, and feature rows that are superseded. One transaction: everything or, when
 * it is killed or refused, nothing. Series and materializations are told what they lost, so that nobody takes the rest
 * for the whole: features of bars that are gone are computed again from those that are left, and `materialize` restores
 * feature rows. Throws NeededDataError for what stored trainings were made from, unless forced.
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
  const { barsBeforeMs = -Infinity, featuresBeforeMs = -Infinity } = options;
  // Writers share this lock: those at work are waited for, others wait, and nobody holds a row that is wanted here.
  if (!dryRun) await client.query('SELECT pg_advisory_xact_lock($1)', [RETENTION_LOCK]);
  const bars = (await barPartitions(client)).filter(({ toMs }) => toMs <= barsBeforeMs);
  const features = (await featureRowPartitions(client)).filter(({ toMs }) => toMs <= featuresBeforeMs);
  const partitions = [...bars, ...features];
  const extents = await extentsOf(client, bars, features);
  const lineage = await readLineage(client);
  const superseded = options.superseded === true ? await findSuperseded(client, lineage) : [];
  const needed = neededBy(extents, lineage);
  if (needed.length > 0 && options.force !== true && !dryRun) throw new NeededDataError(needed);
  if (!dryRun) {
    await dropBars(client, bars);
    await dropFeatureRows(client, features);
    await clearSuperseded(client, superseded, lineage);
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

/** What is in partitions of bars and of feature rows. */
async function extentsOf(
  client: pg.ClientBase,
  bars: readonly Partition[],
  features: readonly Partition[],
): Promise<Extent[]> {
  const extents: Extent[] = [];
  for (const partition of bars) extents.push(...(await barExtents(client, partition)));
  if (features.length === 0) return extents;
  const sets = new Map((await materializationAges(client)).map(({ id, setHash }) => [id, setHash]));
  for (const partition of features) {
    for (const { materializationId, ...extent } of await featureRowExtents(client, partition)) {
      const setHash = sets.get(materializationId);
      // Rows without a materialization are nobody's.
      if (setHash !== undefined) extents.push({ ...extent, setHash });
    }
  }
  return extents;
}

/**
 * Drops partitions of bars. The series count, bound and hash what is left to them; what was computed from the rest is
 * stale.
 */
async function dropBars(client: pg.ClientBase, partitions: readonly Partition[]): Promise<void> {
  const ids = new Set<number>();
  for (const partition of partitions) {
    for (const { seriesId } of await barExtents(client, partition)) ids.add(seriesId);
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
  await forgetArrivals(client, [...ids], fromMs);
}

/** Drops partitions of feature rows, and notes in each materialization that it is no longer whole. */
async function dropFeatureRows(client: pg.ClientBase, partitions: readonly Partition[]): Promise<void> {
  for (const partition of partitions) {
    await noteDroppedRows(client, await featureRowExtents(client, partition), partition.toMs);
    await dropPartition(client, partition);
  }
}
