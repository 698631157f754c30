import type { Bar } from '../bar.ts';

/** The last few bars as a pattern reads them: index 0 is the oldest. The form that `technicalindicators` wants too. */
export interface Candles {
  readonly open: number[];
  readonly high: number[];
  readonly low: number[];
  readonly close: number[];
}

/** Whether a shape is there in the last bars. */
export type Shape = (candles: Candles) => boolean;

/** The last `length` bars, oldest first, in arrays that are moved rather than made anew. */
export class CandleWindow {
  readonly length: number;
  readonly memory: Float64Array;
  count = 0;

  constructor(length: number) {
    this.length = length;
    this.memory = new Float64Array(4 * length);
  }

  /** True once there are enough bars. */
  push({ open, high, low, close }: Bar): boolean {
    const { memory } = this;
    memory.copyWithin(0, 4);
    const at = memory.length - 4;
    memory[at] = open;
    memory[at + 1] = high;
    memory[at + 2] = low;
    memory[at + 3] = close;
    if (this.count < this.length) this.count += 1;
    return this.count === this.length;
  }

  candles(): Candles {
    const column = (offset: number): number[] =>
      Array.from({ length: this.length }, (_, i) => this.memory[4 * i + offset]!);
    return { open: column(0), high: column(1), low: column(2), close: column(3) };
  }
}
