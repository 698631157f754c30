import type { FeatureSet } from '../../features/feature-set.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { createFeatureView } from './feature-store.ts';

/** PostgreSQL cuts identifiers after 63 bytes. */
const IDENTIFIER_BYTES = 63;

/** Column names that stay apart when PostgreSQL cuts them: a long one keeps its beginning and its number. */
function viewColumnNames(columns: readonly string[]): string[] {
  return columns.map((name, i) => {
    if (Buffer.byteLength(name) <= IDENTIFIER_BYTES) return name;
    return `${Buffer.from(name)
      .subarray(0, IDENTIFIER_BYTES - 6)
      .toString('utf8')
      .replace(/\uFFFD/g, '')}~${i + 1}`;
  });
}

/** Name of the view of a set: `features_core_v1_1a2b3c4d`, or `features_1a2b3c4d` for a list of expressions. */
export function featureViewName(set: Pick<FeatureSet, 'name' | 'version' | 'hash'>): string {
  const name = set.name === null ? '' : `${set.name.replace(/\W/g, '_').slice(0, 30)}_v${set.version}_`;
  return `features_${name}${set.hash.slice(0, 8)}`;
}

/**
 * Makes (or makes again) the view of a set for SQL and dashboards: `time`, symbol and one column per feature under the
 * feature's own name, null while warming up. `adjustment` is empty where the bars were taken as they were traded.
 */
export async function refreshFeatureView(database: Database, set: FeatureSet): Promise<string> {
  const view = featureViewName(set);
  const names = viewColumnNames(set.columns);
  const found = await database.pool.query<{ columns: string[] }>(
    `SELECT array_agg(attname::text ORDER BY attnum) AS columns FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 6`,
    [view],
  );
  if (String(found.rows[0]!.columns) === String(names)) return view;
  await createFeatureView(database.pool, { view, setHash: set.hash, columns: names });
  return view;
}
