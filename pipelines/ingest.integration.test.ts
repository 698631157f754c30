import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../infra/testing/test-database.ts';
import { dataHash } from './bar-fingerprint.ts';
import { readBars } from './bar-store.ts';
import type { DataOptions } from './data-options.ts';
import { ingest } from './ingest.ts';

const sample: DataOptions = {
  source: 'sample',
  timeframe: '1d',
  calendar: 'us-equities',
  adjust: 'splits-and-dividends',
  simulated: { symbols: 3, bars: 500, seed: 1 },
  maxQualityErrors: 0,
};

describe('ingest', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('stores the sample once and gives it back', async () => {
    const first = await ingest(database, { data: sample, universe: ['SPX'] });
    expect(first.inserted).toBe(5105);
    expect(first.series[0]!.sourceStatement).toContain('Yahoo Finance');
    const [bars] = await readBars(database, [first.series[0]!.id]);
    expect(bars!.length).toBe(5105);
    expect(bars!.close[5104]).toBe(2874.560059);
    expect(new Date(bars!.openTimeMs[0]!).toISOString()).toBe('2000-01-03T14:30:00.000Z');
    expect(dataHash([bars!])).toBe(first.dataHash);
    const second = await ingest(database, { data: sample, universe: ['SPX'] });
    expect(second).toMatchObject({ inserted: 0, unchanged: 5105, revised: 0, dataHash: first.dataHash });
  });
});
