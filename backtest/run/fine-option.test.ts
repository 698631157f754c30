import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readBarsFile } from '../../pipelines/sources/files/bars-file.ts';
import { readFineBars } from './fine-option.ts';

const folder = mkdtempSync(join(tmpdir(), 'fine-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, symbol: string, minutes: number): string {
  const rows = Array.from({ length: 4 }, (_, row) => {
    return [new Date(Date.UTC(2024, 0, 2) + row * minutes * 60_000).toISOString(), symbol, 10, 11, 9, 10, 100].join(
      ',',
    );
  });
  writeFileSync(join(folder, name), ['time,symbol,open,high,low,close,volume', ...rows].join('\n'));
  return join(folder, name);
}

const options = (fine: string[]): { fine: string[] } => ({ fine });

it('finer bars of a file go to the symbols that are traded, a lone one to the lone one', async () => {
  const days = await readBarsFile(file('days.csv', 'AAA', 1_440));
  const fine = file('minutes.csv', 'AAA.minutes', 1);
  const [found] = (await readFineBars(options([fine]), days, '1d'))!;
  expect([found!.symbol, found!.length]).toEqual(['AAA', 4]);
  expect(await readFineBars(options([]), days, '1d')).toBeUndefined();
  const two = [...days, { ...days[0]!, symbol: 'BBB' }];
  const both = await readFineBars(options([file('b.csv', 'BBB', 5)]), two, '1d');
  expect(both!.map((one) => one?.symbol)).toEqual([undefined, 'BBB']);
});

it('bars that are no finer, or of nothing that is traded, are refused in words', async () => {
  const days = await readBarsFile(file('days.csv', 'AAA', 1_440));
  await expect(readFineBars(options([file('same.csv', 'AAA', 1_440)]), days, '1d')).rejects.toThrow(
    /same.csv: bars of 1d are no finer than those of --bars/,
  );
  const two = [...days, { ...days[0]!, symbol: 'BBB' }];
  await expect(readFineBars(options([file('c.csv', 'CCC', 1)]), two, '1d')).rejects.toThrow(/holds CCC, and none/);
});
