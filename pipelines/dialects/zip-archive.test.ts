import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../infra/errors.ts';
import { readTakenBars } from '../sources/files/bars-file.ts';
import { scratchFiles } from '../testing/scratch-files.ts';
import { zipOf } from './testing/zip-of.ts';

const { file } = scratchFiles('zip-archive');
const HEADER = 'time,open,high,low,close,volume\n';
const rows = (from: number, to: number): string =>
  Array.from(
    { length: to - from },
    (_, i) => `2024-01-${String(from + i).padStart(2, '0')},1,2,1,${1 + (from + i) / 100},5\n`,
  ).join('');

const closes = async (path: string, symbols?: string[]): Promise<unknown[]> => {
  const { universe } = await readTakenBars(path, { symbols });
  return universe.map(({ symbol, close }) => [symbol, ...close]);
};

describe('a zip archive of several files', () => {
  const parts = zipOf('X-2024-b.csv', HEADER + rows(4, 6), ['X-2024-a.csv', HEADER + rows(2, 4)], ['__MACOSX/a', 'x']);

  it('stands for all of them, as a folder does: parts of one symbol, or a symbol each', async () => {
    const path = file(parts, 'parts.zip');
    expect(await closes(path, ['X'])).toEqual([['X', 1.02, 1.03, 1.04, 1.05]]);
    expect(await closes(path)).toEqual([
      ['X-2024-a', 1.02, 1.03],
      ['X-2024-b', 1.04, 1.05],
    ]);
  });

  it('leaves out notes beside the bars, and is read within a folder', async () => {
    const path = file(zipOf('readme.txt', 'hello', ['A.csv', HEADER + rows(2, 4)]), 'noted.zip');
    expect(await closes(path)).toEqual([['A', 1.02, 1.03]]);
  });

  it('gives one of them where it is named as in a folder', async () => {
    const path = file(parts, 'chosen.zip');
    expect(await closes(`${path}/X-2024-b.csv`)).toEqual([['X-2024-b', 1.04, 1.05]]);
    await expect(closes(`${path}/X-2024-c.csv`)).rejects.toThrow(/no X-2024-c.csv; in it: X-2024-b.csv, X-2024-a.csv/);
  });

  it.each([
    [
      'nothing that is called like bars',
      zipOf('a.doc', 'x', ['b.doc', 'y']),
      /no .csv file in this zip archive; in it: a.doc/,
    ],
    ['two of one name', zipOf('a.csv', HEADER + rows(2, 4), ['a.csv', HEADER + rows(4, 6)]), /holds a.csv twice/],
    [
      'a packed file',
      zipOf('a.csv', gzipSync(HEADER + rows(2, 9)).toString('latin1'), ['b.csv', 'x']),
      /missing|damaged|gzip/,
    ],
    [
      'a file of columns',
      zipOf('a.parquet', 'PAR1', ['b.csv', HEADER + rows(2, 4)]),
      /file of columns inside a zip archive/,
    ],
  ])('is refused with %s', async (_, bytes, message) => {
    const error = await closes(file(bytes, 'refused.zip')).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).toMatch(message);
    expect((error as InputError).remedy).not.toBe('');
  });
});
