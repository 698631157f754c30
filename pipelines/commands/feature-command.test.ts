import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { barsCsv } from '../bars/bars-csv.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { runFeatures, type FeaturesOptions } from './command-actions.ts';
import { plantedBars } from '../sources/made-up/planted-bars.ts';
import { fileContext } from '../testing/file-context.ts';

let folder: string;
let bars: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'features-'));
  bars = join(folder, 'AAA.csv');
  const made = plantedBars({ bars: 60, seed: 3, symbol: 'AAA', calendar: calendarNamed('none') });
  writeFileSync(bars, [...barsCsv([made])].join(''));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const features = (options: Partial<FeaturesOptions>) =>
  runFeatures(fileContext(), { bars, features: 'sma(3)', out: join(folder, 'out.csv'), ...options });

describe('features --out', () => {
  it('is refused where it is an input, by whatever name, and the input stays as it was', async () => {
    const before = readFileSync(bars, 'utf8');
    symlinkSync(bars, join(folder, 'link.csv'));
    mkdirSync(join(folder, 'sub'));
    for (const out of [bars, join(folder, 'link.csv'), `${folder}/sub/../AAA.csv`]) {
      await expect(features({ out })).rejects.toMatchObject({
        exitCode: 2,
        message: expect.stringMatching(/--out .*that --bars .*reads/) as string,
      });
    }
    const actions = join(folder, 'actions.csv');
    writeFileSync(actions, 'symbol,type,exDate,amount\nAAA,dividend,2020-01-20,0.01\n');
    await expect(features({ actions, out: actions })).rejects.toThrow(/--out .*that --actions .*reads/);
    expect(readFileSync(bars, 'utf8')).toBe(before);
  });

  it('is refused in a folder that is read, where the next run would take it for bars', async () => {
    const whole = join(folder, 'whole');
    mkdirSync(whole);
    linkSync(bars, join(whole, 'AAA.csv'));
    await expect(features({ bars: whole, out: join(whole, 'out.csv') })).rejects.toThrow(/lies in the folder/);
    await expect(features({ bars: whole })).resolves.toBeDefined();
  });
});

describe('features --features', () => {
  it('are understood before a file is read: a typo is told whatever is wrong with the data', async () => {
    const bad = join(folder, 'bad.csv');
    writeFileSync(bad, 'time,open,high,low,close,volume\n2020-01-02,10,NaN,9,11,100\n');
    await expect(features({ bars: bad, features: 'sma(3),smaa(3)' })).rejects.toThrow(/smaa/);
    await expect(features({ bars: join(folder, 'absent.csv'), features: 'rsi(0)' })).rejects.toThrow(/rsi/);
    await expect(features({ bars: bad })).rejects.toThrow(/bad\.csv/);
  });

  it('may name symbols that only the file knows', async () => {
    await expect(features({ features: 'beta(AAA,5),sma(3)@1w,rank(roc(5))' })).resolves.toBeDefined();
    await expect(features({ features: 'beta(BBB,5)' })).rejects.toThrow(/BBB/);
    await expect(
      features({ bars: join(folder, 'absent.csv'), symbol: 'AAA', features: 'beta(BBB,5)' }),
    ).rejects.toThrow(/BBB/);
  });
});
