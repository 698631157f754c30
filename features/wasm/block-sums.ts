import { advance, f64, f64x2, gather, i32, loopWhile, repeatWhile, scatter, v128 } from './instructions.ts';
import { compile, routine, scratch } from './routine.ts';
import type { Region } from './routine.ts';

/** Rows of a batch loop at a time: what it works on stays in the first-level cache. */
export const CHUNK_ROWS = 1024;

/**
 * Whole blocks of n in a chunk of about `CHUNK_ROWS` rows: an even number of them, so that no pair of rows lies in two
 * chunks.
 */
export const chunkRows = (n: number): number => 2 * n * Math.max(1, Math.floor(CHUNK_ROWS / (2 * n)));

/**
 * Sums inside blocks of n values, as `RollingSum` makes them: running sums into `prefixes`, sums from a value to the
 * end of its block into `suffixes`, n - 1 places further on, where the window that they belong to ends; a block's last
 * place holds 0. Both sums are one chain of additions in two lanes. Addresses and sizes in bytes; `end` is that of the
 * last whole block.
 */
const BLOCK_SUMS = routine(
  { x: 'i32', prefixes: 'i32', suffixes: 'i32', block: 'i32', end: 'i32' },
  { first: 'i32', last: 'i32', sums: 'v128' },
  ({ x, prefixes, suffixes, block, end, first, last, sums }) =>
    repeatWhile(i32.lessThan(x.get, end.get), [
      first.set(i32.of(0)),
      last.set(i32.sub(block.get, i32.of(8))),
      sums.set(f64x2.of(0)),
      repeatWhile(i32.lessThan(first.get, block.get), [
        sums.set(f64x2.add(sums.get, gather(i32.add(x.get, first.get), i32.add(x.get, last.get)))),
        scatter(sums.get, i32.add(prefixes.get, first.get), i32.add(suffixes.get, last.get)),
        advance([first], 8),
        advance([last], -8),
      ]),
      f64.store(suffixes.get, f64.of(0)),
      x.set(i32.add(x.get, block.get)),
      prefixes.set(i32.add(prefixes.get, block.get)),
      suffixes.set(i32.add(suffixes.get, block.get)),
    ]),
);

/** `prefixes` = (prefixes + suffixes) * factor. */
const SCALED_SUMS = routine(
  { prefixes: 'i32', suffixes: 'i32', end: 'i32', factor: 'f64' },
  { scale: 'v128' },
  ({ prefixes, suffixes, end, factor, scale }) => [
    scale.set(f64x2.splat(factor.get)),
    loopWhile(i32.lessThan(prefixes.get, end.get), [
      v128.store(prefixes.get, f64x2.mul(f64x2.add(v128.load(prefixes.get), v128.load(suffixes.get)), scale.get)),
      advance([prefixes, suffixes], 16),
    ]),
  ],
);

const { blockSums, scaledSums } = compile({ blockSums: BLOCK_SUMS, scaledSums: SCALED_SUMS });

/**
 * `RollingSum`s of a chunk of rows, a whole number of blocks of n from the address `x`, left apart as the sums inside
 * and before the block of each row.
 */
export function sumChunk(n: number, x: number, { prefixes, suffixes }: ChunkSums): void {
  blockSums(x, prefixes.at, suffixes.at + (n - 1) * 8, n * 8, x + prefixes.values.length * 8);
}

export interface ChunkSums {
  /** Of the values of its block up to each row of the chunk. */
  readonly prefixes: Region;
  /**
   * Of the values of the block before that each row's window still holds; n places more than rows, for the chunk after.
   */
  readonly suffixes: Region;
}

/** `out[i]` = `factor` times the sum of `x[i-n+1 .. i]` (of fewer at the start), by the arithmetic of `RollingSum`. */
export function rollingSums(x: Float64Array, n: number, factor: number, out: Float64Array): void {
  const rows = chunkRows(n);
  const { values, prefixes, suffixes } = scratch({ values: rows, prefixes: rows, suffixes: rows + n });
  suffixes.values.fill(0, 0, n);
  for (let from = 0; from < x.length; from += rows) {
    const count = Math.min(rows, x.length - from);
    values.values.set(x.subarray(from, from + count));
    sumChunk(n, values.at, { prefixes, suffixes });
    scaledSums(prefixes.at, suffixes.at, prefixes.at + count * 8, factor);
    out.set(prefixes.values.subarray(0, count), from);
    suffixes.values.copyWithin(0, rows, rows + n);
  }
}
