import { parquetWriteBuffer } from 'hyparquet-writer';
import type { FeatureMatrix } from '../../features/feature-matrix.ts';
import { writeWholeFile } from '../../infra/files/write-whole-file.ts';
import { featuresCsv, type OpenTimes } from './features-csv.ts';

/**
 * Features as Parquet: `time` (a moment of UTC, the bar's open), `symbol` where there are several, and a column of
 * doubles per output, null while warming up.
 */
function featuresParquet(universe: readonly OpenTimes[], matrices: readonly FeatureMatrix[]): Uint8Array {
  const columns = matrices[0]?.columns ?? [];
  const times = universe.flatMap(({ openTimeMs }) => Array.from(openTimeMs, (timeMs) => new Date(timeMs)));
  const symbols = universe.flatMap(({ symbol, length }) => new Array<string>(length).fill(symbol));
  const valuesOf = (column: number): (number | null)[] =>
    universe.flatMap(({ length }, s) =>
      Array.from({ length }, (_, row) => {
        const value = matrices[s]!.values[row * columns.length + column]!;
        return Number.isNaN(value) ? null : value;
      }),
    );
  const columnData = [
    { name: 'time', data: times, type: 'TIMESTAMP' as const },
    ...(universe.length > 1 ? [{ name: 'symbol', data: symbols, type: 'STRING' as const }] : []),
    ...columns.map((name, column) => ({ name, data: valuesOf(column), type: 'DOUBLE' as const })),
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

/** Writes features where a path says, in the format that its ending names: Parquet, else CSV. */
export async function writeFeatures(
  path: string,
  universe: readonly OpenTimes[],
  matrices: readonly FeatureMatrix[],
): Promise<void> {
  const isParquet = /\.parquet$/i.test(path);
  await writeWholeFile(path, isParquet ? featuresParquet(universe, matrices) : featuresCsv(universe, matrices));
}
