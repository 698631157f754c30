import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MINUTE_MS } from '../../../features/timeframe.ts';
import { createRequestTurns } from './request-turns.ts';

const START_MS = Date.UTC(2024, 0, 1);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START_MS });
});
afterEach(() => vi.useRealTimers());

async function sleep(milliseconds: number): Promise<void> {
  vi.setSystemTime(Date.now() + Math.ceil(milliseconds));
}

/** When each of `arrivals` (milliseconds from the start, ascending) got its turn. */
async function turnsOf(perMinute: number, arrivals: readonly number[]): Promise<number[]> {
  vi.setSystemTime(START_MS);
  const take = createRequestTurns({ name: 'fake', perMinute, sleep });
  const times: number[] = [];
  for (const arrival of arrivals) {
    vi.setSystemTime(Math.max(Date.now(), START_MS + arrival));
    await take();
    times.push(Date.now() - START_MS);
  }
  return times;
}

/** The most turns within any `lengthMs`. */
function mostWithin(times: readonly number[], lengthMs: number): number {
  let from = 0;
  return times.reduce((most, time, to) => {
    while (times[from]! <= time - lengthMs) from++;
    return Math.max(most, to - from + 1);
  }, 0);
}

describe('turns to send a request', () => {
  it('cannot burst where one minute ends and the next begins', async () => {
    const arrivals = [0, ...Array.from({ length: 199 }, () => 59_000), ...Array.from({ length: 200 }, () => 61_000)];
    const times = await turnsOf(200, arrivals);
    expect(mostWithin(times, MINUTE_MS)).toBeLessThanOrEqual(200);
    expect(mostWithin(times, 2000)).toBeLessThanOrEqual(10);
  });

  it('never exceed the limit in any minute, whatever the limit and the arrivals', async () => {
    const property = fc.asyncProperty(
      fc.integer({ min: 1, max: 400 }),
      fc.array(fc.nat(30_000), { minLength: 1, maxLength: 300 }),
      async (perMinute, gaps) => {
        let at = 0;
        const arrivals = gaps.map((gap) => (at += gap % 7 === 0 ? gap : gap % 50));
        const times = await turnsOf(perMinute, arrivals);
        expect(mostWithin(times, MINUTE_MS)).toBeLessThanOrEqual(perMinute);
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });

  it('use the whole limit when there is work, and the first ones at once', async () => {
    for (const perMinute of [1, 5, 200, 1200]) {
      const count = perMinute * 3;
      const times = await turnsOf(
        perMinute,
        Array.from({ length: count }, () => 0),
      );
      expect(times[Math.min(perMinute, 10) - 1]).toBe(0);
      // A little more than the bare minutes: waits are whole milliseconds.
      expect(times.at(-1)!).toBeLessThanOrEqual(3.1 * MINUTE_MS);
    }
  });

  it('stops waiting when the caller says so', async () => {
    const reason = new Error('stopped');
    const abortable = async (_milliseconds: number, signal?: AbortSignal): Promise<void> => signal?.throwIfAborted();
    const take = createRequestTurns({ name: 'fake', perMinute: 1, sleep: abortable });
    await take();
    await expect(take(AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
