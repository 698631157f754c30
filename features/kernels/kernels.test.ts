import { describe, expect, it } from 'vitest';
import type { BarColumns } from '../bar.ts';
import {
  CONTRACT_TIMEFRAME,
  checkDeterminism,
  checkFinite,
  checkPrefix,
  checkRestore,
  checkStream,
  checkWarmUp,
  dailyBars,
  expressionsOf,
} from '../feature-contract.ts';
import { parseFeatureSet } from '../feature-set.ts';
import { FEATURES } from '../registry.ts';

/** A small generator of its own (Lehmer), so that the bars of this suite never change with the project's. */
function uniforms(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

/** A random walk on a tick of 0.01, so that equal prices do occur. */
function walk(symbol: string, length: number, seed: number): BarColumns {
  const u = uniforms(seed);
  const tick = (x: number): number => Math.round(x * 100) / 100;
  let price = 50;
  return dailyBars(symbol, length, () => {
    const open = tick(price * (1 + 0.004 * (u() - 0.5)));
    price *= 1 + 0.03 * (u() + u() + u() - 1.5);
    const close = tick(price);
    const high = tick(Math.max(open, close) * (1 + 0.01 * u()));
    const low = tick(Math.min(open, close) * (1 - 0.01 * u()));
    return [open, high, low, close, Math.floor(100 + 1000 * u())];
  });
}

/** Every bar but those for which `drop` says so. */
function without(bars: BarColumns, drop: (i: number) => boolean): BarColumns {
  const kept = Array.from({ length: bars.length }, (_, i) => i).filter((i) => !drop(i));
  const pick = (column: Float64Array): Float64Array => Float64Array.from(kept, (i) => column[i]!);
  return {
    symbol: bars.symbol,
    length: kept.length,
    openTimeMs: pick(bars.openTimeMs),
    closeTimeMs: pick(bars.closeTimeMs),
    open: pick(bars.open),
    high: pick(bars.high),
    low: pick(bars.low),
    close: pick(bars.close),
    volume: pick(bars.volume),
  };
}

const SYMBOLS = ['AAA', 'BBB', 'CCC'];
const LENGTH = 180;
const complete = SYMBOLS.map((symbol, s) => walk(symbol, LENGTH, 7 + s));
/** BBB starts late, CCC misses bars: what a universe looks like. */
const ragged = [complete[0]!, without(complete[1]!, (i) => i < 5), without(complete[2]!, (i) => i % 17 === 3)];

const hostile: Record<string, (i: number) => readonly number[]> = {
  'flat bars': () => [10, 10, 10, 10, 500],
  'no volume': (i) => [10 + (i % 3), 12 + (i % 3), 9 + (i % 3), 11 + (i % 3), 0],
  'all zero': () => [0, 0, 0, 0, 0],
  'a jump, then flat without volume': (i) => (i < 90 ? [1e6, 1.1e6, 9e5, 1e6 + i, 1e9] : [0.01, 0.01, 0.01, 0.01, 0]),
  'huge values': (i) => [8e14 + 1e12 * (i % 7), 8.9e14, 7e14, 8e14 + 1e12 * (i % 5), 1e14 + i],
  'tiny values': (i) => [1e-9 * (1 + (i % 4)), 6e-9, 5e-10, 1e-9 * (1 + (i % 3)), 1e-6],
  'prices between tiny and huge': (i) => (i % 2 === 0 ? [1e-8, 2e-8, 1e-9, 1e-8, 1] : [1e9, 2e9, 1e8, 1e9, 1e12]),
};

const options = { timeframe: CONTRACT_TIMEFRAME, symbols: SYMBOLS };

describe.each([...FEATURES.values()].map((definition) => [definition.name, definition] as const))(
  '%s',
  (_, definition) => {
    const expressions = expressionsOf(definition);
    const set = parseFeatureSet(expressions, options);

    it('is batch and stream alike to the bit', () => {
      expect(checkStream(set, ragged)).toEqual([]);
    });

    it('never looks ahead', () => {
      expect(checkPrefix(set, ragged)).toEqual([]);
    });

    it('gives the same again, whatever was computed before', () => {
      expect(checkDeterminism(set, ragged)).toEqual([]);
    });

    it('goes on after save and restore', () => {
      expect(checkRestore(set, ragged)).toEqual([]);
    });

    it('warms up as declared', () => {
      const exact = definition.warmUpIsBound !== true;
      const wrong = expressions.flatMap((expression) =>
        checkWarmUp(parseFeatureSet(expression, options), complete, exact),
      );
      expect(wrong).toEqual([]);
    });

    it.each(Object.entries(hostile))('stays finite on %s', (__, row) => {
      const universe = SYMBOLS.slice(0, 2).map((symbol) => dailyBars(symbol, LENGTH, row));
      expect(checkFinite(set, universe)).toEqual([]);
    });

    it('says what it is', () => {
      expect(definition.source.length).toBeGreaterThan(5);
      expect(definition.name).toMatch(/^[a-z][a-z0-9]*$/);
      expect(definition.version).toBeGreaterThanOrEqual(1);
    });
  },
);
