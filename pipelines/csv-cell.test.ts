import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { writeWholeFile } from '../infra/files/write-whole-file.ts';
import { barsCsv } from './bars/bars-csv.ts';
import { calendarNamed } from './calendars/calendar-named.ts';
import { csvCell, unmarkedCell } from '../infra/export/csv-cell.ts';
import { featuresCsv } from './commands/features-csv.ts';
import { readBarsFile } from './sources/files/bars-file.ts';
import { plantedBars } from './sources/made-up/planted-bars.ts';

it.each([
  ['=HYPERLINK("http://a.example","x")', `"'=HYPERLINK(""http://a.example"",""x"")"`],
  ['-A', `'-A`],
  ['+1', `'+1`],
  ['@SUM', `'@SUM`],
  ['\t=1', `'\t=1`],
  ['\r=1', `"'\r=1"`],
  [' =1', `' =1`],
  [`'=1`, `''=1`],
  ['a,b', '"a,b"'],
  ['a"b', '"a""b"'],
  ['a\nb', '"a\nb"'],
  ['BRK-B', 'BRK-B'],
  ['BTC/USD', 'BTC/USD'],
  [`O'NEIL`, `O'NEIL`],
])('%j is written as %j', (text, cell) => expect(csvCell(text)).toBe(cell));

it('reads back as it was, and never begins like a formula', () => {
  const text = fc.string({
    unit: fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', '"', ',', "'", ' ', 'a', '1', 'é'),
  });
  fc.assert(
    fc.property(
      fc.array(
        text.filter((one) => one !== ''),
        { minLength: 1, maxLength: 4 },
      ),
      (row) => {
        const line = `${row.map(csvCell).join(',')}\n`;
        const [cells] = parse(line, { record_delimiter: '\n' }) as string[][];
        expect(cells!.every((cell) => !/^[=+\-@\t\r]/.test(cell))).toBe(true);
        expect(cells!.map(unmarkedCell)).toEqual(row);
      },
    ),
  );
});

const HOSTILE = ['=HYPERLINK("http://a.example/?x=1,2","see")', '-A', '+B', '@SUM(A1)'];
const universe = HOSTILE.map((symbol, seed) => plantedBars({ bars: 5, seed, symbol }));

it('bars of symbols that look like formulas are read back as they were, negative numbers too', async () => {
  universe[0]!.volume[1] = 0.5;
  const folder = mkdtempSync(join(tmpdir(), 'csv-cell-'));
  try {
    const path = join(folder, 'bars.csv');
    await writeWholeFile(path, barsCsv(universe));
    const calendar = calendarNamed('us-equities');
    const back = await readBarsFile(path, { symbols: undefined, timeframe: '1d', calendar });
    const wanted = [...universe].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
    expect(back).toEqual(wanted);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('features keep negative numbers and write symbols and headers as text', () => {
  const columns = ['=1+1', 'macd(12,26,9).line'];
  const matrices = universe.map(() => ({ columns, values: new Float64Array(10).fill(-1.5) }));
  const rows = parse([...featuresCsv(universe, matrices as never)].join('')) as string[][];
  expect(rows[0]!.slice(1)).toEqual(['symbol', "'=1+1", 'macd(12,26,9).line']);
  expect(rows.slice(1).every(([, , one, other]) => one === '-1.5' && other === '-1.5')).toBe(true);
  expect([...new Set(rows.slice(1).map((row) => unmarkedCell(row[1]!)))]).toEqual(HOSTILE);
});
