import { openSource, type OpenSourceOptions } from './sources/open-source.ts';
import type { Timeframe } from './timeframe.ts';

/** The symbols and the bar size that a source offers. */
export interface OfferedSeries {
  readonly symbols: readonly string[];
  readonly timeframe: Timeframe;
}

/**
 * What ingesting `options` would bring, without a database: files are read and checked whole, so that a mistake in them, or in what is
 * asked of them, is found before anything is written. Throws InputError for whatever the source refuses.
 */
export async function offeredSeries(options: OpenSourceOptions): Promise<OfferedSeries> {
  const series = await openSource(options).series();
  return { symbols: series.map(({ symbol }) => symbol), timeframe: series[0]!.timeframe };
}
