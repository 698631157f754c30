import { BAR_NUMBERS } from './own-call-request.ts';
import type { FeatureView } from './own-feature.ts';
import type { CompiledOwnFile } from './own-file.ts';

const FIELDS = { openTimeMs: 0, closeTimeMs: 1, open: 2, high: 3, low: 4, close: 5, volume: 6 };

/** The window of a feature over a row of bars: it is moved from bar to bar. */
class OwnWindow implements FeatureView {
  at = 0;
  readonly #numbers: Float64Array;
  readonly #reach: number;

  constructor(numbers: Float64Array, reach: number) {
    this.#numbers = numbers;
    this.#reach = reach;
  }

  openTimeMs(barsAgo = 0): number {
    return this.#read(FIELDS.openTimeMs, barsAgo);
  }

  closeTimeMs(barsAgo = 0): number {
    return this.#read(FIELDS.closeTimeMs, barsAgo);
  }

  open(barsAgo = 0): number {
    return this.#read(FIELDS.open, barsAgo);
  }

  high(barsAgo = 0): number {
    return this.#read(FIELDS.high, barsAgo);
  }

  low(barsAgo = 0): number {
    return this.#read(FIELDS.low, barsAgo);
  }

  close(barsAgo = 0): number {
    return this.#read(FIELDS.close, barsAgo);
  }

  volume(barsAgo = 0): number {
    return this.#read(FIELDS.volume, barsAgo);
  }

  #read(field: number, barsAgo: number): number {
    if (barsAgo >= 0 && barsAgo <= this.#reach && Number.isInteger(barsAgo)) {
      return this.#numbers[(this.at - barsAgo) * BAR_NUMBERS + field]!;
    }
    if (barsAgo < 0) throw new RangeError(`it looks ahead: ${-barsAgo} bars after the one that has just closed`);
    if (!Number.isInteger(barsAgo)) throw new RangeError(`${String(barsAgo)} bars ago is no bar`);
    throw new RangeError(
      `it understates its warm-up: it looks ${barsAgo} bars back, and warmUpBars declares ${this.#reach}`,
    );
  }
}

interface OwnColumn {
  readonly numbers: Float64Array;
  readonly from: number;
  readonly warmUpBars: number;
}

/**
 * The values of a feature at the bars from `from` on. Throws where a value is no finite number.
 * @param atBar told of each bar before the code is asked
 */
export function ownColumn(
  { path }: CompiledOwnFile,
  value: (view: FeatureView) => unknown,
  { numbers, from, warmUpBars }: OwnColumn,
  atBar: (bar: number) => void,
): Float64Array {
  const bars = numbers.length / BAR_NUMBERS;
  const column = new Float64Array(bars - from);
  const window = new OwnWindow(numbers, warmUpBars);
  for (let at = from; at < bars; at++) {
    window.at = at;
    atBar(at);
    const found = value(window);
    if (typeof found === 'number' && Number.isFinite(found)) {
      column[at - from] = found;
      continue;
    }
    window.at = at;
    const time = new Date(window.closeTimeMs()).toISOString();
    throw new RangeError(`${path}: value gave ${String(found)} at the bar that closed at ${time}`);
  }
  return column;
}
