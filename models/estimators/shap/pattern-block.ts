import type { PatternProgram } from './pattern-program.ts';

/** Rows that look a table up together: with 64, tables come out of memory too often (1.4 times as long). */
const ROWS = 256;
const DEPTHS = 8;

// In the module, as in `row-block.ts`: places and lengths are constants to the compiler. At depth 0 there is no turn.
const turns = new Int32Array(DEPTHS * ROWS);
const entries = new Int32Array(ROWS);

/**
 * Explains up to 256 rows at a time: `bins` and `values` hold a stretch of 256 for each column and each feature.
 */
export class PatternBlock {
  readonly size = ROWS;
  readonly bins: Uint8Array;
  readonly values: Float64Array;
  rows = 0;

  constructor(width: number) {
    this.bins = new Uint8Array(2 * width * ROWS);
    this.values = new Float64Array(width * ROWS);
  }

  /** Adds what the trees of a program give each feature of each row, table after table. */
  add({ steps, tables }: PatternProgram): void {
    const { rows } = this;
    for (let at = 0; at < steps.length;) {
      const first = steps[at]!;
      if (first >= 0) {
        this.#turn(first * ROWS, steps[at + 1]!, steps[at + 2]! * ROWS);
        at += 3;
        continue;
      }
      const depth = steps[at + 1]! * ROWS;
      at += 2;
      for (let row = 0; row < rows; row++) entries[row] = turns[depth + row]!;
      for (let node = -1; node > first; node--, at += 2) this.#append(steps[at]! * ROWS, steps[at + 1]!);
      const size = steps[at + 1]!;
      const last = at + 2 + steps[at + 2]!;
      let table = steps[at]!;
      for (at += 3; at <= last; at++, table += size) this.#lookUp(tables, table, steps[at]! * ROWS);
    }
  }

  #turn(column: number, bin: number, depth: number): void {
    const { bins, rows } = this;
    const below = depth + ROWS;
    for (let row = 0; row < rows; row++) {
      turns[below + row] = 2 * turns[depth + row]! + ((bin - bins[column + row]!) >>> 31);
    }
  }

  #append(column: number, bin: number): void {
    const { bins, rows } = this;
    for (let row = 0; row < rows; row++) entries[row] = 2 * entries[row]! + ((bin - bins[column + row]!) >>> 31);
  }

  /** The numbers of one feature lie together: at most 1 kB, which stays in the first cache. */
  #lookUp(tables: Float64Array, table: number, feature: number): void {
    const { values, rows } = this;
    for (let row = 0; row < rows; row++) values[feature + row]! += tables[table + entries[row]!]!;
  }
}
