import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../features/timeframe.ts';
import { loadConfig } from '../../infra/config.ts';
import { createRandom } from '../../infra/random.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { readBars } from '../bars/bar-store.ts';
import type { VendorBar } from '../vendors/pages/bar-page.ts';
import { fakeVariables, startFakeVendorServer, type FakeVendorServer } from '../vendors/testing/fake-vendor-server.ts';
import { ingest, type IngestReport } from './ingest.ts';

const FROM_MS = Date.UTC(2018, 1, 7);
/** Binance went down at 00:28 on the 8th of February 2018, and came back at 09:28:14.789 on the 9th. */
const DOWN_MS = Date.UTC(2018, 1, 8);
const BACK_MS = Date.UTC(2018, 1, 9, 9, 28, 14, 789);
/** Its hours were out of step until this one. */
const LAST_OFF_MS = BACK_MS + 42 * HOUR_MS;
const IN_STEP_MS = Date.UTC(2018, 1, 11, 4);
const TO_MS = Date.UTC(2018, 1, 14);

const bar = (timeMs: number, row: number): VendorBar => ({
  timeMs,
  open: 8_000 + (row % 50),
  high: 8_010 + (row % 50),
  low: 7_990 + (row % 50),
  close: 8_001 + ((row * 7) % 50) / 10 + (row % 50),
  volume: 12.5 + row,
});

function hours(fromMs: number, toMs: number): number[] {
  return Array.from({ length: Math.ceil((toMs - fromMs) / HOUR_MS) }, (_, i) => fromMs + i * HOUR_MS);
}

const ON_GRID = [...hours(FROM_MS, DOWN_MS + 1), ...hours(IN_STEP_MS, TO_MS)];
const OFF_GRID = hours(BACK_MS, LAST_OFF_MS + 1);
const GIVEN = [...ON_GRID, ...OFF_GRID].sort((a, b) => a - b).map(bar);

let database: TestDatabase;
let server: FakeVendorServer;
beforeAll(async () => {
  database = await createTestDatabase();
  server = await startFakeVendorServer({
    market: { bars: () => GIVEN, quote: () => undefined },
    pageBars: 1_000,
    fault: () => undefined,
  });
});
afterAll(async () => {
  await server.close();
  await database.drop();
});

function run(to: string): Promise<IngestReport> {
  const settings = loadConfig({ ...fakeVariables(server.url), BINANCE_URL: server.url }).vendors;
  return ingest(database, {
    data: {
      source: 'binance',
      timeframe: '1h',
      from: '2018-02-07',
      to,
      calendar: 'crypto',
      adjust: 'raw',
      simulated: { symbols: 1, bars: 1, seed: 1 },
      maxQualityErrors: 0,
    },
    universe: ['BTC/USDT'],
    vendors: {
      settings,
      clock: () => Date.UTC(2018, 2, 1),
      sleep: () => Promise.resolve(),
      random: createRandom(1),
    },
  });
}

const keptOut = ({ series }: IngestReport): number[] =>
  series[0]!.quality.findings.filter(({ check }) => check === 'kept-out').map(({ openTimeMs }) => openTimeMs);

describe("a venue's bars out of step after an outage", () => {
  it('are left out and named one by one, and history goes on behind them with a gap', async () => {
    const report = await run('2018-02-12');
    const [bars] = await readBars(database, [report.series[0]!.id]);
    const wanted = ON_GRID.filter((timeMs) => timeMs < Date.UTC(2018, 1, 13));
    expect([...bars!.openTimeMs]).toEqual(wanted);
    expect(keptOut(report)).toEqual(OFF_GRID);
    const { findings } = report.series[0]!.quality;
    const missing = (IN_STEP_MS - DOWN_MS) / HOUR_MS - 1;
    expect(findings).toContainEqual(expect.objectContaining({ check: 'gaps', openTimeMs: IN_STEP_MS, bars: missing }));
    expect(findings.find(({ check }) => check === 'kept-out')?.message).toBe(
      "binance's bar at 2018-02-09T09:28:14.789Z begins where no bar of 1h does, as after an outage of the venue: it is left out.",
    );
  });

  it('are told of still when bars have come since', async () => {
    const report = await run('2018-02-13');
    expect(report.inserted).toBe(24);
    expect(keptOut(report)).toEqual(OFF_GRID);
  });
});
