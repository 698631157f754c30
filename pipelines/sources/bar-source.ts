import type { BarColumns } from '../../features/bar.ts';
import type { SeriesDescription } from '../bar-series-store.ts';

/**
 * Where bars come from: files, a simulation or a vendor. A source gives closed bars only, each series ascending in time without repeats,
 * in pieces, so that memory does not grow with a series.
 */
export interface BarSource {
  readonly name: string;
  /**
   * How many stored bars to fetch again before the last one, to notice history that the source has changed since:
   * Infinity for local files (all of them), a few for a vendor, 0 for a simulation, which cannot change.
   */
  readonly recheckBars: number;
  /** The series asked for. Throws InputError for a symbol that the source does not have. */
  series(): Promise<SeriesDescription[]>;
  /** Bars of `symbol` with opens at or after `fromMs`, in pieces. */
  bars(symbol: string, fromMs: number): AsyncIterable<BarColumns>;
}
