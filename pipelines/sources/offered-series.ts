import { actionsOfUniverse } from '../adjustments/actions-of-universe.ts';
import { wantedActions } from '../adjustments/no-actions.ts';
import { sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { daysRangeMs } from '../calendars/calendar.ts';
import { parseDay } from '../calendars/day.ts';
import type { DataOptions } from '../data-options.ts';
import { openSource, type OpenSourceOptions } from './open-source.ts';
import type { Timeframe } from '../../features/timeframe.ts';

/** The symbols and the bar size that a source offers. */
export interface OfferedSeries {
  readonly symbols: readonly string[];
  readonly timeframe: Timeframe;
  /** The bars of the days asked for, from files. */
  readonly bars?: readonly BarColumns[] | undefined;
}

function barsInRange(bars: readonly BarColumns[] | undefined, { from, to, calendar }: DataOptions) {
  const day = (text: string | undefined): number | undefined => (text === undefined ? undefined : parseDay(text));
  const { fromMs, toMs } = daysRangeMs(calendarNamed(calendar), day(from), day(to));
  return bars?.map((one) => {
    const first = one.openTimeMs.findIndex((timeMs) => timeMs >= fromMs);
    const last = one.openTimeMs.findLastIndex((timeMs) => timeMs < toMs);
    return sliceBarColumns(one, first === -1 ? one.length : first, last + 1);
  });
}

/**
 * What ingesting `options` would bring, without a database: files are read and checked whole, so that a mistake in
 * them, or in what is asked of them, is found before anything is written. Throws InputError for whatever the source
 * refuses.
 */
export async function offeredSeries(options: OpenSourceOptions): Promise<OfferedSeries> {
  const source = openSource(options);
  const series = await source.series();
  const symbols = series.map(({ symbol }) => symbol);
  await actionsOfUniverse(wantedActions(options.data).path, symbols);
  return { symbols, timeframe: series[0]!.timeframe, bars: barsInRange(source.loaded?.(), options.data) };
}
