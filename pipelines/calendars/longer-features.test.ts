import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../features/timeframe.ts';
import type { BarColumns } from '../../features/bar.ts';
import {
  checkDeterminism,
  checkFreshStart,
  checkPrefix,
  checkRestore,
  checkStream,
  expressionsOf,
  firstDifference,
} from '../../features/feature-contract.ts';
import { drawnEvents } from '../../features/events/testing/drawn-events.ts';
import { computeFeatures, type FeatureMatrix } from '../../features/feature-matrix.ts';
import { parseFeatureSet } from '../../features/feature-set.ts';
import type { FeatureDefinition } from '../../features/kernel.ts';
import { FEATURES } from '../../features/registry.ts';
import { createRandom } from '../../infra/random.ts';
import { takeBars } from '../bars/compare-bars.ts';
import { plantedBars } from '../sources/made-up/planted-bars.ts';
import { calendarNamed } from './calendar-named.ts';
import { marketHours } from './market-hours.ts';
import { resampleBars, slotAt } from './resample-bars.ts';

const SYMBOLS = ['AAA', 'BBB'];
const MINUTES = 390;
const us = calendarNamed('us-equities');

/**
 * Minutes of two symbols over 27 trading days, across the beginning of summer time on Sunday 2019-03-10. Most are
 * missing, for each symbol others: some hours are empty, a day ends anywhere, and its first minute was traded an hour
 * before the open.
 */
const ragged = SYMBOLS.map((symbol, s) => {
  const random = createRandom(`ragged/${symbol}`);
  const bars = plantedBars({
    bars: 27 * MINUTES,
    seed: 7 + s,
    symbol,
    timeframe: '1m',
    calendar: us,
    start: '2019-02-14',
  });
  const rows = Array.from({ length: bars.length }, (_, i) => i).filter(
    (i) => i % MINUTES === 0 || (Math.floor(i / 60) % 11 !== 4 + s && random.next() < 0.07),
  );
  const kept = takeBars(bars, rows);
  for (let i = 0; i < kept.length; i++) {
    if (rows[i]! % MINUTES !== 0) continue;
    kept.openTimeMs[i]! -= HOUR_MS;
    kept.closeTimeMs[i]! -= HOUR_MS;
  }
  return kept;
});

const drawing = createRandom('events');
const events = drawnEvents(SYMBOLS, 45, () => drawing.next(), Date.parse('2019-02-10'));

const all = [...FEATURES.values()];
const usual = (one: FeatureDefinition): string => expressionsOf(one)[0]!;
/** The shortest windows: ready after a few days. */
const short = (one: FeatureDefinition): string => expressionsOf(one)[1] ?? usual(one);

/** `expression` on longer bars; a comparison of symbols is made bar by bar, of what longer bars say. */
function on(timeframe: string, one: FeatureDefinition, expression: string): string[] {
  if (one.inputs === 'symbol') return [];
  return [one.inputs === 'cross' ? expression.replace(/\)$/, `@${timeframe})`) : `${expression}@${timeframe}`];
}

const SETS: Record<string, readonly string[]> = {
  'every feature of hours': all.flatMap((one) => on('1h', one, usual(one))),
  'every feature of days': all.flatMap((one) => on('1d', one, short(one))),
  'features of minutes over what hours and days say': all
    .filter(({ inputs }) => inputs === 'series' || inputs === 'pair')
    .flatMap((one) => [short(one).replace(/close/, 'close@1h'), short(one).replace(/close/, 'hl2@1d')]),
};

/** Rows of `matrix` before which some longer bar has just been closed, and as many that lie between. */
function cutsOf({ values, columns, length }: FeatureMatrix): number[] {
  const width = columns.length;
  const changed = (i: number): boolean =>
    columns.some((_, c) => i > 0 && !Object.is(values[i * width + c], values[(i - 1) * width + c]));
  const rows = Array.from({ length: length - 1 }, (_, i) => i + 1);
  const some = (list: readonly number[]): number[] =>
    [0.1, 0.5, 0.9].map((share) => list[Math.floor(share * list.length)]!);
  return [...some(rows.filter(changed)), ...some(rows.filter((i) => !changed(i)))];
}

describe.each([
  ['the hours of the market', us],
  ['hours round the clock', calendarNamed('crypto')],
] as const)('longer bars of ragged minutes, by %s', (_name, calendar) => {
  const options = { timeframe: '1m', symbols: SYMBOLS, hours: marketHours(calendar), events };

  it.each(Object.entries(SETS))('%s keep the contract', (_what, expressions) => {
    const set = parseFeatureSet(expressions, options);
    const moments = computeFeatures(parseFeatureSet(['close@1h', 'close@1d'], options), ragged)[0]!;
    expect(checkStream(set, ragged)).toEqual([]);
    expect(checkPrefix(set, ragged, cutsOf(moments))).toEqual([]);
    expect(checkRestore(set, ragged)).toEqual([]);
    expect(checkDeterminism(set, ragged)).toEqual([]);
    expect(checkFreshStart(set, ragged)).toEqual([]);
  });

  it.each(['1h', '1d'] as const)('@%s says what the feature says on the bars that ingest would store', (timeframe) => {
    // The time of day is that of the first minute that was traded, where a stored bar has the hour's; events are those
    // known by the close of the last minute, where a stored bar has those of its whole hour.
    const byTime = ['timeofday', 'events'];
    const alone = all.filter(({ inputs, name }) => inputs !== 'cross' && inputs !== 'symbol' && !byTime.includes(name));
    const written = alone.map(timeframe === '1h' ? usual : short);
    const set = parseFeatureSet(
      written.map((expression) => `${expression}@${timeframe}`),
      options,
    );
    const longer = ragged.map((bars) =>
      resampleBars(bars, timeframe, calendar, { fromMs: -Infinity, untilMs: Infinity }),
    );
    const known = computeFeatures(parseFeatureSet(written, { timeframe, symbols: SYMBOLS, events }), longer);
    const said = computeFeatures(set, ragged);
    ragged.forEach((bars, s) => {
      const expected = heldOver(bars, longer[s]!, known[s]!, set.columns);
      for (let i = 0; i < bars.length; i++) {
        // A bar outside trading belongs to no longer bar, and may bring news of one or not.
        if (slotAt(calendar, timeframe, bars.openTimeMs[i]!) === undefined)
          expected.values.set(rowOf(said[s]!, i), i * set.columns.length);
      }
      expect(firstDifference([said[s]!], [expected])).toBeNull();
      expect([...rowOf(expected, bars.length - 1)].filter(Number.isNaN)).toEqual([]);
    });
  });
});

const rowOf = ({ values, columns }: FeatureMatrix, row: number): Float64Array =>
  values.subarray(row * columns.length, (row + 1) * columns.length);

/** At each bar the values of the longer bars that have closed by then, of the last one; NaN before the first. */
function heldOver(
  bars: BarColumns,
  longer: BarColumns,
  { values }: FeatureMatrix,
  columns: readonly string[],
): FeatureMatrix {
  const width = columns.length;
  const held = new Float64Array(bars.length * width).fill(NaN);
  for (let i = 0, closed = 0; i < bars.length; i++) {
    while (closed < longer.length && longer.closeTimeMs[closed]! <= bars.closeTimeMs[i]!) closed++;
    if (closed > 0) held.set(values.subarray((closed - 1) * width, closed * width), i * width);
  }
  return { symbol: bars.symbol, columns, length: bars.length, closeTimeMs: bars.closeTimeMs, values: held };
}
