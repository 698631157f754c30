import { advance, f64x2, i32, loopWhile, v128 } from './instructions.ts';
import { routine } from './routine.ts';

/** `out` = (high + low + close) / 3 up to the address `end` of `out`. */
export const TYPICAL_PRICES = routine(
  { high: 'i32', low: 'i32', close: 'i32', out: 'i32', end: 'i32' },
  { three: 'v128' },
  ({ high, low, close, out, end, three }) => [
    three.set(f64x2.of(3)),
    loopWhile(i32.lessThan(out.get, end.get), [
      v128.store(
        out.get,
        f64x2.div(f64x2.add(f64x2.add(v128.load(high.get), v128.load(low.get)), v128.load(close.get)), three.get),
      ),
      advance([high, low, close, out], 16),
    ]),
  ],
);
