import { createBarColumns, type BarColumns } from '../../features/bar.ts';

/** When a bar is full: after so many trades, so many units, or so much value traded. */
export interface Sampling {
  readonly by: 'ticks' | 'volume' | 'dollars';
  /** Trades, units, or units of the quote currency. */
  readonly size: number;
}

/** What a piece of trading adds to a bar: one trade, or a finer bar. */
export interface Piece {
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  ticks: number;
  dollars: number;
}

/** Bars of one symbol with what was traded in each, and what is left over after the last. */
export interface SampledSeries {
  readonly bars: BarColumns;
  readonly ticks: Float64Array;
  readonly dollars: Float64Array;
  readonly rest: { readonly ticks: number; readonly volume: number; readonly dollars: number };
}

const FIELDS = ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const;

/**
 * Builds bars that are full after as much trading, not after as much time (Lopez de Prado, Advances in Financial
 * Machine Learning, 2.3). What has been traded is looked at where a cell of time ends, so that a bar is known from the
 * end of the cell of its last trade on: its open and close time are that cell's, and no two bars share one. The price
 * at which it opens is that of its first trade. A bar takes whole cells: it is at least as large as asked for. With
 * reading, a million trades of a CSV file took 2.0 s of processor.
 */
export class SampledBars {
  readonly #symbol: string;
  readonly #sampling: Sampling;
  readonly #columns: number[][] = FIELDS.map(() => []);
  readonly #ticks: number[] = [];
  readonly #dollars: number[] = [];
  readonly #now: Piece = { open: 0, high: 0, low: 0, close: 0, volume: 0, ticks: 0, dollars: 0 };

  constructor(symbol: string, sampling: Sampling) {
    this.#symbol = symbol;
    this.#sampling = sampling;
  }

  get bars(): number {
    return this.#ticks.length;
  }

  add({ open, high, low, close, volume, ticks, dollars }: Piece): void {
    const now = this.#now;
    if (now.ticks === 0) {
      now.open = open;
      now.high = high;
      now.low = low;
    } else {
      if (high > now.high) now.high = high;
      if (low < now.low) now.low = low;
    }
    now.close = close;
    now.volume += volume;
    now.ticks += ticks;
    now.dollars += dollars;
  }

  /** Ends a cell: what has come since the last bar becomes one where it is enough. */
  endCell(openTimeMs: number, closeTimeMs: number): void {
    const now = this.#now;
    const { by, size } = this.#sampling;
    if (now[by] < size || now.ticks === 0) return;
    const row = [openTimeMs, closeTimeMs, now.open, now.high, now.low, now.close, now.volume];
    row.forEach((value, at) => this.#columns[at]!.push(value));
    this.#ticks.push(now.ticks);
    this.#dollars.push(now.dollars);
    now.volume = 0;
    now.ticks = 0;
    now.dollars = 0;
  }

  /** The bars that are full; the rest is not: it may grow yet. */
  finish(): SampledSeries {
    const bars = createBarColumns(this.#symbol, this.bars);
    FIELDS.forEach((field, at) => bars[field].set(this.#columns[at]!));
    const { ticks, volume, dollars } = this.#now;
    return {
      bars,
      ticks: Float64Array.from(this.#ticks),
      dollars: Float64Array.from(this.#dollars),
      rest: { ticks, volume, dollars },
    };
  }
}

/**
 * The same of finer bars, each of which is a cell that is not divided. Their value is volume times (high + low + close)
 * / 3, and trades cannot be counted.
 */
export function sampledFromBars(finer: BarColumns, sampling: Sampling): SampledSeries {
  const made = new SampledBars(finer.symbol, sampling);
  const { openTimeMs, closeTimeMs, open, high, low, close, volume } = finer;
  for (let i = 0; i < finer.length; i++) {
    made.add({
      ...{ open: open[i]!, high: high[i]!, low: low[i]!, close: close[i]!, volume: volume[i]! },
      ticks: 1,
      dollars: (volume[i]! * (high[i]! + low[i]! + close[i]!)) / 3,
    });
    made.endCell(openTimeMs[i]!, closeTimeMs[i]!);
  }
  return made.finish();
}
