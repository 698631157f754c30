import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import type { BarColumns } from '../../features/bar.ts';
import { HOUR_MS } from '../../features/timeframe.ts';
import { InputError } from '../../infra/errors.ts';
import { readTakenBars, type BarsFileOptions } from '../sources/files/bars-file.ts';
import { plantedBars } from '../sources/made-up/planted-bars.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { zipOf } from './testing/zip-of.ts';
import { zoneNamed } from './time-zone.ts';
import { scratchFiles } from '../testing/scratch-files.ts';

const { file: fileNamed } = scratchFiles('same-numbers');
let count = 0;
const file = (content: string | Uint8Array, ending = 'csv'): string => fileNamed(content, `p${++count}.${ending}`);

const VALUES = ['open', 'high', 'low', 'close', 'volume'] as const;

/** Daily bars for the numbers, at hourly times: a year of them has two changes of every clock. */
function hourly(seed: number, length: number): BarColumns {
  const made = plantedBars({ seed, bars: length, symbol: 'X', calendar: calendarNamed('none'), volatility: 0.05 });
  const start = Date.UTC(2024, 0, 1) + (seed % 8000) * HOUR_MS;
  const openTimeMs = made.openTimeMs.map((_, i) => start + i * HOUR_MS);
  return { ...made, openTimeMs, closeTimeMs: openTimeMs.map((timeMs) => timeMs + HOUR_MS) };
}

const plain = (bars: BarColumns): number[][] =>
  [bars.openTimeMs, bars.closeTimeMs, ...VALUES.map((name) => bars[name])].map((column) => [...column]);

interface Writing {
  readonly delimiter: string;
  readonly decimal: '.' | ',';
  /** Of the columns, which comes where. */
  readonly order: readonly number[];
  readonly newestFirst: boolean;
  readonly header: boolean;
  readonly time: (timeMs: number) => string;
}

const iso = (timeMs: number): string => new Date(timeMs).toISOString();
const parts = (timeMs: number): { date: string[]; clock: string } => ({
  date: iso(timeMs).slice(0, 10).split('-'),
  clock: iso(timeMs).slice(11, 19),
});

const TIMES: readonly ((timeMs: number) => string)[] = [
  iso,
  (timeMs) => iso(timeMs).slice(0, 16).replace('T', ' '),
  (timeMs) => String(timeMs),
  (timeMs) => String(timeMs / 1000),
  (timeMs) => `${timeMs}000`,
  (timeMs) => `${timeMs}000000`,
  (timeMs) => parts(timeMs).date.join('') + parts(timeMs).clock.replaceAll(':', ''),
  (timeMs) => `${[...parts(timeMs).date].reverse().join('/')} ${parts(timeMs).clock}`,
  (timeMs) => `${[...parts(timeMs).date].reverse().join('.')} ${parts(timeMs).clock}`,
  (timeMs) => {
    const [year, month, day] = parts(timeMs).date;
    return `${month}/${day}/${year} ${parts(timeMs).clock}`;
  },
  (timeMs) => `${iso(timeMs + 5.5 * HOUR_MS).slice(0, 19)}+05:30`,
];

function written(bars: BarColumns, { delimiter, decimal, order, newestFirst, header, time }: Writing): string {
  const names = ['time', ...VALUES];
  const number = (value: number): string => String(value).replace('.', decimal);
  const rows = Array.from({ length: bars.length }, (_, i) => {
    const cells = [time(bars.openTimeMs[i]!), ...VALUES.map((name) => number(bars[name][i]!))];
    return order.map((at) => cells[at]!).join(delimiter);
  });
  if (newestFirst) rows.reverse();
  return [...(header ? [order.map((at) => names[at]!).join(delimiter)] : []), ...rows].join('\n');
}

const IDENTITY = [0, 1, 2, 3, 4, 5];
const writing: fc.Arbitrary<Writing> = fc
  .record({
    delimiter: fc.constantFrom(',', ';', '\t', '|'),
    decimal: fc.constantFrom('.' as const, ',' as const),
    order: fc.shuffledSubarray(IDENTITY, { minLength: 6 }),
    newestFirst: fc.boolean(),
    header: fc.boolean(),
    time: fc.constantFrom(...TIMES),
  })
  // A comma cannot be both, and without a header columns have to stand in their usual order.
  .map((one) => ({
    ...one,
    decimal: one.delimiter === ',' ? ('.' as const) : one.decimal,
    order: one.header ? one.order : IDENTITY,
  }));

/** Reads files and compares, or takes a refusal that says what to do; anything else is a fault. */
async function sameOrRefused(bars: BarColumns, paths: string | string[], options: BarsFileOptions): Promise<boolean> {
  try {
    const { universe } = await readTakenBars(paths, { symbols: ['X'], ...options });
    expect(plain(universe[0]!)).toEqual(plain(bars));
    return true;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.remedy).not.toBe('');
    return false;
  }
}

describe('bars are the same numbers, or refused', () => {
  it('however a file is laid out and packed', async () => {
    let same = 0;
    let refused = 0;
    const packing = fc.constantFrom('csv', 'gz', 'zip', 'utf16');
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.integer({ min: 24, max: 400 }),
        writing,
        packing,
        async (seed, length, how, pack) => {
          const bars = hourly(seed, length);
          const text = written(bars, how);
          const bytes =
            pack === 'gz'
              ? gzipSync(text)
              : pack === 'zip'
                ? zipOf('b.csv', text)
                : pack === 'csv'
                  ? text
                  : Buffer.from(`\uFEFF${text}`, 'utf16le');
          const path = file(bytes, pack === 'utf16' ? 'csv' : pack === 'gz' ? 'csv.gz' : pack);
          if (await sameOrRefused(bars, path, {})) same++;
          else refused++;
        },
      ),
      { numRuns: 150 },
    );
    // What cannot be told is refused: day and month in the first twelve days of a month.
    expect(same).toBeGreaterThan(4 * refused);
  });

  it('in any zone that is named', async () => {
    let same = 0;
    const zones = fc.constantFrom(
      'America/New_York',
      'Europe/London',
      'Asia/Kolkata',
      'Australia/Lord_Howe',
      '-03:00',
      'UTC',
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 24, max: 400 }), zones, async (seed, length, timezone) => {
        const bars = hourly(seed, length);
        const zone = zoneNamed(timezone, 'timezone');
        const local = (timeMs: number): string => iso(timeMs + zone.offsetMs(timeMs)).slice(0, 19);
        const how = {
          delimiter: ',',
          decimal: '.' as const,
          order: IDENTITY,
          newestFirst: false,
          header: true,
          time: local,
        };
        if (await sameOrRefused(bars, file(written(bars, how)), { dialect: { timezone } })) same++;
      }),
      { numRuns: 80 },
    );
    expect(same).toBeGreaterThan(60);
  });

  it('split into several files, in any order and format', async () => {
    let same = 0;
    const cuts = fc.array(fc.integer({ min: 12, max: 388 }), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        cuts,
        fc.array(writing, { minLength: 4, maxLength: 4 }),
        fc.boolean(),
        async (seed, at, hows, turned) => {
          const bars = hourly(seed, 400);
          const bounds = [0, ...[...new Set(at)].sort((a, b) => a - b), 400];
          const paths = bounds.slice(1).map((to, i) => {
            const from = bounds[i]!;
            const part = {
              ...bars,
              length: to - from,
              openTimeMs: bars.openTimeMs.slice(from, to),
              closeTimeMs: bars.closeTimeMs.slice(from, to),
            };
            for (const name of VALUES) Object.assign(part, { [name]: bars[name].slice(from, to) });
            return i % 2 === 0 ? file(written(part, hows[i]!)) : file(parquetOf(part), 'parquet');
          });
          if (await sameOrRefused(bars, turned ? paths.reverse() : paths, {})) same++;
        },
      ),
      { numRuns: 40 },
    );
    expect(same).toBeGreaterThan(20);
  });

  it('never with rows in any other order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.integer({ min: 1, max: 98 }),
        fc.integer({ min: 1, max: 98 }),
        async (seed, a, b) => {
          const bars = hourly(seed, 100);
          const how = {
            delimiter: ',',
            decimal: '.' as const,
            order: IDENTITY,
            newestFirst: false,
            header: false,
            time: iso,
          };
          const rows = written(bars, how).split('\n');
          [rows[a], rows[b]] = [rows[b]!, rows[a]!];
          expect(await sameOrRefused(bars, file(`time,open,high,low,close,volume\n${rows.join('\n')}`), {})).toBe(
            a === b,
          );
        },
      ),
      { numRuns: 30 },
    );
  });
});

function parquetOf(bars: BarColumns): Uint8Array {
  const time = {
    name: 'time',
    data: Array.from(bars.openTimeMs, (timeMs) => new Date(timeMs)),
    type: 'TIMESTAMP' as const,
  };
  const columns = VALUES.map((name) => ({ name, data: [...bars[name]], type: 'DOUBLE' as const }));
  return new Uint8Array(parquetWriteBuffer({ columnData: [time, ...columns] }));
}
