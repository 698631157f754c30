import { MINUTE_MS } from '../../../features/timeframe.ts';
import type { ParentOrder } from './parent-order.ts';

/** Parts of a time over which slices are spread. */
interface Span {
  readonly slices: number;
  readonly withinMinutes: number;
}

/** Milliseconds from one slice to the next. */
function intervalMs({ slices, withinMinutes }: Span): number {
  return (withinMinutes * MINUTE_MS) / slices;
}

/** Slices that are due at `timeMs`, from the start on: the first at once, the last one interval before the end. */
function slicesDue(span: Span, startMs: number, timeMs: number): number {
  const passed = Math.floor((timeMs - startMs) / intervalMs(span)) + 1;
  return Math.min(span.slices, Math.max(0, passed));
}

/** Share of the whole that is due once `due` slices are. */
function shareDue(due: number, slices: number, weights: readonly number[] | null): number {
  if (due >= slices) return 1;
  if (weights === null) return due / slices;
  let sum = 0;
  for (let slice = 0; slice < due; slice++) sum += weights[slice]!;
  return sum;
}

/**
 * Units of a parent that are due by `timeMs`, of those that have been executed too, not yet on the lot. TWAP: equal
 * slices at equal times. VWAP: slices at equal times, sized by the volume that its profile expects in each.
 * Participation (POV): a share of the volume that was traded since the start. After Johnson, "Algorithmic Trading &
 * DMA" (2010), chapter 5.
 */
export function unitsDue({ rule, units, startMs, weights, volume }: ParentOrder, timeMs: number): number {
  if (rule.kind === 'participation') return Math.min(units, rule.share * volume);
  if (rule.kind !== 'twap' && rule.kind !== 'vwap') return units;
  return units * shareDue(slicesDue(rule, startMs, timeMs), rule.slices, weights);
}

/** When a parent's time is over, in ms; Infinity where it has no such time. */
export function endMs({ rule, startMs }: Pick<ParentOrder, 'rule' | 'startMs'>): number {
  const minutes = rule.kind === 'maker' ? Infinity : (rule.withinMinutes ?? Infinity);
  return startMs + minutes * MINUTE_MS;
}

/**
 * The next moment after `timeMs` at which a parent is to be looked at, though nothing else happens; Infinity for none.
 */
export function wakeMs(parent: ParentOrder, timeMs: number): number {
  const { rule, startMs } = parent;
  const later = (candidates: readonly number[]): number =>
    candidates.reduce((least, one) => (one > timeMs && one < least ? one : least), Infinity);
  if (rule.kind === 'twap' || rule.kind === 'vwap') {
    const due = slicesDue(rule, startMs, timeMs);
    return later([startMs + due * intervalMs(rule), endMs(parent)]);
  }
  if (rule.kind === 'participation') return later([endMs(parent)]);
  const again = Math.max(timeMs, parent.triedMs) + (rule.everySeconds ?? 60) * 1_000;
  const urgent = rule.kind === 'maker' ? startMs + rule.takerAfterMinutes * MINUTE_MS : endMs(parent);
  return later([again, urgent]);
}

/** Start and end of each slice, for a profile to be laid over. */
export function sliceTimes(span: Span, startMs: number): readonly (readonly [fromMs: number, toMs: number])[] {
  const step = intervalMs(span);
  return Array.from({ length: span.slices }, (_, slice) => [startMs + slice * step, startMs + (slice + 1) * step]);
}
