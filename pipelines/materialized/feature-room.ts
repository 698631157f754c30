import type { FeatureMatrix } from '../../features/feature-matrix.ts';

/**
 * Values of a block, 64 MB. Memory of so many bytes goes back to the system when it is no longer needed; pieces of a
 * megabyte for each of 800 symbols stay with the process, beside the dataset that was made from them.
 */
const BLOCK_VALUES = 2 ** 23;

/** Memory that the feature rows of several series are read into, series after series. */
export class FeatureRoom {
  #seriesLeft: number;
  #width = 0;
  #length = 0;
  /** The rows of the series in hand, whose number is not known yet; the next series finds them large enough. */
  #closeTimeMs = new Float64Array(1024);
  #values = new Float64Array(0);
  #block = new Float64Array(0);
  #used = 0;

  /** @param series how many are to be read: what few need is not made for many */
  constructor(series: number) {
    this.#seriesLeft = series;
  }

  /** Begins a series whose rows have `width` values. */
  begin(width: number): void {
    this.#width = width;
    this.#length = 0;
    const values = this.#closeTimeMs.length * width;
    if (this.#values.length < values) this.#values = new Float64Array(values);
  }

  /** Where the values of the series in hand end. */
  get end(): number {
    return this.#length * this.#width;
  }

  /** Adds a row; its values go before `end` of what is returned. */
  add(closeTimeMs: number): Float64Array {
    if (this.#length === this.#closeTimeMs.length) {
      this.#closeTimeMs = grown(this.#closeTimeMs, 2 * this.#length);
      this.#values = grown(this.#values, 2 * this.#length * this.#width);
    }
    this.#closeTimeMs[this.#length++] = closeTimeMs;
    return this.#values;
  }

  /** The rows of the series in hand, to keep. */
  take(): Pick<FeatureMatrix, 'length' | 'closeTimeMs' | 'values'> {
    const size = this.end;
    if (this.#used + size > this.#block.length) {
      this.#block = new Float64Array(Math.max(size, Math.min(BLOCK_VALUES, size * this.#seriesLeft)));
      this.#used = 0;
    }
    this.#seriesLeft--;
    const values = this.#block.subarray(this.#used, this.#used + size);
    values.set(this.#values.subarray(0, size));
    this.#used += size;
    return { length: this.#length, closeTimeMs: this.#closeTimeMs.slice(0, this.#length), values };
  }
}

function grown(column: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(length);
  larger.set(column);
  return larger;
}
