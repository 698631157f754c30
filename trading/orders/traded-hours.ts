import type { ExecutionRule } from '../../models/experiment/execution/execution-schema.ts';
import type { ExtendedHours } from '../../pipelines/calendars/extended-hours.ts';
import { MINUTE_MS } from '../../features/timeframe.ts';
import { refused, type RefusedOrder } from './approved-order.ts';
import type { OrderTerms } from './order-terms.ts';

/** How a market order is bounded outside the regular hours. */
export type ExtendedBound = Readonly<Pick<ExecutionRule & { kind: 'chase' }, 'maxSlippageBps' | 'withinMinutes'>>;

/**
 * An order that works outside the regular hours, too, where a market has such: a limit by itself. What protects a
 * position, what hangs together with others, and what is to be done at once or in an auction does not.
 */
export function worksExtended(terms: OrderTerms | null): boolean {
  if (terms === null || terms.type !== 'limit' || terms.role !== 'order' || terms.group !== 0) return false;
  const { tif, postOnly } = terms.conditions ?? { tif: 'gtc', postOnly: false };
  return !postOnly && (tif === 'gtc' || tif === 'day' || tif === 'gtd');
}

/** Why an order is not taken at `timeMs`: outside the regular hours none is executed at once. Null where it is. */
export function hoursBreach(
  hours: ExtendedHours | undefined,
  timeMs: number,
  terms: OrderTerms | null,
): RefusedOrder | null {
  if (hours === undefined || hours.isRegular(timeMs)) return null;
  const tif = terms?.conditions?.tif ?? 'gtc';
  if (tif === 'on-open' || tif === 'on-close') return null;
  if (terms === null || terms.type === 'market') {
    return refused(hours.isOpen(timeMs) ? 'extended-hours-market' : 'extended-hours-shut');
  }
  return tif === 'ioc' || tif === 'fok' ? refused('extended-hours-at-once') : null;
}

/**
 * How an order that would take the next price is executed at `timeMs` instead: outside the regular hours by a limit
 * that follows the market up to its bound, until the open at the latest. Null where there is no bound, or no need.
 */
export function boundedRule(
  hours: ExtendedHours | undefined,
  timeMs: number,
  bound: ExtendedBound | undefined,
): ExecutionRule | null {
  if (hours === undefined || bound === undefined || hours.isRegular(timeMs) || !hours.isOpen(timeMs)) return null;
  const { maxSlippageBps, withinMinutes } = bound;
  const untilOpen = (hours.opensMs(timeMs) - timeMs) / MINUTE_MS;
  return { kind: 'chase', maxSlippageBps, withinMinutes: Math.min(withinMinutes, untilOpen) };
}

/** Children of such a rule are limits that rest: it goes on outside the regular hours. */
export function isBounded({ kind, maxSlippageBps }: ExecutionRule): boolean {
  return kind !== 'maker' && maxSlippageBps !== undefined;
}
