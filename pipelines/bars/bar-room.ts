import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { growBars } from './bar-rows.ts';

/**
 * Values of a block, 64 MB. Memory of so many bytes goes back to the system when it is no longer needed; smaller pieces
 * stay with the process for good (0.4 GB of 10 symbols by 2 years of minutes).
 */
const BLOCK_VALUES = 2 ** 23;
const FIRST_BARS = 4096;
const COLUMNS = 7;

/** Memory that the bars of several series are read into, series after series. */
export class BarRoom {
  #barsLeft: number;
  /** The bars of the series in hand, whose number is not known yet; the next series finds them large enough. */
  #hand = createBarColumns('', 0);
  #block = new Float64Array(0);
  #used = 0;
  #last: BarColumns | undefined;

  /** @param bars about how many are to be read: what few need is not made for many */
  constructor(bars: number) {
    this.#barsLeft = bars;
  }

  /** Columns to read the next series into, with room for `bars` of them at least. What was read before is lost. */
  hand(bars: number): BarColumns {
    while (this.#hand.length < bars)
      this.#hand = this.#hand.length === 0 ? createBarColumns('', FIRST_BARS) : growBars(this.#hand);
    return this.#hand;
  }

  /**
   * The bars of a series, to keep. Symbols of one market open and close alike, and two of seven columns are times:
   * where they are those of the series before, both have the same.
   */
  keep(bars: BarColumns): BarColumns {
    const last = this.#last;
    const time = (own: Float64Array, known: Float64Array | undefined): Float64Array =>
      known !== undefined && sameValues(own, known) ? known : this.#copy(own);
    const kept = {
      symbol: bars.symbol,
      length: bars.length,
      openTimeMs: time(bars.openTimeMs, last?.openTimeMs),
      closeTimeMs: time(bars.closeTimeMs, last?.closeTimeMs),
      open: this.#copy(bars.open),
      high: this.#copy(bars.high),
      low: this.#copy(bars.low),
      close: this.#copy(bars.close),
      volume: this.#copy(bars.volume),
    };
    this.#barsLeft -= bars.length;
    this.#last = kept;
    return kept;
  }

  #copy(column: Float64Array): Float64Array {
    const { length } = column;
    if (this.#used + length > this.#block.length) {
      this.#block = new Float64Array(Math.max(length, Math.min(BLOCK_VALUES, COLUMNS * this.#barsLeft)));
      this.#used = 0;
    }
    const copy = this.#block.subarray(this.#used, this.#used + length);
    copy.set(column);
    this.#used += length;
    return copy;
  }
}

/** Whether two columns hold the same bits. */
export function sameValues(a: Float64Array, b: Float64Array): boolean {
  const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array): Buffer =>
    Buffer.from(buffer, byteOffset, byteLength);
  return a.length === b.length && bytesOf(a).equals(bytesOf(b));
}
