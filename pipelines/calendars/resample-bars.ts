import { createBarColumns, sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import type { Timeframe } from '../../features/timeframe.ts';
import { timeframeMs } from '../../features/timeframe.ts';
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

/**
 * Joins bars into longer ones by the trading hours of `calendar`: first open, highest high, lowest low, last close,
 * summed volume. Bars outside trading hours are left out. A last bar that its source bars do not reach the end of is
 * not closed yet and is left out too, unless it ends by `completeUntilMs`: until then nothing more can come. Source
 * bars must not be longer than `timeframe`.
 */
export function resampleBars(
  bars: BarColumns,
  timeframe: Timeframe,
  calendar: Calendar,
  completeUntilMs = -Infinity,
): BarColumns {
  const out = createBarColumns(bars.symbol, bars.length);
  let count = 0;
  let slotEndMs = -Infinity;
  let lastCloseMs = -Infinity;
  for (let i = 0; i < bars.length; i++) {
    const openTimeMs = bars.openTimeMs[i]!;
    if (openTimeMs >= slotEndMs) {
      const slot = slotAt(calendar, timeframe, openTimeMs);
      if (slot === undefined) continue;
      slotEndMs = slot.closeTimeMs;
      out.openTimeMs[count] = slot.openTimeMs;
      out.closeTimeMs[count] = slot.closeTimeMs;
      out.open[count] = bars.open[i]!;
      out.high[count] = bars.high[i]!;
      out.low[count] = bars.low[i]!;
      count++;
    }
    const at = count - 1;
    out.high[at] = Math.max(out.high[at]!, bars.high[i]!);
    out.low[at] = Math.min(out.low[at]!, bars.low[i]!);
    out.close[at] = bars.close[i]!;
    out.volume[at] = out.volume[at]! + bars.volume[i]!;
    lastCloseMs = bars.closeTimeMs[i]!;
  }
  const open = lastCloseMs < slotEndMs && slotEndMs > completeUntilMs;
  return sliceBarColumns(out, 0, open ? count - 1 : count);
}
