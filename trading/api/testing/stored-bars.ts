import type { Database } from '../../../infra/postgres/database.ts';
import { ingestSource } from '../../../pipelines/ingest/ingest.ts';
import { createMemorySource } from '../../../pipelines/sources/made-up/memory-source.ts';
import { plantedBars } from '../../../pipelines/sources/made-up/planted-bars.ts';

/** Puts 250 daily bars of a symbol into the store. */
export async function storedBars(database: Database, symbol = 'AAA'): Promise<void> {
  const source = createMemorySource({
    name: 'test',
    load: async () => [plantedBars({ bars: 250, seed: 3, symbol })],
    describe: (of) => ({
      source: 'test',
      origin: 'made up',
      symbol: of,
      timeframe: '1d',
      calendar: 'us-equities',
      instrument: { symbol: of, assetClass: 'equity', currency: 'USD', tick: 0.01, lot: 1, sector: null },
      sourceStatement: 'Bars of a test.',
    }),
  });
  await ingestSource(database, source, { range: { fromMs: -Infinity, toMs: Infinity }, revise: true });
}
