import type pg from 'pg';

/** A stored training, and which data it was made from. */
export interface Lineage {
  readonly trainingHash: string;
  readonly experiment: string;
  readonly featureSetHash: string;
  readonly seriesIds: readonly number[];
  /** Opens of its bars, `[fromMs, toMs)`. */
  readonly fromMs: number;
  readonly toMs: number;
}

interface PlanRow {
  hash: string;
  experiment_name: string;
  feature_set_hash: string;
  series: { id: number }[];
  from_ms: number | null;
  to_ms: number | null;
}

/** What every stored training was made from: models and predictions can be told, and made again, while that is there. */
export async function readLineage(client: Pick<pg.ClientBase, 'query'>): Promise<Lineage[]> {
  const { rows } = await client.query<PlanRow>(
    `SELECT hash, experiment_name, feature_set_hash, plan -> 'series' AS series,
       (plan ->> 'fromMs')::double precision AS from_ms, (plan ->> 'toMs')::double precision AS to_ms
     FROM trainings ORDER BY created_at`,
  );
  return rows.map((row) => ({
    trainingHash: row.hash,
    experiment: row.experiment_name,
    featureSetHash: row.feature_set_hash,
    seriesIds: row.series.map(({ id }) => id),
    fromMs: row.from_ms ?? -Infinity,
    toMs: row.to_ms ?? Infinity,
  }));
}

/** Rows of one series in a partition, and the times they span. */
export interface Extent {
  readonly seriesId: number;
  readonly rows: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Of feature rows: the set they belong to. */
  readonly setHash?: string;
}

/** The trainings that were made from some of these rows. */
export function neededBy(extents: readonly Extent[], lineage: readonly Lineage[]): Lineage[] {
  return lineage.filter((one) =>
    extents.some(
      ({ seriesId, firstMs, lastMs, setHash }) =>
        one.seriesIds.includes(seriesId) &&
        (setHash === undefined || setHash === one.featureSetHash) &&
        one.fromMs <= lastMs &&
        one.toMs > firstMs,
    ),
  );
}
