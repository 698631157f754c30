import { sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import type { OfferedActions } from '../adjustments/actions-of-universe.ts';
import { dateAction, inOrder } from '../adjustments/corporate-action.ts';
import type { SeriesDescription } from '../bars/bar-series-store.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { QualityInspector } from '../quality/quality-inspector.ts';
import type { SeriesQuality } from '../quality/quality-store.ts';
import type { BarSource } from '../sources/bar-source.ts';

/** Opens of bars, `[fromMs, toMs)`. */
export interface OpenRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Part of `bars` with opens in the range. */
export function barsWithin(bars: BarColumns, range: OpenRange): BarColumns {
  let from = 0;
  let to = bars.length;
  while (from < to && bars.openTimeMs[from]! < range.fromMs) from++;
  while (to > from && bars.openTimeMs[to - 1]! >= range.toMs) to--;
  return sliceBarColumns(bars, from, to);
}

/** What the checks say of the bars that a source offers, before any of them is stored. */
export async function offeredQuality(
  source: BarSource,
  series: readonly SeriesDescription[],
  { range, actions }: { readonly range: OpenRange; readonly actions: OfferedActions | undefined },
): Promise<SeriesQuality[]> {
  const reports: SeriesQuality[] = [];
  for (const { symbol, calendar: name, timeframe, instrument } of series) {
    const calendar = calendarNamed(name);
    const dated = (actions?.bySymbol.get(symbol) ?? []).map((action) => dateAction(action, calendar, timeframe));
    const { assetClass } = instrument;
    const inspector = new QualityInspector({ calendar, timeframe, assetClass, actions: inOrder(dated) });
    for await (const bars of source.bars(symbol, range.fromMs, range)) inspector.inspect(barsWithin(bars, range));
    const { bars, counts, findings } = inspector.finish();
    const { error: errors, warning: warnings, info: infos } = counts;
    reports.push({ seriesId: 0, symbol, bars, errors, warnings, infos, findings });
  }
  return reports;
}
