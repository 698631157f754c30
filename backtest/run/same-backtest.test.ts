import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../features/timeframe.ts';
import { createRandom } from '../../infra/random.ts';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { zipOf } from '../../pipelines/dialects/testing/zip-of.ts';
import { zoneNamed } from '../../pipelines/dialects/time-zone.ts';
import { readTakenBars } from '../../pipelines/sources/files/bars-file.ts';
import { scratchFiles } from '../../pipelines/testing/scratch-files.ts';
import { ruleBacktest } from './rule-backtest.ts';

const { file } = scratchFiles('same-backtest');
const calendar = calendarNamed('none');
const HEADER = 'time,open,high,low,close,volume';
let count = 0;

/** Hourly rows around a change of the clocks: whole ticks of five digits, which a power of ten writes exactly. */
function ticksOf(seed: number, length: number): number[][] {
  const random = createRandom(`same-backtest ${seed}`);
  let close = 50_000;
  return Array.from({ length }, () => {
    const open = close;
    close = Math.max(1_000, close + Math.round(800 * random.normal()));
    return [
      open,
      Math.max(open, close) + random.integer(200),
      Math.min(open, close) - random.integer(200),
      close,
      1 + random.integer(900),
    ];
  });
}

/** Days before the clocks of New York and London go forward, and back. */
const STARTS = ['2024-03-08', '2024-03-28', '2024-10-24', '2024-10-31'].map((day) => Date.parse(day));

interface Writing {
  /** Prices are ticks times ten to this power. */
  readonly power: number;
  readonly packing: 'csv' | 'gzip' | 'zip' | 'parquet' | 'two files' | 'two in a zip' | 'newest first';
  readonly zone: string | null;
  /** Which of `STARTS`. */
  readonly start?: number;
}

function written(ticks: readonly number[][], { power, packing, zone, start = 0 }: Writing): string[] {
  const named = zone === null ? null : zoneNamed(zone, '--timezone');
  const stamp = (row: number): string => {
    const timeMs = STARTS[start]! + row * HOUR_MS;
    return named === null
      ? new Date(timeMs).toISOString()
      : new Date(timeMs + named.offsetMs(timeMs)).toISOString().slice(0, 19);
  };
  const rows = ticks.map((row, at) =>
    [stamp(at), ...row.slice(0, 4).map((tick) => `${tick}e${power}`), row[4]].join(','),
  );
  const name = (ending: string): string => `s${++count}.${ending}`;
  const text = (some: readonly string[]): string => [HEADER, ...some, ''].join('\n');
  const half = rows.length >> 1;
  switch (packing) {
    case 'csv':
      return [file(text(rows), name('csv'))];
    case 'gzip':
      return [file(gzipSync(text(rows)), name('csv.gz'))];
    case 'zip':
      return [file(zipOf('a.csv', text(rows)), name('zip'))];
    case 'two in a zip':
      return [file(zipOf('b.csv', text(rows.slice(half)), ['a.csv', text(rows.slice(0, half))]), name('zip'))];
    case 'two files':
      return [file(text(rows.slice(half)), name('csv')), file(text(rows.slice(0, half)), name('csv'))];
    case 'newest first':
      return [file(text([...rows].reverse()), name('csv'))];
    case 'parquet': {
      const columns = ['open', 'high', 'low', 'close', 'volume'].map((column, at) => {
        const data = ticks.map((row) => (at === 4 ? row[at]! : Number(`${row[at]!}e${power}`)));
        return { name: column, data, type: 'DOUBLE' as const };
      });
      const time = { name: 'time', data: ticks.map((_, at) => stamp(at)), type: 'STRING' as const };
      return [file(new Uint8Array(parquetWriteBuffer({ columnData: [time, ...columns] })), name('parquet'))];
    }
  }
}

async function backtest(ticks: readonly number[][], how: Writing) {
  const dialect = how.zone === null ? {} : { timezone: how.zone };
  const { universe } = await readTakenBars(written(ticks, how), { symbols: ['X'], calendar, dialect });
  return ruleBacktest({
    bars: universe,
    calendar,
    strategy: 'sma-cross',
    parameters: { fast: 3, slow: 9 },
    sizing: { kind: 'all-in' },
    longShort: true,
    limits: NAMED_LIMITS.standard,
    costs: { feeBps: 5, halfSpreadBps: 2, slippage: { kind: 'fixed', bps: 1 } },
    capital: Number(`1e${9 + how.power}`),
    lot: 1,
    seed: 7,
  }).result;
}

const PLAIN: Writing = { power: 0, packing: 'csv', zone: null };
const packings = fc.constantFrom<Writing['packing']>(
  ...(['csv', 'gzip', 'zip', 'parquet', 'two files', 'two in a zip', 'newest first'] as const),
);
const zones = fc.constantFrom(null, 'America/New_York', 'Europe/London', 'Asia/Kolkata', '-03:00');

describe('a backtest of a file', () => {
  it('is the same to the byte however the file is packed, split, turned round or shifted in zone', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(99), packings, zones, fc.nat(3), async (seed, packing, zone, start) => {
        const ticks = ticksOf(seed, 160);
        const usual = await backtest(ticks, { ...PLAIN, start });
        const other = await backtest(ticks, { power: 0, packing, zone, start });
        expect(usual.trades).toBeGreaterThan(3);
        expect(other).toEqual(usual);
      }),
      { numRuns: 40 },
    );
  });

  it('has the same trades and ratios at prices of any promised size', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(99), packings, fc.integer({ min: -20, max: 12 }), async (seed, packing, power) => {
        const ticks = ticksOf(seed, 160);
        const usual = await backtest(ticks, PLAIN);
        const scaled = await backtest(ticks, { power, packing, zone: null });
        const trades = ({ ledger }: typeof usual): unknown[] =>
          ledger.map(({ side, quantity, entryTime, exitTime }) => [side, quantity, entryTime, exitTime]);
        expect(trades(scaled)).toEqual(trades(usual));
        for (const figure of ['totalReturn', 'sharpe', 'maxDrawdown', 'exposure', 'turnover', 'winRate'] as const) {
          expect(scaled[figure]).toBeCloseTo(usual[figure]!, 8);
        }
      }),
      { numRuns: 25 },
    );
  });
});
