import { describe, expect, it } from 'vitest';
import type { Bar } from '../../../features/bar.ts';
import { DAY_MS } from '../../../features/timeframe.ts';
import type { DatedAction } from '../../../pipelines/adjustments/corporate-action.ts';
import { calendarNamed } from '../../../pipelines/calendars/calendar-named.ts';
import { LiveActions, type LiveActionsOptions } from './live-actions.ts';

/** A day as `day` counts them, at one price. */
const barOf = (day: number, price: number): Bar => ({
  openTimeMs: day * DAY_MS,
  closeTimeMs: (day + 1) * DAY_MS,
  open: price,
  high: price,
  low: price,
  close: price,
  volume: 1,
});
const closeOf = (day: number, price: number) => ({
  closeTimeMs: (day + 1) * DAY_MS,
  bars: [{ symbol: 0, bar: barOf(day, price) }],
});
const actionOf = (kind: DatedAction['kind'], day: number, value: number): DatedAction => ({
  kind,
  value,
  effectiveMs: day * DAY_MS,
  knownAtMs: day * DAY_MS,
});

/** A session of one symbol whose history ends with day 10 at a price of 100. */
function session(changes: Partial<LiveActionsOptions> = {}) {
  const record: DatedAction[] = [];
  const notes: string[] = [];
  const asked: boolean[] = [];
  const actions = new LiveActions({
    symbols: ['AAA'],
    shares: [true],
    calendar: calendarNamed('none'),
    historyMs: [10 * DAY_MS],
    adjust: 'splits-and-dividends',
    trustActions: false,
    realJumps: false,
    recorded: (again) => {
      asked.push(again);
      return Promise.resolve([record]);
    },
    note: (text) => notes.push(text),
    ...changes,
  });
  actions.observe(closeOf(10, 100));
  /** Gives the session a day as a live close. */
  const day = async (at: number, price: number): Promise<DatedAction[]> => {
    const closed = closeOf(at, price);
    const found = await actions.before(closed);
    actions.observe({ ...closed, actions: found });
    return found.map(({ action }) => action);
  };
  return { actions, record, notes, asked, day };
}

describe('splits and dividends of a session that runs', () => {
  it('are handed out once, with the first bar on the ex-date, and again to nobody', async () => {
    const { record, day } = session();
    const [split, dividend] = [actionOf('split', 12, 4), actionOf('dividend', 12, 1)];
    record.push(actionOf('split', 10, 7), split, dividend, actionOf('split', 20, 2));
    expect(await day(11, 100)).toEqual([]);
    expect(await day(12, 25)).toEqual([split, dividend]);
    expect(await day(13, 25)).toEqual([]);
  });

  it('are known before their bar to whoever asks, from the day before, splits alone and only while they are due', async () => {
    const { actions, record, day } = session();
    const split = actionOf('split', 12, 4);
    record.push(actionOf('split', 10, 7), split, actionOf('dividend', 12, 1), actionOf('split', 20, 2));
    await day(11, 100);
    expect(await actions.dueSplits(10.5 * DAY_MS)).toEqual([]);
    expect(await actions.dueSplits(11.5 * DAY_MS)).toEqual([{ symbol: 0, action: split }]);
    expect(await actions.dueSplits(12.1 * DAY_MS)).toEqual([{ symbol: 0, action: split }]);
    await day(12, 25);
    expect(await actions.dueSplits(12.9 * DAY_MS)).toEqual([]);
  });

  it('wait for a bar of their symbol', async () => {
    const { record, day } = session();
    record.push(actionOf('split', 12, 4));
    expect(await day(15, 25)).toEqual([record[0]]);
  });

  it('that were given before a restart are not given again', async () => {
    const { actions, record, day } = session();
    record.push(actionOf('split', 11, 4));
    actions.observe({ ...closeOf(11, 25), actions: [{ symbol: 0, action: record[0]! }] });
    expect(await day(12, 25)).toEqual([]);
  });
});

describe('a split that becomes known too late', () => {
  it('ends the session in words', async () => {
    const { record, day } = session({ shares: [false] });
    await day(11, 100);
    await day(12, 80);
    record.push(actionOf('split', 12, 1.25));
    await expect(day(13, 80)).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(/AAA: the split of 1.25 on 1970-01-13 became known only after bars/) as string,
      remedy: expect.stringContaining('--session ID') as string,
    });
  });

  it('ends it also where it was taken for another ratio', async () => {
    const { record, day } = session();
    record.push(actionOf('split', 11, 4));
    await day(11, 25);
    record[0] = actionOf('split', 11, 5);
    await expect(day(12, 25)).rejects.toThrow(/the split of 5 .* was taken for one of 4/);
  });

  it('of cash is said once and left out', async () => {
    const { record, notes, day } = session();
    await day(11, 100);
    record.push(actionOf('dividend', 11, 2));
    expect(await day(12, 98)).toEqual([]);
    await day(13, 98);
    expect(notes).toEqual([expect.stringMatching(/AAA: the dividend of 2 on 1970-01-12 .* leaves the difference out/)]);
  });
});

describe('a jump of the size of a split', () => {
  it('with none on record asks again, and ends the session before that bar', async () => {
    const { record, asked, day } = session();
    await day(11, 100);
    for (const price of [25.6, 24.1, 50, 1000]) await expect(day(12, price)).rejects.toThrow(/as after a .* split/);
    expect(asked.slice(1, 3)).toEqual([false, true]);
    // Put on record, it goes on with that bar.
    record.push(actionOf('split', 12, 4));
    expect(await day(12, 25.6)).toEqual(record);
  });

  it('is taken where asking again finds the split', async () => {
    const split = actionOf('split', 11, 4);
    const { day } = session({ recorded: (again) => Promise.resolve([again ? [split] : []]) });
    expect(await day(11, 25)).toEqual([split]);
  });

  it('is a move of the price where the operator says so, within a day, and of what is no share', async () => {
    expect(await session({ realJumps: true }).day(11, 25)).toEqual([]);
    expect(await session({ shares: [false] }).day(11, 25)).toEqual([]);
    const hour = session();
    const closed = {
      closeTimeMs: 1,
      bars: [{ symbol: 0, bar: { ...barOf(10, 25), openTimeMs: 10 * DAY_MS + 3_600_000 } }],
    };
    expect(await hour.actions.before(closed)).toEqual([]);
    expect(await session().day(11, 70)).toEqual([]);
  });

  it('names what to do under raw prices', async () => {
    await expect(session({ adjust: 'raw' }).day(11, 25)).rejects.toMatchObject({
      remedy: expect.stringContaining('data.adjust is raw') as string,
    });
  });

  it('that does not show where a split is on record ends the session too, unless actions are trusted', async () => {
    const hidden = session();
    hidden.record.push(actionOf('split', 11, 4));
    await expect(hidden.day(11, 101)).rejects.toThrow(/the split of 4 on record does not show/);
    const trusted = session({ trustActions: true });
    trusted.record.push(actionOf('split', 11, 4));
    expect(await trusted.day(11, 101)).toHaveLength(1);
  });
});
