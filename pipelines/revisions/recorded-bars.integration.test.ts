import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { computeFeatures } from '../../features/feature-matrix.ts';
import { parseFeatureSet } from '../../features/feature-set.ts';
import { createRandom, type Random } from '../../infra/random.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { readBars } from '../bars/bar-store.ts';
import { barsCsv } from '../bars/bars-csv.ts';
import { takeBars } from '../bars/compare-bars.ts';
import type { DataOptions } from '../data-options.ts';
import { readFeatures } from '../materialized/feature-store.ts';
import { ingest, type IngestReport } from '../ingest/ingest.ts';
import { materialize } from '../materialized/materialize.ts';
import { readBarsFile } from '../sources/files/bars-file.ts';
import { plantedBars } from '../sources/made-up/planted-bars.ts';
import { listRevisions, readBarsAsRecorded } from './recorded-bars.ts';

let folder: string;
let database: TestDatabase;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-revisions-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

const set = parseFeatureSet(['return(1)', 'ema(20)', 'rsi(14)'], { timeframe: '1d', symbols: ['X'] });

async function offer(bars: BarColumns): Promise<IngestReport> {
  const path = join(folder, 'X.csv');
  writeFileSync(path, [...barsCsv([bars])].join(''));
  const data: DataOptions = {
    source: 'csv',
    path,
    timeframe: '1d',
    calendar: 'none',
    adjust: 'raw',
    simulated: { symbols: 1, bars: 1, seed: 1 },
    maxQualityErrors: 0,
  };
  return ingest(database, { data, universe: ['X'], revise: true });
}

/** The moment as the database sees it: later than everything before, earlier than everything after. */
async function now(): Promise<number> {
  const { rows } = await database.pool.query<{ at: Date }>('SELECT clock_timestamp() AS at FROM pg_sleep(0.002)');
  await database.pool.query('SELECT pg_sleep(0.002)');
  return rows[0]!.at.getTime();
}

/** Other values, holes that are filled, holes that open, earlier history, more bars: what sources do to the past. */
function nextVersion(whole: BarColumns, random: Random): BarColumns {
  const from = random.integer(40);
  const to = 60 + random.integer(whole.length - 60);
  const rows = Array.from({ length: to - from }, (_, i) => from + i).filter(() => random.next() > 0.03);
  const version = takeBars(whole, rows);
  for (let i = 0; i < version.length; i++) if (random.next() < 0.03) version.volume[i]! += 1 + random.integer(1000);
  return version;
}

describe('bars as recorded', () => {
  const whole = plantedBars({ bars: 160, seed: 4, symbol: 'X' });

  it('are those of any earlier moment, whatever sources have done to the past since', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), async (seed) => {
        await database.pool.query('TRUNCATE bar_series CASCADE');
        await database.pool.query('DELETE FROM bars');
        const random = createRandom(seed);
        const moments: { atMs: number; bars: BarColumns }[] = [];
        let id = 0;
        for (let version = 0; version < 5; version++) {
          id = (await offer(nextVersion(whole, random))).series[0]!.id;
          const [bars] = await readBars(database, [id]);
          moments.push({ atMs: await now(), bars: bars! });
        }
        for (const { atMs, bars } of moments) expect(await readBarsAsRecorded(database, id, atMs)).toEqual(bars);
        expect((await readBarsAsRecorded(database, id, 0)).length).toBe(0);
      }),
      { numRuns: 6 },
    );
  });

  it('give the features that were known: rows up to a time need no bar after it, and a revision can be told', async () => {
    const first = await offer(sliceBarColumns(whole, 0, 120));
    const { series, range } = first;
    const ids = [series[0]!.id];
    await materialize(database, { set, series, range });
    const stored = await readFeatures(database, set.hash, ids);
    const atMs = await now();

    const revised = sliceBarColumns(whole, 0, 160);
    revised.close[70] = revised.high[70]!;
    await offer(revised);
    await materialize(database, { set, series, range });
    expect(await readFeatures(database, set.hash, ids, { toMs: whole.closeTimeMs[119]! })).not.toEqual(stored);

    // What the store said then, and so the rows it had then.
    const then = await readBarsAsRecorded(database, ids[0]!, atMs);
    expect(computeFeatures(set, [then])).toEqual(stored);
    // Rows as of any time are those computed with the bars closed by then.
    const [current] = await readBars(database, ids);
    for (const last of [30, 69, 70, 119, 158]) {
      const asOf = await readFeatures(database, set.hash, ids, { toMs: current!.closeTimeMs[last]! });
      expect(asOf).toEqual(computeFeatures(set, [sliceBarColumns(current!, 0, last + 1)]));
    }
    expect(await listRevisions(database)).toMatchObject([
      { symbol: 'X', accepted: true, bars: 1, firstOpenMs: whole.openTimeMs[70] },
    ]);
  });

  it('come back as a file that reads as they were', async () => {
    const { series } = await offer(whole);
    const bars = await readBarsAsRecorded(database, series[0]!.id, await now());
    const path = join(folder, 'then.csv');
    writeFileSync(path, [...barsCsv([bars])].join(''));
    const [read] = await readBarsFile(path);
    expect(read!.close).toEqual(whole.close);
  });
});
