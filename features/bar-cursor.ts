import type { Bar, BarColumns } from './bar.ts';

/** One bar object that walks over columns, so that a loop over kernels allocates nothing. */
export class BarCursor implements Bar {
  openTimeMs = 0;
  closeTimeMs = 0;
  open = 0.5;
  high = 0.5;
  low = 0.5;
  close = 0.5;
  volume = 0.5;
  readonly #bars: BarColumns;

  constructor(bars: BarColumns) {
    this.#bars = bars;
  }

  moveTo(i: number): this {
    const bars = this.#bars;
    this.openTimeMs = bars.openTimeMs[i]!;
    this.closeTimeMs = bars.closeTimeMs[i]!;
    this.open = bars.open[i]!;
    this.high = bars.high[i]!;
    this.low = bars.low[i]!;
    this.close = bars.close[i]!;
    this.volume = bars.volume[i]!;
    return this;
  }
}
