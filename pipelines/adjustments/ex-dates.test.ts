import { describe, expect, it } from 'vitest';
import { computeFeatures } from '../../features/feature-matrix.ts';
import { parseFeatureSet } from '../../features/feature-set.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { isoDay, parseDay } from '../calendars/day.ts';
import { readBarsFile } from '../sources/files/bars-file.ts';
import { scratchFiles } from '../testing/scratch-files.ts';
import { fileActions } from './actions-of-universe.ts';
import { adjustBars } from './bar-adjuster.ts';
import { dateAction, exDateOf } from './corporate-action.ts';

const { file } = scratchFiles('ex-dates');
const none = calendarNamed('none');
const EX = parseDay('2021-06-30')!;

/** Fifty days around a split of two, stamped as `stampOf` writes the date. */
function daysFile(stampOf: (date: string) => string): string {
  const rows = Array.from({ length: 50 }, (_, i) => EX - 30 + i).map((day) => {
    const price = day < EX ? 96 : 48;
    return `${stampOf(isoDay(day))},${price},${price},${price},${price},100`;
  });
  return file(`time,open,high,low,close,volume\n${rows.join('\n')}\n`);
}

const utc = (hoursBefore: number) => (date: string) =>
  new Date(Date.parse(date) - hoursBefore * 3_600_000).toISOString();

describe('an ex-date of a market without a calendar', () => {
  it.each([
    ['dates', (date: string) => date],
    ['midnights of Paris', (date: string) => `${date} 00:00:00+02:00`],
    ['midnights of Tokyo', (date: string) => `${date} 00:00:00+09:00`],
    ['midnights of Paris in UTC', utc(2)],
    ['midnights of Tokyo in UTC', utc(9)],
    ['midnights of New York in UTC', utc(-4)],
    ['opens of New York in UTC', utc(-14.5)],
  ])('is the day that is meant where daily bars are stamped with %s', async (_, stampOf) => {
    const bars = await readBarsFile(daysFile(stampOf), { symbols: ['X'] });
    const path = file('symbol,type,exDate,ratio\nX,split,2021-06-30,2\n');
    const options = { calendar: none, mode: 'splits', timeframe: '1d' } as const;
    const [actions] = await fileActions(path, bars, options);
    const [changes] = computeFeatures(parseFeatureSet('return(close,1)', { timeframe: '1d', symbols: ['X'] }), [
      adjustBars(bars[0]!, actions!),
    ]);
    expect([...changes!.values].slice(1)).toEqual(new Array(49).fill(0));
    expect(exDateOf(actions![0]!)).toBe('2021-06-30');
  });

  it('begins at midnight of UTC within a day, and at that of New York where its calendar says so', () => {
    const split = { kind: 'split', exDay: EX, value: 2, knownAtMs: null } as const;
    expect(new Date(dateAction(split, none, '1h').effectiveMs).toISOString()).toBe('2021-06-30T00:00:00.000Z');
    const shares = dateAction(split, calendarNamed('us-equities'), '1d');
    expect(new Date(shares.effectiveMs).toISOString()).toBe('2021-06-30T04:00:00.000Z');
    expect(exDateOf(shares)).toBe('2021-06-30');
  });
});
