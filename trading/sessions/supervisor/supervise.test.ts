import { describe, expect, it } from 'vitest';
import { calendarNamed } from '../../../pipelines/calendars/calendar-named.ts';
import { ALWAYS, sessionHours, type HoursAt } from './session-hours.ts';
import { supervise, type RunEnd, type SuperviseEnd } from './supervise.ts';

const START_MS = Date.parse('2024-03-07T12:00:00Z');

/** What a run comes to, and after how long; null: it runs until it is stopped. */
type Fate = readonly [afterMs: number, end: RunEnd] | null;

/** A supervisor whose time passes only while it sleeps; runs have the fates in order, the last one again and again. */
async function supervised(
  fates: readonly Fate[],
  more: { readonly hours?: HoursAt; readonly restartsMax?: number; readonly stopAtMs?: number } = {},
): Promise<{ end: SuperviseEnd; said: string[]; starts: string[]; stops: string[] }> {
  let nowMs = START_MS;
  const [said, starts, stops]: string[][] = [[], [], []];
  const stop = new AbortController();
  const time = (): string => new Date(nowMs).toISOString().slice(5, 19);
  let due: { atMs: number; happen: () => void } | null = null;
  let run = 0;
  const end = await supervise({
    hours: more.hours ?? ALWAYS,
    restartsMax: more.restartsMax ?? 3,
    clock: () => nowMs,
    signal: stop.signal,
    say: (doing) => Promise.resolve(void said!.push(doing)),
    sleep: async (ms, signal) => {
      const untilMs = Math.min(nowMs + ms, due?.atMs ?? Infinity, more.stopAtMs ?? Infinity);
      nowMs = Math.max(nowMs, untilMs);
      if (nowMs >= (more.stopAtMs ?? Infinity)) stop.abort();
      if (due !== null && nowMs >= due.atMs) due.happen();
      // What has happened is heard of before the sleep is over.
      await new Promise((resolve) => setImmediate(resolve));
      if (signal?.aborted === true) throw signal.reason;
    },
    start: () => {
      starts!.push(time());
      const fate = fates[Math.min(run, fates.length - 1)]!;
      run += 1;
      let resolve!: (end: RunEnd) => void;
      const promise = new Promise<RunEnd>((settled) => (resolve = settled));
      const settle = (how: RunEnd): void => {
        due = null;
        resolve(how);
      };
      if (fate !== null) due = { atMs: nowMs + fate[0], happen: () => settle(fate[1]) };
      return {
        pid: run,
        ended: promise,
        stop: () => {
          stops!.push(time());
          due = { atMs: nowMs + 2_000, happen: () => settle({ code: 0, signal: null }) };
        },
        kill: () => settle({ code: null, signal: 'SIGKILL' }),
      };
    },
  });
  return { end, said: said!, starts: starts!, stops: stops! };
}

const died = (afterMs: number): Fate => [afterMs, { code: null, signal: 'SIGKILL' }];

describe('a supervisor', () => {
  it('starts a session that dies again, later each time, and says so', async () => {
    const ended: Fate = [60_000, { code: 0, signal: null }];
    const { end, said, starts } = await supervised([died(10_000), [10_000, { code: 1, signal: null }], ended]);
    expect(end).toEqual({ why: 'ended', restarts: 2 });
    expect(starts.map((one) => one.slice(6))).toEqual(['12:00:00', '12:00:11', '12:00:23']);
    expect(said).toContain('died by SIGKILL: starts again in 1 s (1 of 3 an hour)');
    expect(said).toContain('died with exit code 1: starts again in 2 s (2 of 3 an hour)');
  });

  it('gives up where it dies too often, and not where that is over hours', async () => {
    const often = await supervised([died(1_000)]);
    expect(often.end).toEqual({ why: 'gave-up', restarts: 3 });
    expect(often.said.at(-1)).toBe('gave up: it died by SIGKILL, 4 times within an hour');
    const seldom = await supervised([
      ...Array.from({ length: 20 }, () => died(1_500_000)),
      [1, { code: 0, signal: null }],
    ]);
    expect(seldom.end).toEqual({ why: 'ended', restarts: 20 });
  });

  it('does not ask again what was refused', async () => {
    const { end, starts } = await supervised([[100, { code: 2, signal: null }]]);
    expect({ end, starts: starts.length }).toEqual({ end: { why: 'refused', restarts: 0 }, starts: 1 });
  });

  it('stops its session and itself when it is told to, also while it waits', async () => {
    const running = await supervised([null], { stopAtMs: START_MS + 90_000 });
    expect(running).toMatchObject({ end: { why: 'stopped', restarts: 0 }, stops: ['03-07T12:01:30'] });
    const waiting = await supervised([died(1_000)], { stopAtMs: START_MS + 1_500 });
    expect(waiting).toMatchObject({ end: { why: 'stopped', restarts: 1 }, stops: [] });
  });

  it('opens and closes with the market, over a weekend in which the clocks change', async () => {
    const hours = sessionHours(calendarNamed('us-equities'));
    const { starts, stops, said } = await supervised([null], {
      hours,
      stopAtMs: Date.parse('2024-03-12T12:00:00Z'),
    });
    expect(starts).toEqual(['03-07T14:00:00', '03-08T14:00:00', '03-11T13:00:00']);
    expect(stops).toEqual(['03-07T21:30:00', '03-08T21:30:00', '03-11T20:30:00']);
    expect(said[0]).toBe('waits for the market until 2024-03-07T14:00:00.000Z');
  });

  it('knows half days, holidays, and markets that never close', () => {
    const hours = sessionHours(calendarNamed('us-equities'));
    const at = (iso: string): string => {
      const { open, untilMs } = hours(Date.parse(iso));
      return `${open ? 'open' : 'closed'} until ${new Date(untilMs).toISOString().slice(0, 16)}`;
    };
    expect(at('2024-07-03T17:29:00Z')).toBe('open until 2024-07-03T17:30');
    expect(at('2024-07-04T15:00:00Z')).toBe('closed until 2024-07-05T13:00');
    expect(sessionHours(calendarNamed('crypto'))(0)).toEqual({ open: true, untilMs: Infinity });
  });
});
