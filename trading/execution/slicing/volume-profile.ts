import type { BarView } from '../../bar-view.ts';
import { sliceTimes } from './slice-schedule.ts';

/** Closed bars, of which the newest is the last that anybody may know of. */
type ClosedBars = Pick<BarView, 'length' | 'openTimeMs' | 'closeTimeMs' | 'volume'>;

interface ProfileOptions {
  /** Trading day of a close: any number that changes with the day. */
  readonly dayOf: (closeTimeMs: number) => number;
  /** Days that are looked back upon, at the most. */
  readonly profileDays: number;
}

/** Part of a bar that lies within a span, as a share of the bar. */
function overlap(bar: readonly [number, number], span: readonly [number, number]): number {
  const shared = Math.min(bar[1], span[1]) - Math.max(bar[0], span[0]);
  return shared <= 0 ? 0 : shared / (bar[1] - bar[0]);
}

/** First bars, as bars ago, of the trading days before the newest bar's, the newest day first. */
function pastDays(bars: ClosedBars, { dayOf, profileDays }: ProfileOptions): number[] {
  const firsts: number[] = [];
  let ago = 0;
  const today = dayOf(bars.closeTimeMs(0));
  while (ago < bars.length && dayOf(bars.closeTimeMs(ago)) === today) ago += 1;
  while (ago < bars.length && firsts.length < profileDays) {
    const day = dayOf(bars.closeTimeMs(ago));
    while (ago < bars.length && dayOf(bars.closeTimeMs(ago)) === day) ago += 1;
    // The oldest day may have begun before the first bar that is known.
    if (ago < bars.length) firsts.push(ago - 1);
  }
  return firsts;
}

/** Opening of the newest bar's trading day. */
function dayStartMs(bars: ClosedBars, { dayOf }: ProfileOptions): number {
  let ago = 0;
  const today = dayOf(bars.closeTimeMs(0));
  while (ago + 1 < bars.length && dayOf(bars.closeTimeMs(ago + 1)) === today) ago += 1;
  return bars.openTimeMs(ago);
}

/** Volume within each slice, by the bars from `first` bars ago on; null where not all of them have closed yet. */
function volumesIn(
  bars: ClosedBars,
  first: number,
  slices: readonly (readonly [fromMs: number, toMs: number])[],
): number[] | null {
  const endMs = slices.at(-1)![1];
  if (endMs > bars.closeTimeMs(0)) return null;
  const volumes = slices.map(() => 0);
  for (let ago = first; ago >= 0 && bars.openTimeMs(ago) < endMs; ago--) {
    const bar = [bars.openTimeMs(ago), bars.closeTimeMs(ago)] as const;
    slices.forEach((slice, at) => (volumes[at]! += overlap(bar, slice) * bars.volume(ago)));
  }
  return volumes;
}

/**
 * Shares of an order by slice, as the volume of past trading days was spread over the same part of the day: each day's
 * volume within a slice, as a share of that day's within all of them, averaged over the days (Johnson, "Algorithmic
 * Trading & DMA", 2010, chapter 5: the historical volume profile of VWAP). The part of the day is the time since its
 * first bar opened, so that a change of the clocks moves nothing. Only days before that of the newest bar count, and
 * of them bars that have closed.
 * @returns shares that add up to 1; null where no past day has volume there
 */
export function volumeShares(
  bars: ClosedBars,
  span: { readonly slices: number; readonly withinMinutes: number; readonly startMs: number },
  options: ProfileOptions,
): number[] | null {
  if (bars.length === 0) return null;
  const offsetMs = span.startMs - dayStartMs(bars, options);
  const sums = new Array<number>(span.slices).fill(0);
  let days = 0;
  for (const first of pastDays(bars, options)) {
    const volumes = volumesIn(bars, first, sliceTimes(span, bars.openTimeMs(first) + offsetMs));
    const total = volumes?.reduce((sum, one) => sum + one, 0) ?? 0;
    if (volumes === null || !(total > 0 && total < Infinity)) continue;
    volumes.forEach((one, at) => (sums[at]! += one / total));
    days += 1;
  }
  return days === 0 ? null : sums.map((sum) => sum / days);
}
