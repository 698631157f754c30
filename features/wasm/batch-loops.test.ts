import { describe, expect, it } from 'vitest';
import { GREATEST_MAGNITUDE, LEAST_MAGNITUDE } from '../bar.ts';
import { checkFinite, checkStream, dailyBars } from '../feature-contract.ts';
import { parseFeatureSet } from '../feature-set.ts';
import type { FeatureDefinition } from '../kernel.ts';
import { FEATURES } from '../registry.ts';
import { RollingHigh, RollingLow } from '../rolling/rolling-extreme.ts';
import { rollingSums } from './block-sums.ts';
import { f64x2, gather, i32, loopWhile, scatter, v128 } from './instructions.ts';
import { compile, routine, scratch } from './routine.ts';
import { windowExtremes } from './window-extremes.ts';

/** A Lehmer generator: the bars of this suite never change. */
function uniforms(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

/**
 * Longer than three chunks of any window below, not a multiple of any: a walk, a flat stretch without volume, a stretch
 * a million times dearer.
 */
const u = uniforms(11);
let price = 100;
const bars = dailyBars('AAA', 3_301, (i) => {
  if (i >= 900 && i < 1_300) return [50, 50, 50, 50, 0];
  const scale = i >= 2_000 && i < 2_040 ? 1e6 : 1;
  const open = price;
  price *= 1 + 0.02 * (u() - 0.5);
  const high = Math.max(open, price) * (1 + 0.01 * u());
  const low = Math.min(open, price) * (1 - 0.01 * u());
  return [open, high, low, price, Math.floor(1000 * u())].map((value) => value * scale);
});

/** As long, of any magnitude that is promised, then near the greatest, then near the least; now and then zero. */
const hostile = dailyBars('AAA', 3_301, (i) => {
  const place = (): number => (i < 1_700 ? u() : i < 2_500 ? 1 - 0.01 * u() : 0.01 * u());
  const value = (): number => LEAST_MAGNITUDE * 10 ** (Math.log10(GREATEST_MAGNITUDE / LEAST_MAGNITUDE) * place());
  const prices = [value(), value(), u() < 0.05 ? 0 : value()];
  return [prices[0]!, Math.max(...prices), Math.min(...prices), prices[1]!, u() < 0.2 ? 0 : value()];
});

const WINDOWS = [1, 2, 3, 7, 14, 20, 33, 1_023, 1_024, 1_025, 1_700];

/** The feature's default parameters with the first window replaced by each of `WINDOWS`, where that is allowed. */
function written(definition: FeatureDefinition): string[] {
  const { name, parameters, check } = definition;
  const rest = parameters.slice(1).map(({ fallback, min }) => fallback ?? Math.max(min, 5));
  return WINDOWS.filter((window) => {
    const numbers = [window, ...rest];
    return window >= (parameters[0]?.min ?? 1) && (check?.(numbers) ?? null) === null;
  }).map((window) => `${name}(${parameters.length === 0 ? '' : [window, ...rest].join(',')})`);
}

const batched = [...FEATURES.values()].filter((one) => 'batch' in one && one.batch !== undefined);

describe('batch loops across chunks', () => {
  it('are there for what is computed most', () => {
    expect(batched.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['sma', 'ema', 'rsi', 'macd', 'atr', 'bollinger', 'adx', 'stoch', 'cci', 'obv', 'mfi']),
    );
  });

  it.each(batched.map((one) => [one.name, one] as const))('%s gives the bits of its kernel', (_, definition) => {
    const expressions = [...new Set(written(definition))];
    expect(expressions.length).toBeGreaterThan(0);
    const set = parseFeatureSet(expressions, { timeframe: '1d', symbols: ['AAA'] });
    expect(checkStream(set, [bars])).toEqual([]);
    expect([...checkStream(set, [hostile]), ...checkFinite(set, [hostile])]).toEqual([]);
  });

  it('keep to their places when two of them take turns, and when a column is shorter than a window', () => {
    const short = dailyBars('AAA', 9, (i) => [i + 1, i + 3, i + 0.5, i + 2, 10 * i]);
    const names = ['cci(20)', 'stoch(14,3,3)', 'bollinger(20,2)', 'mfi(14)', 'sma(9)', 'cci(3)', 'stoch(9,1,1)'];
    const set = parseFeatureSet(names, { timeframe: '1d', symbols: ['AAA'] });
    for (const some of [short, bars, short]) expect(checkStream(set, [some])).toEqual([]);
  });
});

describe('windows', () => {
  it.each([1, 2, 3, 4, 5, 14, 31, 64, 100])('extremes of %i values are those of the rolling kernels', (n) => {
    const count = 257;
    const { highs, lows } = scratch({ highs: n + count, lows: n + count });
    const high = new RollingHigh(n);
    const low = new RollingLow(n);
    const expected: number[][] = [[], []];
    for (let i = 0; i < n + count; i++) {
      const value = i >= 90 && i < 180 ? 5 : 10 * u();
      highs.values[i] = value;
      lows.values[i] = value;
      expected[0]!.push(high.push(value));
      expected[1]!.push(low.push(value));
    }
    windowExtremes('highs', n, highs);
    windowExtremes('lows', n, lows);
    expect([...highs.values.subarray(n)]).toEqual(expected[0]!.slice(n));
    expect([...lows.values.subarray(n)]).toEqual(expected[1]!.slice(n));
  });

  it('sums of exact numbers are exact', () => {
    const x = Float64Array.from({ length: 2_500 }, (_, i) => (i * 7) % 64);
    const sums = new Float64Array(x.length);
    rollingSums(x, 6, 0.5, sums);
    for (let i = 0; i < x.length; i++) {
      const window = x.subarray(Math.max(0, i - 5), i + 1);
      expect(sums[i]).toBe(window.reduce((sum, value) => sum + value, 0) / 2);
    }
  });
});

describe('a routine', () => {
  const swap = routine({ at: 'i32', end: 'i32', factor: 'f64' }, { pair: 'v128' }, ({ at, end, factor, pair }) =>
    loopWhile(i32.lessThan(at.get, end.get), [
      pair.set(f64x2.mul(gather(i32.add(at.get, i32.of(8)), at.get), f64x2.splat(factor.get))),
      scatter(pair.get, at.get, i32.add(at.get, i32.of(8))),
      at.set(i32.add(at.get, i32.of(16))),
    ]),
  );

  it('gathers, scatters, and leaves alone what lies outside its loop', () => {
    const { swapped } = compile({ swapped: swap });
    const { x, y } = scratch({ x: 4, y: 3 });
    x.values.set([1, 2, 3, 4]);
    y.values.set([5, 6, 7]);
    swapped(x.at, x.at + 32, 10);
    swapped(y.at, y.at, 10);
    expect([...x.values, ...y.values]).toEqual([20, 10, 40, 30, 5, 6, 7]);
  });

  it('takes constants of any size and memory of any size', () => {
    const far = 8 * 300_000;
    const { copied } = compile({
      copied: routine({ from: 'i32' }, {}, ({ from }) => [
        v128.store(i32.add(from.get, i32.of(far)), v128.load(from.get, 64)),
        v128.store(i32.sub(from.get, i32.of(-far - 16)), f64x2.of(-0.1)),
      ]),
    });
    const { x } = scratch({ x: 300_010 });
    x.values.set([7, 8], 8);
    copied(x.at);
    expect([...x.values.subarray(300_000, 300_004)]).toEqual([7, 8, -0.1, -0.1]);
  });
});
