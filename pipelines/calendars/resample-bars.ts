import { createBarColumns, sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import type { Timeframe } from '../../features/timeframe.ts';
import { timeframeMs } from '../../features/timeframe.ts';
import { InputError } from '../../infra/errors.ts';
import type { Calendar, TradingHours } from './calendar.ts';

/**
 * The longer bar that a moment belongs to: slots of `timeframe` from the market's open, the last one cut at its close;
 * the whole day for `1d`. Undefined outside trading hours.
 */
export function slotAt(calendar: Calendar, timeframe: Timeframe, timeMs: number): TradingHours | undefined {
  const hours = calendar.hoursOf(calendar.dayAt(timeMs));
  if (hours === undefined || timeMs < hours.openTimeMs || timeMs >= hours.closeTimeMs) return undefined;
  if (timeframe === '1d') return hours;
  const length = timeframeMs(timeframe);
  const openTimeMs = hours.openTimeMs + Math.floor((timeMs - hours.openTimeMs) / length) * length;
  return { openTimeMs, closeTimeMs: Math.min(openTimeMs + length, hours.closeTimeMs) };
}

/** Like `slotAt`, of a whole bar: one that begins before the market opens belongs to the slot of the open. */
function slotOf(
  calendar: Calendar,
  timeframe: Timeframe,
  openTimeMs: number,
  closeTimeMs: number,
): TradingHours | undefined {
  const own = slotAt(calendar, timeframe, openTimeMs);
  if (own !== undefined) return own;
  const hours = calendar.hoursOf(calendar.dayAt(closeTimeMs - 1));
  if (hours === undefined || openTimeMs >= hours.openTimeMs || closeTimeMs <= hours.openTimeMs) return undefined;
  return slotAt(calendar, timeframe, hours.openTimeMs);
}

/** Until when the source is known to be whole. */
export interface Completeness {
  /** Every bar that there is from here on was asked for; without it a series begins with its first bar. */
  readonly fromMs?: number;
  /** Nothing more can come that opens before this; without it a series ends with its last bar. */
  readonly untilMs?: number;
}

/**
 * Joins bars into longer ones by the trading hours of `calendar`: first open, highest high, lowest low, last close,
 * summed volume. Bars outside trading hours are left out, and what one that spans the open holds of the time before it
 * cannot be told from the rest. A first bar whose source bars do not begin with it, and a last one that they do not
 * reach the end of, are parts and left out too, unless `whole` says that nothing is missing. Source bars must not be
 * longer than `timeframe`. Throws InputError for one that goes on after the end of the longer bar it belongs to: it
 * would be known there before it had closed.
 */
export function resampleBars(
  bars: BarColumns,
  timeframe: Timeframe,
  calendar: Calendar,
  { fromMs = Infinity, untilMs = -Infinity }: Completeness = {},
): BarColumns {
  const out = createBarColumns(bars.symbol, bars.length);
  let count = 0;
  let slotEndMs = -Infinity;
  let lastCloseMs = -Infinity;
  let firstOpenMs = NaN;
  for (let i = 0; i < bars.length; i++) {
    const openTimeMs = bars.openTimeMs[i]!;
    if (openTimeMs >= slotEndMs) {
      const slot = slotOf(calendar, timeframe, openTimeMs, bars.closeTimeMs[i]!);
      if (slot === undefined) continue;
      if (count === 0) firstOpenMs = openTimeMs;
      slotEndMs = slot.closeTimeMs;
      out.openTimeMs[count] = slot.openTimeMs;
      out.closeTimeMs[count] = slot.closeTimeMs;
      out.open[count] = bars.open[i]!;
      out.high[count] = bars.high[i]!;
      out.low[count] = bars.low[i]!;
      count++;
    }
    lastCloseMs = bars.closeTimeMs[i]!;
    if (lastCloseMs > slotEndMs) throw crossing(bars, i, timeframe, slotEndMs);
    const at = count - 1;
    out.high[at] = Math.max(out.high[at]!, bars.high[i]!);
    out.low[at] = Math.min(out.low[at]!, bars.low[i]!);
    out.close[at] = bars.close[i]!;
    out.volume[at] = out.volume[at]! + bars.volume[i]!;
  }
  const isPart = firstOpenMs > out.openTimeMs[0]! && out.openTimeMs[0]! < fromMs;
  const isOpen = lastCloseMs < slotEndMs && slotEndMs > untilMs;
  return sliceBarColumns(out, isPart ? 1 : 0, isOpen ? count - 1 : count);
}

function crossing(
  { symbol, openTimeMs, closeTimeMs }: BarColumns,
  row: number,
  size: string,
  endMs: number,
): InputError {
  const iso = (timeMs: number): string => new Date(timeMs).toISOString();
  return new InputError(
    `${symbol}: the bar from ${iso(openTimeMs[row]!)} to ${iso(closeTimeMs[row]!)} goes on after a ${size} bar ends at ${iso(endMs)}: joined, it would be known before it closed.`,
    'Give finer bars, or bars that begin with the hours of the calendar; or take them in the size they have.',
  );
}
