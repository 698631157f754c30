import { describe, expect, it } from 'vitest';
import { GREATEST_MAGNITUDE, LEAST_MAGNITUDE, type BarColumns } from '../bar.ts';
import {
  CONTRACT_TIMEFRAME,
  checkDeterminism,
  checkFinite,
  checkFreshStart,
  checkPrefix,
  checkRestore,
  checkStream,
  checkWarmUp,
  dailyBars,
  expressionsOf,
} from '../feature-contract.ts';
import { drawnEvents } from '../events/testing/drawn-events.ts';
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

type Row = (i: number) => readonly number[];

/** Bars from three prices, of which the first is the open and the second the close, and a volume. */
const bar = (prices: readonly number[], volume: number): readonly number[] => [
  prices[0]!,
  Math.max(...prices),
  Math.min(...prices),
  prices[1]!,
  volume,
];

const LEAST = LEAST_MAGNITUDE;
const GREATEST = GREATEST_MAGNITUDE;

/**
 * Rows of three prices and a volume, each drawn by `draw`, kept inside the promised range, and 0 with probability
 * `zeros`.
 */
function drawn(seed: number, draw: (u: number) => number, zeros = { price: 0, volume: 0 }): Row {
  const u = uniforms(seed);
  const value = (zero: number): number => (u() < zero ? 0 : Math.min(GREATEST, Math.max(LEAST, draw(u()))));
  const rows = Array.from({ length: LENGTH }, () =>
    bar([value(zeros.price), value(zeros.price), value(zeros.price)], value(zeros.volume)),
  );
  return (i) => rows[i]!;
}

/** Any magnitude of the promised range, all decades alike. */
const anywhere = (u: number): number => LEAST * 10 ** (u * Math.log10(GREATEST / LEAST));
const wild = drawn(19, anywhere);

/** What prices may be at their worst inside the promised range: zero, or `LEAST_MAGNITUDE` to `GREATEST_MAGNITUDE`. */
const hostile: Record<string, Row> = {
  'flat bars': () => [10, 10, 10, 10, 500],
  'flat at the least': () => [LEAST, LEAST, LEAST, LEAST, LEAST],
  'flat at the greatest': () => [GREATEST, GREATEST, GREATEST, GREATEST, GREATEST],
  'no volume': (i) => [10 + (i % 3), 12 + (i % 3), 9 + (i % 3), 11 + (i % 3), 0],
  'all zero': () => [0, 0, 0, 0, 0],
  'a jump, then flat without volume': (i) => (i < 90 ? [1e6, 1.1e6, 9e5, 1e6 + i, 1e9] : [0.01, 0.01, 0.01, 0.01, 0]),
  'steps near the greatest': drawn(11, (u) => GREATEST * (1 - 0.3 * u)),
  'steps near the least': drawn(12, (u) => LEAST * (1 + 3 * u)),
  'steps of the last bits': drawn(13, (u) => GREATEST * (1 - 4e-16 * u)),
  'either end': drawn(14, (u) => (u < 0.5 ? LEAST : GREATEST)),
  'any magnitude': wild,
  'any magnitude, some of it zero': drawn(15, anywhere, { price: 0.2, volume: 0.5 }),
  'the greatest and nothing in turn': (i) =>
    i % 2 === 0 ? [0, 0, 0, 0, 0] : [GREATEST, GREATEST, GREATEST, GREATEST, 1],
  'anything, then almost still': (i) =>
    i < 90 ? wild(i) : bar([LEAST * (1 + i / 100), LEAST * (1 + i / 95), LEAST], 0),
  'nothing, then anything': (i) => (i < 60 ? [0, 0, 0, 0, 0] : wild(i)),
};

const events = drawnEvents(SYMBOLS, LENGTH, uniforms(23));
const options = { timeframe: CONTRACT_TIMEFRAME, symbols: SYMBOLS, events };

describe.each([...FEATURES.values()].map((definition) => [definition.name, definition] as const))(
  '%s',
  (_, definition) => {
    const expressions = expressionsOf(definition);
    const set = parseFeatureSet(expressions, options);
    const compares = definition.inputs === 'symbol' || definition.inputs === 'cross';

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

    it('starts anew in every stream', () => {
      expect(checkFreshStart(set, ragged)).toEqual([]);
    });

    it.each(Object.entries(hostile))('stays finite, and alike to the bit, on %s', (_what, row) => {
      // The second symbol has the same bars in another order, or goes wild beside them.
      const others: Row[] = [(i) => row((i * 7 + 3) % LENGTH), wild];
      for (const other of compares ? others : others.slice(0, 1)) {
        const universe = [dailyBars('AAA', LENGTH, row), dailyBars('BBB', LENGTH, other)];
        expect([...checkFinite(set, universe), ...checkStream(set, universe)]).toEqual([]);
      }
    });

    it('says what it is', () => {
      expect(definition.source.length).toBeGreaterThan(5);
      expect(definition.name).toMatch(/^[a-z][a-z0-9]*$/);
      expect(definition.version).toBeGreaterThanOrEqual(1);
    });
  },
);
