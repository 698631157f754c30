import type { BarColumns } from '../../features/bar.ts';
import type { FeatureMatrix } from '../../features/feature-matrix.ts';
import { csvCell } from '../../infra/export/csv-cell.ts';

/** What rows of features stand beside. */
export type OpenTimes = Pick<BarColumns, 'symbol' | 'length' | 'openTimeMs'>;

const ROWS_PER_PIECE = 2000;

/**
 * A value as the file shows it: empty while warming up, else the shortest of up to 17 significant digits that reads
 * back exactly.
 */
function cell(value: number): string {
  return Number.isNaN(value) ? '' : String(value);
}

/**
 * Features as CSV: `time` (the bar's open, ISO 8601), `symbol` where there are several, and a column per output; one
 * row per bar. Numbers carry all 17 significant digits that matter, yes and no are 1 and 0.
 */
export function* featuresCsv(universe: readonly OpenTimes[], matrices: readonly FeatureMatrix[]): Generator<string> {
  const named = universe.length > 1;
  const columns = matrices[0]?.columns ?? [];
  yield `${['time', ...(named ? ['symbol'] : []), ...columns].map(csvCell).join(',')}\n`;
  for (const [s, bars] of universe.entries()) {
    const { values } = matrices[s]!;
    const symbol = named ? `,${csvCell(bars.symbol)}` : '';
    let piece = '';
    for (let row = 0; row < bars.length; row++) {
      piece += new Date(bars.openTimeMs[row]!).toISOString();
      piece += symbol;
      for (let at = row * columns.length; at < (row + 1) * columns.length; at++) piece += `,${cell(values[at]!)}`;
      piece += '\n';
      if ((row + 1) % ROWS_PER_PIECE === 0 || row === bars.length - 1) {
        yield piece;
        piece = '';
      }
    }
  }
}
