import { createBarColumns, sliceBarColumns, type Bar, type BarColumns } from '../bar.ts';
import { BarCursor } from '../bar-cursor.ts';
import { Resampler, type MarketHours } from '../timeframe.ts';

const BAR_FIELDS = ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const;

/** The bars of a longer timeframe, and how many of them were closed at each bar that they are made of. */
export interface LongerBars {
  readonly bars: BarColumns;
  readonly closedAt: Int32Array;
}

/** Closed bars of `spanMs` made of shorter ones. The first is not whole where `bars` begin within it. */
export function longerBars(bars: BarColumns, spanMs: number, hours: MarketHours | null): LongerBars {
  const longer = createBarColumns(bars.symbol, bars.length + 1);
  const closedAt = new Int32Array(bars.length);
  const resampler = new Resampler(spanMs, hours);
  const cursor = new BarCursor(bars);
  let count = 0;
  const keep = (bar: Bar): void => {
    for (const field of BAR_FIELDS) longer[field][count] = bar[field];
    count += 1;
  };
  for (let i = 0; i < bars.length; i++) {
    resampler.push(cursor.moveTo(i), keep);
    closedAt[i] = count;
  }
  return { bars: sliceBarColumns(longer, 0, count), closedAt };
}
