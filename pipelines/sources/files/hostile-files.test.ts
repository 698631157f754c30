import { execFileSync } from 'node:child_process';
import { rmSync, symlinkSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../infra/errors.ts';
import { readBarsFile } from './bars-file.ts';
import { scratchFiles } from '../../testing/scratch-files.ts';

const { file } = scratchFiles('hostile-files');

const HEADER = 'time,open,high,low,close,volume\n';
const GOOD = '2020-01-02,10,12,9,11,100\n';
const MILLION = 1_000_000;
/** Lines of a column of symbols alone are the shortest: most of them to a file. */
const manySymbols = (symbols: number): string =>
  `s,t,o,h,l,c,v\n${Array.from({ length: symbols }, (_, i) => `${i.toString(36)},1000000000,1,1,1,1,1`).join('\n')}\n`;

async function refusal(path: string): Promise<{ message: string; remedy: string }> {
  const outcome = await readBarsFile(path).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(InputError);
  const { message, remedy } = outcome as InputError;
  expect(message).toContain(path);
  expect(message.length).toBeLessThan(2_000);
  expect(remedy).not.toBe('');
  return { message, remedy };
}

/** Work that grew with the square of the input would take minutes to days on each of these, or all memory. */
describe('a CSV file made to do harm', () => {
  it.each<[string, () => string | Uint8Array, RegExp]>([
    ['a quote that is never closed, short lines', () => `${HEADER}"${'\n1'.repeat(MILLION)}`, /line 2: a quote is not/],
    ['a quote that is never closed, long line', () => `${HEADER}"${'1'.repeat(2 * MILLION)}`, /line 2: no line end/],
    [
      'a quote in every line',
      () => `${HEADER}${'"2020-01-02"x,1,1,1,1,1\n'.repeat(100_000)}`,
      /line 2: text after the/,
    ],
    ['quotes inside cells', () => `${HEADER}${'a"b,1,1,1,1,1"\n'.repeat(100_000)}`, /line 2: a quote inside cell 1/],
    ['nothing but quotes', () => `${HEADER}${'"'.repeat(MILLION)}`, /line 2: 1 cells where the header has 6/],
    [
      'a number of a million digits',
      () => `${HEADER}2020-01-02,${'1'.repeat(MILLION)}x,1,1,1,1\n`,
      /line 2: open is "1/,
    ],
    ['a time of a million digits', () => `${HEADER}${'1'.repeat(MILLION)}x,1,1,1,1,1\n`, /line 2: time "1.*not a time/],
    [
      'a time of a million blanks',
      () => `${HEADER}2020-01-02 10:00${' '.repeat(MILLION)}x,1,1,1,1,1\n`,
      /line 2: time/,
    ],
    ['half a million columns', () => `${HEADER.trim()}${',x'.repeat(500_000)}\n${GOOD}`, /500006 columns, and 10000/],
    ['half a million cells', () => `${HEADER}${'1,'.repeat(500_000)}\n`, /line 2: 500001 cells where the header has 6/],
    ['a header cell of a million letters', () => `${'x'.repeat(MILLION)},${HEADER}`, /a header and no bars/],
    ['no columns but one of a million letters', () => `${'x'.repeat(MILLION)}\n`, /missing columns time, open/],
    [
      'a symbol of a million letters',
      () => `s,${HEADER}${'x'.repeat(MILLION)},${GOOD}`,
      /symbol has 1000000 characters/,
    ],
    ['a symbol with a zero', () => `s,${HEADER}A\0B,${GOOD}`, /line 2: symbol "A\\u0000B" holds a control character/],
    ['a symbol of two lines', () => `s,${HEADER}"A\nB",${GOOD}`, /line 2: symbol "A\\nB" holds a control character/],
    ['a symbol that colours', () => `s,${HEADER}\u001b[31mA,${GOOD}`, /line 2: symbol "\\u001b\[31mA" holds a control/],
    ['more symbols than there are', () => manySymbols(100_001), /line 100002: more than 100000 symbols/],
    ['a time before there were markets', () => `${HEADER}1815-06-18,1,1,1,1,1\n`, /line 2: time "1815.* outside 1900/],
    ['a year of two digits', () => `${HEADER}0020-01-02,1,1,1,1,1\n`, /line 2: time "0020-01-02" is not a time/],
    ['a time after all of them', () => `${HEADER}99999999999,1,1,1,1,1\n`, /line 2: times like "9+" may mean 1973/],
    ['zeros', () => new Uint8Array(2 * MILLION), /line 1: no line end/],
    ['a gzip file that bursts', () => gzipSync(HEADER + '\n'.repeat(60 * MILLION)), /unpack to more than 100 times/],
    ['a gzip file within another', () => gzipSync(gzipSync(HEADER + GOOD)), /missing columns|no line end|binary/],
  ])('is refused: %s', async (_what, content, message) => {
    expect((await refusal(file(content()))).message).toMatch(message);
  });

  it('is refused where it is a pipe or a device, which have no end', async () => {
    const pipe = file('');
    rmSync(pipe);
    execFileSync('mkfifo', [pipe]);
    expect((await refusal(pipe)).message).toMatch(/is a pipe/);
    const device = file('');
    rmSync(device);
    symlinkSync('/dev/zero', device);
    expect((await refusal(device)).message).toMatch(/is a device/);
  });

  it('may hold as many symbols as there are, each with one bar', async () => {
    const before = process.memoryUsage().arrayBuffers;
    const universe = await readBarsFile(file(manySymbols(40_000)));
    expect(universe.map(({ length }) => length)).toEqual(Array<number>(40_000).fill(1));
    expect(universe[1]!.close[0]).toBe(1);
    // Seven columns of a thousand rows a symbol were two gigabytes.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100e6);
  });

  it('keeps the bars of each symbol apart and in order, however the file mixes them', async () => {
    const rows = Array.from(
      { length: 3_000 },
      (_, i) => `S${(i * 7) % 5},${1_700_000_040 + 60 * i},1,2,1,${1 + i / 3_000},1`,
    );
    const universe = await readBarsFile(file(`s,t,o,h,l,c,v\n${rows.join('\n')}\n`));
    expect(universe.map(({ symbol, length }) => [symbol, length])).toEqual([0, 1, 2, 3, 4].map((s) => [`S${s}`, 600]));
    for (const [s, { openTimeMs, close }] of universe.entries()) {
      const own = Array.from({ length: 3_000 }, (_, i) => i).filter((i) => (i * 7) % 5 === s);
      expect([...openTimeMs]).toEqual(own.map((i) => 1_700_000_040_000 + 60_000 * i));
      expect([...close]).toEqual(own.map((i) => 1 + i / 3_000));
    }
  });
});
