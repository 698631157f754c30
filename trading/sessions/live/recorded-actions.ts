import { SignalboxError } from '../../../infra/errors.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import type { MarketData } from '../../../models/experiment/market-data.ts';
import { readActions } from '../../../pipelines/adjustments/action-store.ts';
import { actionsOfMode } from '../../../pipelines/adjustments/corporate-action.ts';
import { askForActions, recordAskedActions } from '../../../pipelines/adjustments/fetched-actions.ts';
import { wantedActions } from '../../../pipelines/adjustments/no-actions.ts';
import { findSeries } from '../../../pipelines/bars/bar-series-store.ts';
import { openSource } from '../../../pipelines/sources/open-source.ts';
import type { VendorAccess } from '../../../pipelines/vendors/vendor-access.ts';
import type { RecordedActions } from './live-actions.ts';

/**
 * Reads what is on record of a session's splits and dividends, after it has asked the vendor of the experiment once on
 * each trading day, and whenever it is to ask again. A vendor that gives none that day is named: what others put on
 * record counts all the same.
 */
export function recordedActions(
  { database, note, nowMs }: { database: Database; note: (text: string) => void; nowMs: () => number },
  { experiment, reference, calendar }: Pick<MarketData, 'experiment' | 'reference' | 'calendar'>,
  vendors: VendorAccess,
): RecordedActions {
  const { data, universe } = experiment;
  const ids = reference.series.map(({ id }) => id);
  const source = wantedActions(data).fetched ? openSource({ data, universe, vendors, onNote: note }) : null;
  // The start has asked already.
  let askedDay = calendar.dayAt(nowMs());
  const ask = async (again: boolean): Promise<void> => {
    const day = calendar.dayAt(nowMs());
    if (source?.actions === undefined || (day === askedDay && !again)) return;
    askedDay = day;
    for (const series of await findSeries(database.pool, ids)) {
      const range = { fromMs: series.firstOpenMs, toMs: nowMs() };
      try {
        const asked = await askForActions(source, series.symbol, { stored: series, range });
        const { missing = null } = (await recordAskedActions(database, series, { asked, revise: false })) ?? {};
        if (missing !== null) note(`${series.symbol}: splits and dividends of today are not known: ${missing}`);
      } catch (error) {
        if (!(error instanceof SignalboxError)) throw error;
        note(`${series.symbol}: splits and dividends of today are not known: ${error.message}`);
      }
    }
  };
  return async (again) => {
    if (data.adjust === 'raw') return ids.map(() => []);
    await ask(again);
    return (await readActions(database.pool, ids)).map((list) => actionsOfMode(list, data.adjust));
  };
}
