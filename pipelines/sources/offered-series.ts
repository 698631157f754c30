import { actionsOfUniverse } from '../adjustments/actions-of-universe.ts';
import { wantedActions } from '../adjustments/no-actions.ts';
import { openSource, type OpenSourceOptions } from './open-source.ts';
import type { Timeframe } from '../../features/timeframe.ts';

/** The symbols and the bar size that a source offers. */
export interface OfferedSeries {
  readonly symbols: readonly string[];
  readonly timeframe: Timeframe;
}

/**
 * What ingesting `options` would bring, without a database: files are read and checked whole, so that a mistake in
 * them, or in what is asked of them, is found before anything is written. Throws InputError for whatever the source
 * refuses.
 */
export async function offeredSeries(options: OpenSourceOptions): Promise<OfferedSeries> {
  const series = await openSource(options).series();
  const symbols = series.map(({ symbol }) => symbol);
  await actionsOfUniverse(wantedActions(options.data).path, symbols);
  return { symbols, timeframe: series[0]!.timeframe };
}
