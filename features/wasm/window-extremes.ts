import { advance, f64x2, i32, loopWhile, v128 } from './instructions.ts';
import type { Code } from './instructions.ts';
import { compile, routine } from './routine.ts';
import type { Region, Routine } from './routine.ts';

/**
 * x[i] = the extreme of x[i] and x[i - shift] from the last pair down to the address `from`, which no later pair reads
 * again.
 */
const extremes = (of: (a: Code, b: Code) => Code): Routine =>
  routine({ from: 'i32', last: 'i32', shift: 'i32' }, {}, ({ from, last, shift }) =>
    loopWhile(i32.lessThan(from.get, last.get), [
      advance([last], -16),
      v128.store(last.get, of(v128.load(last.get), v128.load(i32.sub(last.get, shift.get)))),
    ]),
  );

const { highs, lows } = compile({ highs: extremes(f64x2.higher), lows: extremes(f64x2.lower) });

/**
 * Replaces each value by the extreme of the n up to it, by doubling: of 2, 4, 8 values, then of two such windows that
 * overlap. The first n places, which must be there, are left without meaning. An extreme has no rounding: the order
 * does not matter.
 */
export function windowExtremes(of: 'highs' | 'lows', n: number, x: Region): void {
  const replace = of === 'highs' ? highs : lows;
  const end = x.at + 8 * x.values.length;
  let width = 1;
  while (width < n) {
    const shift = Math.min(width, n - width);
    width += shift;
    replace(x.at + 8 * width, end, 8 * shift);
  }
}
