import { expect, it } from 'vitest';
import { OrderRate } from './order-rate.ts';

it('counts the orders of a window, and none that a clock noted which was put back by more than that since', () => {
  const rate = new OrderRate(2, 60_000);
  expect(rate.isReached(0)).toBe(false);
  rate.note(3_600_000);
  rate.note(3_601_000);
  expect(rate.isReached(3_602_000)).toBe(true);
  expect(rate.isReached(3_660_000)).toBe(false);
  // By a few seconds it counts for a few seconds longer.
  expect(rate.isReached(3_595_000)).toBe(true);
  expect(rate.isReached(2_000)).toBe(false);
  rate.note(2_000);
  rate.note(3_000);
  expect(rate.isReached(4_000)).toBe(true);
});
