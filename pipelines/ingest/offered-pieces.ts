import { sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import type { BarSource, Provenance } from '../sources/bar-source.ts';
import type { KeptOutBar } from '../vendors/pages/bar-page.ts';
import type { FetchSegment } from './fetch-segments.ts';

/** Bars of one segment as a source gives them, ascending from piece to piece. */
export interface OfferedPiece {
  readonly bars: BarColumns;
  readonly provenance?: Provenance | undefined;
  readonly keptOut: readonly KeptOutBar[];
}

/** The pieces of one segment. */
export interface OfferedPieces extends AsyncIterable<OfferedPiece> {
  /**
   * After the last piece: all bars of the segment that closed by then were given, and a stored one that is not among
   * them is no longer offered; -Infinity where the source could not be asked.
   */
  closedByMs(): number;
}

/** Part of `bars` with opens in the range. */
function barsWithin(bars: BarColumns, range: { readonly fromMs: number; readonly toMs: number }): BarColumns {
  let from = 0;
  let to = bars.length;
  while (from < to && bars.openTimeMs[from]! < range.fromMs) from++;
  while (to > from && bars.openTimeMs[to - 1]! >= range.toMs) to--;
  return sliceBarColumns(bars, from, to);
}

/** Asks `source` for the bars of a segment, each time it is walked through. */
export function offeredPieces(source: BarSource, symbol: string, segment: FetchSegment): OfferedPieces {
  const { fromMs, toMs, only } = segment;
  let closedByMs = source.recheckBars === Infinity ? Infinity : -Infinity;
  const onWhole = (untilMs: number): void => void (closedByMs = untilMs);
  return {
    async *[Symbol.asyncIterator]() {
      for await (const piece of source.bars(symbol, fromMs, { toMs, only, onWhole })) {
        const { provenance, keptOut = [] } = piece;
        yield { bars: barsWithin(piece, segment), provenance, keptOut };
      }
    },
    closedByMs: () => closedByMs,
  };
}
