import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { systemFeedClock } from './feed-clock.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

// A machine's timers count 24.8 days.
it.each([1, 24, 25, 60, 400])('calls back after %i days, and not before', (days) => {
  const called = vi.fn();
  systemFeedClock.after(days * DAY_MS, called);
  vi.advanceTimersByTime(days * DAY_MS - 1);
  expect(called).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(called).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(500 * DAY_MS);
  expect(called).toHaveBeenCalledTimes(1);
});

it('is called off in any of its parts', () => {
  const called = vi.fn();
  const callOff = systemFeedClock.after(60 * DAY_MS, called);
  vi.advanceTimersByTime(30 * DAY_MS);
  callOff();
  vi.advanceTimersByTime(60 * DAY_MS);
  expect(called).not.toHaveBeenCalled();
});
