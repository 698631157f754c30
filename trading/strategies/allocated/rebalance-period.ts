import { bucketStartMs, DAY_MS } from '../../../features/timeframe.ts';
import type { Rebalanced } from './owned-strategy.ts';

/** A number that changes with the period that a close ends in, in UTC: days, weeks from Monday, months. */
export function periodOf(rebalanced: Rebalanced, closeTimeMs: number): number {
  // A bar that ends at midnight is of the day before.
  const insideMs = closeTimeMs - 1;
  if (rebalanced === 'daily') return bucketStartMs(insideMs, DAY_MS);
  if (rebalanced === 'weekly') return bucketStartMs(insideMs, 7 * DAY_MS);
  if (rebalanced === 'never') return 0;
  const day = new Date(insideMs);
  return 12 * day.getUTCFullYear() + day.getUTCMonth();
}
