import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BarColumns } from '../../features/bar.ts';
import type { CommandContext } from '../../infra/command.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { barsCsv } from '../bars/bars-csv.ts';
import { takeBars } from '../bars/compare-bars.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import type { DataOptions } from '../data-options.ts';
import { QualityInspector } from '../quality/quality-inspector.ts';
import type { SeriesQuality } from '../quality/quality-store.ts';
import { plantedBars } from '../sources/made-up/planted-bars.ts';
import { fileContext } from '../testing/file-context.ts';
import { scratchFiles } from '../testing/scratch-files.ts';
import { ingest } from '../ingest/ingest.ts';
import { requireQuality } from '../quality/quality-gate.ts';
import { runCheck } from './check-command.ts';
import { runIngest, runMaterialize } from './command-actions.ts';
import type { ExperimentData } from './command-options.ts';

const { file } = scratchFiles('refused');
const whole = plantedBars({
  bars: 200,
  seed: 8,
  symbol: 'X',
  calendar: calendarNamed('us-equities'),
  start: '2015-01-02',
});
const holed = takeBars(
  whole,
  Array.from({ length: 200 }, (_, row) => row).filter((row) => row < 40 || row >= 60),
);

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.pool.query('TRUNCATE bar_series CASCADE');
  await database.pool.query('TRUNCATE bars');
});

const context = (): CommandContext => ({ ...fileContext(), database: () => Promise.resolve(database) });

/** An experiment over one growing file, whose name stays. */
function experiment(bars: BarColumns, changes: Partial<DataOptions> = {}): ExperimentData {
  const data: DataOptions = {
    source: 'csv',
    path: file([...barsCsv([bars])].join(''), 'X.csv'),
    timeframe: '1d',
    calendar: 'us-equities',
    adjust: 'splits',
    simulated: { symbols: 1, bars: 1, seed: 1 },
    maxQualityErrors: 0,
    ...changes,
  };
  return { data, universe: ['X'], features: ['rsi(14)'] };
}

async function rows(): Promise<number> {
  const { rows: found } = await database.pool.query<{ count: number }>(
    'SELECT (SELECT count(*) FROM bars) + (SELECT count(*) FROM bar_series) AS count',
  );
  return found[0]!.count;
}

const gate = (quality: readonly SeriesQuality[]): void => requireQuality(quality, { maxQualityErrors: 0 });

describe('bars that are refused', () => {
  it('are looked at by check without a trace, so that the corrected file needs no --revise', async () => {
    const { value, exitCode } = await runCheck(context(), {}, experiment(holed));
    expect(value).toMatchObject({ errors: 2, series: [{ symbol: 'X', bars: 180 }] });
    expect(value).toHaveProperty('taken');
    expect(exitCode).toBe(1);
    expect(await rows()).toBe(0);
    const report = await runIngest(context(), {}, { experiment: experiment(whole), gate });
    expect(report).toMatchObject({ inserted: 200, revised: 0 });
  });

  it('are stored by check where they are fit', async () => {
    const { value, exitCode } = await runCheck(context(), {}, experiment(whole));
    expect(value).toMatchObject({ errors: 0, series: [{ bars: 200 }] });
    expect(exitCode).toBe(0);
    expect(await rows()).toBe(201);
  });

  it('are looked at once in a run, and not again while they are as they were', async () => {
    const looks = vi.spyOn(QualityInspector.prototype, 'inspect');
    const looked = (): number => looks.mock.calls.splice(0).reduce((sum, [bars]) => sum + bars.length, 0);
    try {
      const { data, universe } = experiment(whole);
      for (const bars of [200, 0]) {
        await ingest(database, { data, universe, gate });
        expect(looked()).toBe(bars);
      }
    } finally {
      looks.mockRestore();
    }
  });

  it('are in no table after materialize, which would adjust them twice', async () => {
    const actions = file(`symbol,type,exDate,ratio\nX,split,2015-06-01,4:1\n`, 'actions.csv');
    await expect(runMaterialize(context(), {}, experiment(whole, { actions }))).rejects.toThrow(/X: .*split/);
    expect(await rows()).toBe(0);
  });

  it('of a file are refused whole where they contradict the store at their end', async () => {
    const long = plantedBars({ bars: 70_000, seed: 1, symbol: 'X', timeframe: '1m', start: '2015-01-02' });
    const kept = Array.from({ length: 70_000 }, (_, row) => row).filter((row) => row < 100 || row >= 110);
    const minutes = { timeframe: '1m', calendar: 'none' } as const;
    const first = await runIngest(context(), {}, { experiment: experiment(takeBars(long, kept), minutes) });
    // The hole is filled in the first piece, and the last bar is another.
    long.volume[69_999]! += 1;
    await expect(runIngest(context(), {}, { experiment: experiment(long, minutes) })).rejects.toThrow(/1 stored bar/);
    expect(await rows()).toBe(first.series[0]!.bars + 1);
    const { rows: recorded } = await database.pool.query('SELECT accepted FROM bar_changes');
    expect(recorded).toEqual([{ accepted: false }]);
  });
});
