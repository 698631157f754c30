import { describe, expect, it } from 'vitest';
import type { BarColumns } from './bar.ts';
import { drawnEvents } from './events/testing/drawn-events.ts';
import { dailyBars, expressionsOf } from './feature-contract.ts';
import { computeFeatures, type FeatureMatrix } from './feature-matrix.ts';
import { parseFeatureSet, type FeatureSet } from './feature-set.ts';
import { FEATURES } from './registry.ts';

/** Numbers from 0 to 1. */
function uniforms(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

const events = drawnEvents(['AAA', 'BBB'], 700, uniforms(3));

/** Bars in whole ticks of four digits with stretches that stand still: open, high, low, close, volume. */
function ticks(seed: number): number[][] {
  let state = seed;
  const draw = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
  const within = (tick: number): number => Math.max(1_000, Math.min(9_999, tick));
  let close = 4_000;
  return Array.from({ length: 700 }, (_, row) => {
    const still = (row % 97 > 60 && row % 97 < 85) || (row > 250 && row < 450);
    const open = still ? close : within(close + draw(9) - 4);
    close = still ? open : within(open + draw(61) - 30);
    const high = within(Math.max(open, close) + (still ? 0 : draw(15)));
    const low = within(Math.min(open, close) - (still ? 0 : draw(15)));
    return [open, high, low, close, still && row % 2 === 1 ? 0 : 1 + draw(9_000)];
  });
}

const MARKET = { AAA: ticks(1), BBB: ticks(2) };

/** The market with prices and volumes at powers of ten, each the decimal that is written so. */
const marketAt = (price: number, volume: number): BarColumns[] =>
  Object.entries(MARKET).map(([symbol, rows]) =>
    dailyBars(symbol, rows.length, (i) => rows[i]!.map((tick, k) => Number(`${tick}e${k === 4 ? volume : price}`))),
  );

/** What differs most between a column and the usual one times a power of ten, as part of its largest value. */
function worst(column: number, power: number, [usual, scaled]: [readonly FeatureMatrix[], readonly FeatureMatrix[]]) {
  let largest = 0;
  let apart = 0;
  usual.forEach(({ columns, length, values }, s) => {
    for (let row = 0; row < length; row++) {
      const expected = values[row * columns.length + column]! * Number(`1e${power}`);
      const found = scaled[s]!.values[row * columns.length + column]!;
      if (Number.isNaN(expected) && Number.isNaN(found)) continue;
      largest = Math.max(largest, Math.abs(expected));
      const distance = Math.abs(expected - found);
      apart = Number.isNaN(distance) ? Infinity : Math.max(apart, distance);
    }
  });
  return apart === 0 ? 0 : apart / largest;
}

/** Columns that neither stay as they are nor grow with a power of the prices, the volumes or both. */
function unscaled(set: FeatureSet, price: number, volume: number, usual: readonly FeatureMatrix[]): string[] {
  const scaled = computeFeatures(set, marketAt(price, volume));
  const powers = [
    0,
    price + 2,
    2 * (price + 2),
    volume,
    price + 2 + volume,
    volume - (price + 2),
    -(price + 2),
    -volume,
  ];
  return set.columns.filter((_, column) => powers.every((power) => !(worst(column, power, [usual, scaled]) < 1e-8)));
}

/** A logarithm grows by addition; a price less a volume has no scale. */
const NOT_SCALED = /^(ln\(|difference\(rsi)/;

describe('features at prices and volumes of any promised size', () => {
  it.each([
    [-21, -15],
    [-9, 14],
    [14, 0],
  ])('are the same or scale, at prices times 1e%i and volumes times 1e%i', (price, volume) => {
    const found = [...FEATURES.values()].flatMap(expressionsOf).flatMap((expression) => {
      if (NOT_SCALED.test(expression)) return [];
      const set = parseFeatureSet(expression, { timeframe: '1d', symbols: ['AAA', 'BBB'], events });
      return unscaled(set, price, volume, computeFeatures(set, marketAt(-2, 0)));
    });
    expect(found).toEqual([]);
  });
});
