import { advance, f64, f64x2, gather, i32, repeatWhile, scatter, v128 } from './instructions.ts';
import type { Code, Local } from './instructions.ts';
import { compile, routine } from './routine.ts';
import type { Region } from './routine.ts';

/**
 * Means and squared deviations inside blocks of n values, as `RollingMoments` makes them: of the running block,
 * measured from its first value, and of its suffixes, measured from the last, in two lanes. `inverse` is where 1/1,
 * 1/2, ... 1/n lie.
 */
const BLOCK_MOMENTS = routine(
  {
    x: 'i32',
    inverse: 'i32',
    means: 'i32',
    squares: 'i32',
    meansBefore: 'i32',
    squaresBefore: 'i32',
    block: 'i32',
    end: 'i32',
  },
  { first: 'i32', last: 'i32', origin: 'v128', apart: 'v128', sum: 'v128', sumSquares: 'v128', shift: 'v128' },
  (at) => {
    const { x, inverse, means, squares, meansBefore, squaresBefore, block, end, first, last } = at;
    const { origin, apart, sum, sumSquares, shift } = at;
    const place = (base: Local, offset: Local): Code => i32.add(base.get, offset.get);
    return repeatWhile(i32.lessThan(x.get, end.get), [
      first.set(i32.of(0)),
      last.set(i32.sub(block.get, i32.of(8))),
      origin.set(gather(x.get, place(x, last))),
      sum.set(f64x2.of(0)),
      sumSquares.set(f64x2.of(0)),
      repeatWhile(i32.lessThan(first.get, block.get), [
        apart.set(f64x2.sub(gather(place(x, first), place(x, last)), origin.get)),
        sum.set(f64x2.add(sum.get, apart.get)),
        sumSquares.set(f64x2.add(sumSquares.get, f64x2.mul(apart.get, apart.get))),
        shift.set(f64x2.mul(sum.get, v128.load64Splat(place(inverse, first)))),
        scatter(f64x2.add(origin.get, shift.get), place(means, first), place(meansBefore, last)),
        scatter(
          f64x2.sub(sumSquares.get, f64x2.mul(sum.get, shift.get)),
          place(squares, first),
          place(squaresBefore, last),
        ),
        advance([first], 8),
        advance([last], -8),
      ]),
      f64.store(meansBefore.get, f64.of(0)),
      f64.store(squaresBefore.get, f64.of(0)),
      [x, means, squares, meansBefore, squaresBefore].map((base) => base.set(place(base, block))),
    ]);
  },
);

const { blockMoments } = compile({ blockMoments: BLOCK_MOMENTS });

/**
 * What `momentsChunk` reads and writes; regions of a whole number of blocks of n, those of the block before n places
 * longer.
 */
export interface ChunkMoments {
  readonly x: Region;
  /** 1/1 to 1/n. */
  readonly inverse: Region;
  /** Of the values of its block up to each row. */
  readonly means: Region;
  readonly squares: Region;
  /** Of the values of the block before that each row's window still holds; 0 and 0 where it holds none. */
  readonly meansBefore: Region;
  readonly squaresBefore: Region;
}

/** `RollingMoments` of a chunk of rows, left apart as those inside and before the block of each row. */
export function momentsChunk(n: number, chunk: ChunkMoments): void {
  const { x, inverse, means, squares, meansBefore, squaresBefore } = chunk;
  const later = 8 * (n - 1);
  const end = x.at + 8 * x.values.length;
  blockMoments(x.at, inverse.at, means.at, squares.at, meansBefore.at + later, squaresBefore.at + later, 8 * n, end);
}
