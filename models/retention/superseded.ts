import type pg from 'pg';
import { featureViewName } from '../materialized/feature-view.ts';
import type { Lineage } from './lineage.ts';

/** Feature rows that something newer has taken the place of. */
export interface Superseded {
  readonly materializationId: number;
  readonly setHash: string;
  readonly reason: 'bars revised' | 'newer actions' | 'newer version' | 'series gone';
  readonly rows: number;
}

interface Row {
  id: number;
  set_hash: string;
  series_ids: number[];
  row_count: number;
  reason: Superseded['reason'];
}

/**
 * Computed from bars that have been revised since; with other actions than those that were used last; for an older version of a
 * registered set; or over a series that is gone.
 */
const SUPERSEDED = `
  SELECT m.id, m.set_hash, m.series_ids, m.row_count, CASE
    WHEN EXISTS (SELECT 1 FROM unnest(m.series_ids) one WHERE one NOT IN (SELECT id FROM bar_series)) THEN 'series gone'
    WHEN m.revisions <> ARRAY(SELECT s.revision FROM unnest(m.series_ids) WITH ORDINALITY one (id, at)
                              JOIN bar_series s ON s.id = one.id ORDER BY one.at) THEN 'bars revised'
    WHEN EXISTS (SELECT 1 FROM feature_sets newer JOIN feature_sets own ON own.name = newer.name AND newer.version > own.version
                 WHERE own.hash = m.set_hash) THEN 'newer version'
    WHEN m.adjustment <> '' AND EXISTS (
      SELECT 1 FROM feature_materializations later
      WHERE later.set_hash = m.set_hash AND later.series_ids = m.series_ids AND later.from_time = m.from_time
        AND later.adjustment NOT IN ('', m.adjustment) AND later.updated_at > m.updated_at) THEN 'newer actions'
    END AS reason
  FROM feature_materializations m ORDER BY m.id`;

/** What is superseded and no stored training was made from. */
export async function findSuperseded(
  client: Pick<pg.ClientBase, 'query'>,
  lineage: readonly Lineage[],
): Promise<Superseded[]> {
  const { rows } = await client.query<Omit<Row, 'reason'> & { reason: Row['reason'] | null }>(SUPERSEDED);
  return rows.flatMap(({ id, set_hash, series_ids, row_count, reason }) => {
    const needed = lineage.some(
      (one) => one.featureSetHash === set_hash && one.seriesIds.some((series) => series_ids.includes(series)),
    );
    // Rows of revised bars are made again before anyone reads them: no training can use them.
    if (reason === null || (needed && reason !== 'bars revised')) return [];
    return [{ materializationId: id, setHash: set_hash, reason, rows: row_count }];
  });
}

/** Deletes them, and the sets and views that nothing is left of. */
export async function clearSuperseded(client: pg.ClientBase, superseded: readonly Superseded[]): Promise<void> {
  const ids = superseded.map(({ materializationId }) => materializationId);
  if (ids.length === 0) return;
  await client.query('DELETE FROM feature_rows WHERE materialization_id = ANY($1)', [ids]);
  await client.query('DELETE FROM feature_materializations WHERE id = ANY($1)', [ids]);
  const { rows } = await client.query<{ hash: string; name: string | null; version: number }>(
    `DELETE FROM feature_sets s WHERE hash = ANY($1)
       AND NOT EXISTS (SELECT 1 FROM feature_materializations m WHERE m.set_hash = s.hash)
       AND NOT EXISTS (SELECT 1 FROM trainings t WHERE t.feature_set_hash = s.hash)
     RETURNING hash, name, version`,
    [superseded.map(({ setHash }) => setHash)],
  );
  for (const set of rows) await client.query(`DROP VIEW IF EXISTS ${featureViewName(set)}`);
}
