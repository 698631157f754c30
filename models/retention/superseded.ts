import type pg from 'pg';
import { seriesRevisions } from '../../pipelines/bars/bar-series-store.ts';
import {
  deleteEmptySets,
  deleteMaterializations,
  materializationAges,
  type MaterializationAge,
} from '../../pipelines/materialized/feature-store.ts';
import { featureViewName } from '../../pipelines/materialized/feature-view.ts';
import type { Lineage } from '../registry/training-store.ts';

/** Feature rows that something newer has taken the place of. */
export interface Superseded {
  readonly materializationId: number;
  readonly setHash: string;
  readonly reason: 'bars revised' | 'newer actions' | 'newer version' | 'series gone';
  readonly rows: number;
}

/**
 * Computed from bars that have been revised since; with other actions than those that were used last; for an older
 * version of a registered set; or over a series that is gone. `revisions`: of the series that there are.
 */
function reasonOf(made: MaterializationAge, revisions: ReadonlyMap<number, number>): Superseded['reason'] | null {
  if (made.seriesIds.some((id) => !revisions.has(id))) return 'series gone';
  if (String(made.seriesIds.map((id) => revisions.get(id))) !== String(made.revisions)) return 'bars revised';
  if (made.olderVersion) return 'newer version';
  return made.olderActions ? 'newer actions' : null;
}

/** What is superseded and no stored training was made from. */
export async function findSuperseded(
  client: Pick<pg.ClientBase, 'query'>,
  lineage: readonly Lineage[],
): Promise<Superseded[]> {
  const revisions = await seriesRevisions(client);
  return (await materializationAges(client)).flatMap((made) => {
    const { id, setHash, seriesIds, rows } = made;
    const reason = reasonOf(made, revisions);
    const needed = lineage.some(
      (one) => one.featureSetHash === setHash && one.seriesIds.some((series) => seriesIds.includes(series)),
    );
    // Rows of revised bars are made again before anyone reads them: no training can use them.
    if (reason === null || (needed && reason !== 'bars revised')) return [];
    return [{ materializationId: id, setHash, reason, rows }];
  });
}

/** Deletes them, and the sets and views that nothing is left of and no training names. */
export async function clearSuperseded(
  client: pg.ClientBase,
  superseded: readonly Superseded[],
  lineage: readonly Lineage[],
): Promise<void> {
  if (superseded.length === 0) return;
  const ids = superseded.map(({ materializationId }) => materializationId);
  await deleteMaterializations(client, ids);
  const hashes = superseded.map(({ setHash }) => setHash);
  const kept = lineage.map(({ featureSetHash }) => featureSetHash);
  for (const set of await deleteEmptySets(client, hashes, kept)) {
    await client.query(`DROP VIEW IF EXISTS ${featureViewName(set)}`);
  }
}
