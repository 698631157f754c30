import type { BarColumns } from '../../../features/bar.ts';
import type { Timeframe } from '../../../features/timeframe.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { ingestSource } from '../../../pipelines/ingest/ingest.ts';
import type { CalendarName } from '../../../pipelines/calendars/calendar.ts';
import { createMemorySource } from '../../../pipelines/sources/made-up/memory-source.ts';
import { plantedBars } from '../../../pipelines/sources/made-up/planted-bars.ts';

/** Puts 250 daily bars of a symbol into the store. */
export async function storedBars(database: Database, symbol = 'AAA'): Promise<void> {
  const bars = plantedBars({ bars: 250, seed: 3, symbol });
  await storeColumns(database, bars, { timeframe: '1d', calendar: 'us-equities', assetClass: 'equity' });
}

interface Stored {
  readonly timeframe: Timeframe;
  readonly calendar: CalendarName;
  readonly assetClass?: 'equity' | 'simulated';
  readonly currency?: string;
}

/** Puts bars of a symbol into the store. */
export async function storeColumns(
  database: Database,
  bars: BarColumns,
  { timeframe, calendar, assetClass = 'simulated', currency = 'USD' }: Stored,
): Promise<void> {
  const source = createMemorySource({
    name: 'test',
    load: async () => [bars],
    describe: (symbol) => ({
      source: 'test',
      origin: 'made up',
      symbol,
      timeframe,
      calendar,
      instrument: { symbol, assetClass, currency, tick: 0.01, lot: 1, sector: null },
      sourceStatement: 'Bars of a test.',
    }),
  });
  await ingestSource(database, source, { range: { fromMs: -Infinity, toMs: Infinity }, revise: true });
}
