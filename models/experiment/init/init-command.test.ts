import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../../features/timeframe.ts';
import { loadExperiment } from '../load-experiment.ts';
import { initCommand } from './init-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'signalbox-init-'));
const at = (name: string): string => join(folder, name);

/** A file of bars of each symbol, at those times. */
function barsFile(name: string, symbols: readonly string[], times: readonly number[], separator = ','): string {
  const header = ['time', 'open', 'high', 'low', 'close', 'volume', 'symbol'].join(separator);
  const rows = times.flatMap((ms) =>
    symbols.map((symbol) => [new Date(ms).toISOString(), 100, 101, 99, 100, 1_000, symbol].join(separator)),
  );
  writeFileSync(at(name), [header, ...rows].join('\n'));
  return at(name);
}

/** Days from a Monday on. */
const days = (count: number, weekends: boolean): number[] =>
  Array.from({ length: count * 2 }, (_, day) => Date.UTC(2023, 1, 27) + day * DAY_MS)
    .filter((ms) => weekends || ![0, 6].includes(new Date(ms).getUTCDay()))
    .slice(0, count);

/** Three hours of each day. */
const hoursOf = (first: number): number[] =>
  days(20, false).flatMap((ms) => [0, 1, 2].map((hour) => ms + (first + hour) * HOUR_MS));

describe('init', () => {
  it('writes an experiment over the sample that passes validation, each section with a comment', async () => {
    await initCommand(at('first try.yaml'), {});
    const { name, universe, data, splits } = loadExperiment(at('first try.yaml'));
    expect({ name, universe, source: data.source }).toEqual({ name: 'first-try', universe: ['SPX'], source: 'sample' });
    expect(splits).toMatchObject({ trainBars: 2_500, testBars: 510 });
    expect(
      readFileSync(at('first try.yaml'), 'utf8')
        .split('\n')
        .filter((line) => line.includes('#')).length,
    ).toBeGreaterThan(15);
  });

  it.each([
    ['shares', ['AAPL', 'NO'], days(25, false), '1d', 'us-equities'],
    ['coins', ['BTC/USDT'], days(40, true), '1d', 'crypto'],
    ['holiday', ['EURUSD'], [...days(25, false), Date.UTC(2023, 3, 7)], '1d', 'none'],
    ['hours', ['AAPL'], hoursOf(15), '1h', 'us-equities'],
    ['nights', ['AAPL'], hoursOf(2), '1h', 'none'],
  ])('is about the bars of a file: %s', async (...[name, symbols, times, timeframe, calendar]) => {
    const bars = barsFile(`${name}.csv`, symbols, times);
    await initCommand(at(`${name}.yaml`), { bars });
    const { universe, data, splits } = loadExperiment(at(`${name}.yaml`));
    expect(universe).toEqual(symbols);
    expect(data).toMatchObject({ source: 'csv', path: bars, timeframe, calendar });
    expect(splits).toMatchObject({ trainBars: Math.floor(times.length / 2), testBars: Math.floor(times.length / 10) });
  });

  it('keeps what is said of a file, and takes a calendar by name', async () => {
    const bars = barsFile('semicolons.csv', ['X'], days(30, false), ';');
    const said = { bars, delimiter: 'semicolon', calendar: 'none' };
    const { value } = await initCommand(at('said.yml'), said);
    expect(loadExperiment(at('said.yml')).data).toMatchObject({ delimiter: 'semicolon', calendar: 'none' });
    expect(value).toMatchObject({ path: at('said.yml'), universe: ['X'], bars: 30 });
  });

  it('overwrites nothing, and names what it cannot read', async () => {
    writeFileSync(at('mine.yaml'), 'name: mine\n');
    await expect(initCommand(at('mine.yaml'), {})).rejects.toThrow(/mine\.yaml exists/);
    expect(readFileSync(at('mine.yaml'), 'utf8')).toBe('name: mine\n');
    await expect(initCommand(at('mine.txt'), {})).rejects.toThrow(/is no name of an experiment/);
    await expect(initCommand(at('new.yaml'), { bars: at('absent.csv') })).rejects.toThrow(/Cannot read/);
    await expect(initCommand(at('new.yaml'), { calendar: 'none' })).rejects.toThrow(/--calendar is of a file of bars/);
  });
});
