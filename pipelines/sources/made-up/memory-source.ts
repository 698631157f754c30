import { sliceBarColumns, type BarColumns } from '../../../features/bar.ts';
import type { SeriesDescription } from '../../bars/bar-series-store.ts';
import { PIECE_BARS } from '../../bars/bar-store.ts';
import type { BarSource } from '../bar-source.ts';

export interface MemorySourceOptions {
  readonly name: string;
  /** Reads and checks everything; called once, at the first question. */
  readonly load: () => Promise<readonly BarColumns[]>;
  readonly describe: (symbol: string, bars: BarColumns) => SeriesDescription;
}

/**
 * A source whose bars are read and checked whole before the first one is handed on: nothing of a bad file is ever
 * stored.
 */
export function createMemorySource(options: MemorySourceOptions): BarSource {
  let loading: Promise<readonly BarColumns[]> | undefined;
  const load = (): Promise<readonly BarColumns[]> => (loading ??= options.load());
  return {
    name: options.name,
    recheckBars: Infinity,
    series: async () => (await load()).map((bars) => options.describe(bars.symbol, bars)),
    async *bars(symbol, fromMs) {
      const bars = (await load()).find((one) => one.symbol === symbol)!;
      let from = bars.openTimeMs.findIndex((timeMs) => timeMs >= fromMs);
      if (from === -1) return;
      for (; from < bars.length; from += PIECE_BARS) {
        yield sliceBarColumns(bars, from, Math.min(from + PIECE_BARS, bars.length));
      }
    },
  };
}
