import type { DeskOptions } from '../desk-options.ts';
import type { TrackedOrder } from '../tracked-order.ts';

/** Ends what is ours to end: an order whose time is over, and the rest of an entry that keeps its exits waiting. */
export function endWhatIsDue(
  tracked: TrackedOrder,
  nowMs: number,
  { awaits, patience, note }: Pick<DeskOptions, 'awaits' | 'patience' | 'note'>,
): void {
  const conditions = tracked.order.terms?.conditions ?? null;
  if (conditions?.tif === 'gtd' && nowMs >= conditions.expiresMs) tracked.cancelWanted = true;
  // The first part of an entry has no stop while what is left of it works and its exits wait for its end.
  if (tracked.cancelWanted || tracked.executed === 0 || !awaits(tracked.sequence)) return;
  tracked.partMs = Math.min(tracked.partMs, nowMs);
  if (nowMs - tracked.partMs < patience.armWithinMs) return;
  tracked.cancelWanted = true;
  note(`order ${tracked.sequence} was filled in part: its rest is cancelled, so that its exits can be placed`);
}
