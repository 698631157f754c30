import type { FeatureMatrix } from '../../../features/feature-matrix.ts';
import type { Cell, ExportTable } from '../../../infra/export/export-table.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { readTraining } from '../../../models/registry/training-store.ts';
import { rowsHash } from '../../../pipelines/events/events-hash.ts';
import { readFeatures } from '../../../pipelines/materialized/feature-store.ts';

/** Rows, with what is said of them. */
interface FeatureTable extends ExportTable {
  readonly what: 'features';
  readonly none: string;
  readonly notes: readonly string[];
}

/** Rows of a portion. */
const PORTION_ROWS = 2_000;

/**
 * Feature rows that a training learned from, symbol by symbol, each in the order of time, as they are in the store.
 * @throws SignalboxError where they are not there any more, with the remedy
 */
export async function featuresOf(database: Database, training: string): Promise<FeatureTable> {
  const { featureSetHash, series, fromMs } = await readTraining(database.pool, training);
  const matrices = await readFeatures(
    database,
    featureSetHash,
    series.map(({ id }) => id),
    { historyFromMs: fromMs ?? undefined, adjustments: series.map(rowsHash) },
  );
  return {
    what: 'features',
    columns: [
      { name: 'time', kind: 'time', unit: 'UTC, close of the bar' },
      { name: 'symbol', kind: 'text', unit: null },
      ...matrices[0]!.columns.map((name) => ({ name, kind: 'number', unit: null }) as const),
    ],
    portions: featureCells(matrices),
    none: 'No feature row.',
    notes: ['A cell without a value is of a bar at which its feature was warming up.'],
  };
}

function* featureCells(matrices: readonly FeatureMatrix[]): Generator<Cell[][]> {
  for (const { symbol, columns, closeTimeMs, values } of matrices) {
    const width = columns.length;
    for (let from = 0; from < closeTimeMs.length; from += PORTION_ROWS) {
      const rows = closeTimeMs.subarray(from, from + PORTION_ROWS);
      yield Array.from(rows, (timeMs, at): Cell[] => {
        const row = values.subarray((from + at) * width, (from + at + 1) * width);
        return [timeMs, symbol, ...Array.from(row, (value) => (Number.isNaN(value) ? null : value))];
      });
    }
  }
}
