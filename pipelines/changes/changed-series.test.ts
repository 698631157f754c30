import { describe, expect, it } from 'vitest';
import type { BarColumns } from '../../features/bar.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { barsCsv } from '../bars/bars-csv.ts';
import { plantedBars } from '../sources/made-up/planted-bars.ts';
import { takeBars } from '../bars/compare-bars.ts';
import { createCsvSource } from '../sources/files/csv-source.ts';
import { scratchFiles } from '../testing/scratch-files.ts';

const { file } = scratchFiles('changes');
const calendar = calendarNamed('us-equities');
const whole = plantedBars({ bars: 60, seed: 4, symbol: 'META', calendar, start: '2022-05-02' });
/** The first bar under the new name opens on 2022-06-09. */
const SPLIT = whole.openTimeMs.findIndex((timeMs) => timeMs >= Date.UTC(2022, 5, 9));
const rows = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const part = (symbol: string, from: number, to: number): BarColumns => ({
  ...takeBars(whole, rows(from, to)),
  symbol,
});
const before = part('FB', 0, SPLIT);
const after = part('META', SPLIT, 60);
const other = plantedBars({ bars: 40, seed: 9, symbol: 'GONE', calendar, start: '2022-05-02' });

const HEADER = 'symbol,date,change,to,value\n';

async function read(changes: string, bars: readonly BarColumns[], symbols?: readonly string[]) {
  const source = createCsvSource({
    paths: [file([...barsCsv(bars)].join(''))],
    symbols,
    calendar: 'us-equities',
    timeframe: '1d',
    identity: 'path',
    changes: file(HEADER + changes, 'changes.csv'),
  });
  await source.series();
  return { bars: source.loaded!()!, notes: source.taken!()!.notes.join(' ') };
}

describe('a symbol that is renamed', () => {
  it('goes on under its last name, whatever others there are', async () => {
    const { bars, notes } = await read('FB,2022-06-09,renamed,META,\n', [after, before, other], ['META']);
    expect(bars.map(({ symbol }) => symbol)).toEqual(['META']);
    expect(bars[0]!.openTimeMs).toEqual(whole.openTimeMs);
    expect(bars[0]!.close).toEqual(whole.close);
    expect(notes).toContain('FB goes on as META from 2022-06-09.');
  });

  it('may be renamed twice, and need not have bars under every name', async () => {
    const changes = 'FB,2022-06-09,renamed,META,\nTHEFB,2022-05-02,renamed,FB,\n';
    const { bars } = await read(changes, [before, other], ['GONE', 'META']);
    expect(bars.map(({ symbol, length }) => [symbol, length])).toEqual([
      ['GONE', 40],
      ['META', SPLIT],
    ]);
  });

  it.each([
    ['FB,2022-06-08,renamed,META,\n', ['META'], /line 2: FB has bars from that day on: 2022-06-08/],
    ['FB,2022-06-10,renamed,META,\n', ['META'], /line 2: META has bars from before, of something else/],
    ['FB,2022-06-09,renamed,META,\n', ['FB'], /line 2: FB is called META since 2022-06-09/],
    ['FB,2022-06-09,renamed,META,\n', ['MSFT'], /no bars for MSFT/],
  ])('is refused where bars do not agree: %s', async (changes, symbols, message) => {
    await expect(read(changes, [before, after], symbols)).rejects.toThrow(message);
  });
});

describe('a symbol that is delisted', () => {
  const last = new Date(other.openTimeMs[39]!).toISOString().slice(0, 10);

  it('ends with a bar of its final value, and stays in the universe', async () => {
    const { bars, notes } = await read('GONE,2022-07-05,delisted,,0.05\n', [other, after], ['GONE', 'META']);
    const [gone] = bars;
    expect(gone!.length).toBe(41);
    expect([gone!.open[40], gone!.close[40], gone!.volume[40]]).toEqual([0.05, 0.05, 0]);
    expect(new Date(gone!.openTimeMs[40]!).toISOString()).toBe('2022-07-05T13:30:00.000Z');
    expect(notes).toContain('GONE was delisted on 2022-07-05, and is worth 0.05 from then on.');
  });

  it.each([
    [`GONE,${last},delisted,,1\n`, /line 2: GONE has bars from that day on/],
    ['GONE,2022-07-04,delisted,,1\n', /line 2: 2022-07-04 is no trading day of us-equities/],
  ])('is refused where bars or days do not agree: %s', async (changes, message) => {
    await expect(read(changes, [other, after])).rejects.toThrow(message);
  });
});

it.each([
  ['GONE,2022-07-05,delisted,,\n', /line 2: value is "", not a number above 0/],
  ['GONE,2022-07-05,delisted,,-1\n', /line 2: value is "-1"/],
  ['GONE,2022-07-05,merged,,1\n', /line 2: change is "merged"/],
  ['GONE,July,delisted,,1\n', /line 2: date is "July"/],
  [',2022-07-05,delisted,,1\n', /line 2: symbol is empty/],
  ['A,2022-07-05,renamed,A,\n', /line 2: to names no other symbol/],
  ['A,2022-07-05,renamed,B,\nA,2022-07-05,renamed,C,\n', /line 3: A changes twice that day/],
])('a file of changes is refused with its line: %j', async (changes, message) => {
  await expect(read(changes, [other, after])).rejects.toThrow(message);
});
