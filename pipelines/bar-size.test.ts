import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../features/timeframe.ts';
import { dialectFiles, HEADER } from './dialects/testing/dialect-files.ts';

const { read, refusal } = dialectFiles('bar-size');

describe('the size of bars', () => {
  const every = (step: number, length: number, start = Date.UTC(2024, 0, 1)): number[] =>
    Array.from({ length }, (_, i) => start + i * step);
  const text = (times: readonly number[], symbol?: string): string =>
    times.map((time) => `${symbol === undefined ? '' : `${symbol},`}${time},1,1,1,1,1`).join('\n');

  it('names what can be made of bars, and nothing shorter', async () => {
    const remedy = async (step: number): Promise<string> => (await refusal(HEADER + text(every(step, 40)))).remedy;
    expect(await remedy(2 * HOUR_MS)).toMatch(/resample the file to 4h or 1d\./);
    expect(await remedy(3 * MINUTE_MS)).toMatch(/resample the file to 15m or 30m or 1h or 4h or 1d\./);
    expect(await remedy(7 * DAY_MS)).toMatch(/give a file of finer bars\./);
  });

  it.each<[string, number[], RegExp]>([
    ['two hours', every(2 * HOUR_MS, 40), /bars are 2h apart, and there are no bars of 2h/],
    ['three minutes', every(3 * MINUTE_MS, 40), /bars are 3m apart/],
    ['three days', every(3 * DAY_MS, 40), /bars are 3d apart/],
    ['a week', every(7 * DAY_MS, 40), /bars are 1 week apart/],
    ['two sizes', [...every(DAY_MS, 30), ...every(HOUR_MS, 30, Date.UTC(2024, 0, 31))], /not of one size/],
    [
      'two sizes, the finer first',
      [...every(HOUR_MS, 48), ...every(DAY_MS, 30, Date.UTC(2024, 0, 3))],
      /not of one size: most are 1h apart, and from 2024-01-0/,
    ],
    [
      'a short first bar each day',
      every(DAY_MS, 10).flatMap((day) => [9.5, 10, 11, 12, 13, 14].map((hour) => day + hour * HOUR_MS)),
      /not of one size/,
    ],
    [
      'several odd rows',
      every(HOUR_MS, 100).flatMap((time, i) => (i % 10 === 5 ? [time, time + 17 * MINUTE_MS] : [time])),
      /not of one size/,
    ],
  ])('is refused where it is %s', async (_what, times, message) => {
    expect((await refusal(HEADER + text(times))).message).toMatch(message);
  });

  it('is that of nearly all rows, and the odd one is named', async () => {
    const times = every(HOUR_MS, 100).toSpliced(51, 0, Date.UTC(2024, 0, 3, 2, 17));
    const { message } = await refusal(HEADER + text(times));
    expect(message).toMatch(/line 53: time 2024-01-03T02:17:00.000Z lies between the 1h bars that nearly all/);
    const daily = [...every(DAY_MS, 20), Date.UTC(2024, 0, 22, 20, 59, 58)];
    expect((await refusal(HEADER + text(daily))).message).toMatch(
      /line 22: time 2024-01-22T20:59:58.000Z lies between the 1d bars/,
    );
  });

  it('survives holes', async () => {
    const holed = every(MINUTE_MS, 400).filter((_, i) => (i * i) % 7 !== 3);
    expect((await read(HEADER + text(holed))).timeframe).toBe('1m');
    const weekdays = every(DAY_MS, 60).filter((time) => ![0, 6].includes(new Date(time).getUTCDay()));
    expect((await read(HEADER + text(weekdays))).timeframe).toBe('1d');
  });

  it('is one of all symbols', async () => {
    const mixed = `symbol,${HEADER}${text(every(HOUR_MS, 40), 'A')}\n${text(every(4 * HOUR_MS, 40), 'B')}`;
    expect((await refusal(mixed)).message).toMatch(/bars of A are 1h and bars of B 4h/);
    const few = `symbol,${HEADER}${text(every(HOUR_MS, 40), 'A')}\n${text(every(4 * HOUR_MS, 3), 'B')}`;
    expect((await read(few)).timeframe).toBe('1h');
  });

  it('is never rounded down because somebody asks for it', async () => {
    const message = (await refusal(HEADER + text(every(2 * HOUR_MS, 40)), { timeframe: '1h' })).message;
    expect(message).toMatch(/are 2h apart, and 1h was asked for/);
    expect((await read(HEADER + text(every(2 * HOUR_MS, 5)), { timeframe: '1h' })).timeframe).toBe('1h');
  });

  it('says how many days a year has', async () => {
    expect((await read(HEADER + text(every(HOUR_MS, 400)))).taken.daysPerYear).toBe(365);
    const weekdays = every(DAY_MS, 60).filter((time) => ![0, 6].includes(new Date(time).getUTCDay()));
    expect((await read(HEADER + text(weekdays))).taken.daysPerYear).toBe(252);
  });
});
