import type { Bar, BarColumns } from './bar.ts';

/** The series that a bar carries and that a feature may be computed from. */
export type SeriesName = 'open' | 'high' | 'low' | 'close' | 'volume' | 'hl2' | 'hlc3' | 'ohlc4';

export const SERIES_NAMES: readonly SeriesName[] = ['open', 'high', 'low', 'close', 'volume', 'hl2', 'hlc3', 'ohlc4'];

/** The value of `name` in one bar. */
export function seriesOf(bar: Bar, name: SeriesName): number {
  switch (name) {
    case 'hl2':
      return (bar.high + bar.low) / 2;
    case 'hlc3':
      return (bar.high + bar.low + bar.close) / 3;
    case 'ohlc4':
      return (bar.open + bar.high + bar.low + bar.close) / 4;
    case 'open':
    case 'high':
    case 'low':
    case 'close':
    case 'volume':
      return bar[name];
  }
}

/** The column of `name`: the bars' own memory where there is one, a new column for the means. */
export function seriesColumn(bars: BarColumns, name: SeriesName): Float64Array {
  const { open, high, low, close } = bars;
  switch (name) {
    case 'hl2':
      return high.map((value, i) => (value + low[i]!) / 2);
    case 'hlc3':
      return high.map((value, i) => (value + low[i]! + close[i]!) / 3);
    case 'ohlc4':
      return open.map((value, i) => (value + high[i]! + low[i]! + close[i]!) / 4);
    case 'open':
    case 'high':
    case 'low':
    case 'close':
    case 'volume':
      return bars[name];
  }
}
