import type { BarColumns } from '../../features/bar.ts';
import { csvCell } from '../../infra/export/csv-cell.ts';

const ROWS_PER_PIECE = 5000;

/**
 * `time,open,high,low,close,volume` (with `symbol` second for several series), ISO times, shortest digits that read
 * back exactly.
 */
export function* barsCsv(universe: readonly BarColumns[]): Generator<string> {
  const named = universe.length > 1;
  yield `time,${named ? 'symbol,' : ''}open,high,low,close,volume\n`;
  for (const bars of universe) {
    const symbol = named ? `${csvCell(bars.symbol)},` : '';
    let piece: string[] = [];
    for (let i = 0; i < bars.length; i++) {
      const time = new Date(bars.openTimeMs[i]!).toISOString();
      const numbers = `${bars.open[i]},${bars.high[i]},${bars.low[i]},${bars.close[i]},${bars.volume[i]}`;
      piece.push(`${time},${symbol}${numbers}\n`);
      if (piece.length === ROWS_PER_PIECE || i === bars.length - 1) {
        yield piece.join('');
        piece = [];
      }
    }
  }
}
