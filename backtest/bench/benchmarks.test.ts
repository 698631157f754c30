import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import { barsCsv } from '../../pipelines/bars/bars-csv.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { readBarsFile } from '../../pipelines/sources/files/bars-file.ts';
import { benchBacktest } from './engine-bench.ts';
import { ruleBacktest } from '../run/rule-backtest.ts';
import { BENCHMARKS } from './benchmarks.ts';
import type { BenchmarkResult } from './benchmark-result.ts';
import { benchBook } from './session/book-bench.ts';
import { benchTick } from './session/tick-bench.ts';
import { medianOf, timed } from './benchmark.ts';
import { minuteBars } from './peer-data.ts';

const folder = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Monotonic, and always the same: what is measured here is not time. */
function fakeNow(): () => number {
  let ms = 0;
  return () => (ms += 1);
}

describe('bench', () => {
  it('backtest prints the journal hash that the command line gives for the same bars, whatever the file is called', async () => {
    const bars = minuteBars(20_000);
    const { checks } = benchBacktest(bars, { now: fakeNow(), runs: 1 });
    for (const name of ['bars1m.csv', 'another-name.csv']) {
      const path = join(folder, name);
      writeFileSync(path, [...barsCsv([bars])].join(''));
      const { result } = ruleBacktest({
        bars: await readBarsFile(path),
        calendar: calendarNamed('none'),
        strategy: 'sma-cross',
        parameters: { fast: 10, slow: 30 },
        sizing: { kind: 'all-in' },
        longShort: false,
        limits: NAMED_LIMITS.unbounded,
        costs: { feeBps: 5 },
        capital: 1e9,
        lot: 1,
        seed: 7,
      });
      expect(result.journalHash).toBe(checks.journalHash);
      expect(result.trades).toBe(checks.trades);
    }
  });

  it('tick leads every quote that moves a market to one order on record, and no other', () => {
    const run = (): BenchmarkResult[] => benchTick({ now: fakeNow(), peakRssMb: () => 100, moving: 500, quiet: 700 });
    const [moving, quiet] = run();
    // One of each symbol, those of the round before, and those that are told.
    expect(moving!.checks['orders']).toBe(50 + 500 + 500);
    expect([moving!.rate, moving!.checks['p99Us'], moving!.runs]).toEqual([1000, 1000, 500]);
    expect([quiet!.rate, quiet!.checks['peakGrowthMb']]).toEqual([700_000, 0]);
    expect(run()[0]!.checks['journalHash']).toBe(moving!.checks['journalHash']);
  });

  it('book takes every change, and comes to the same book', () => {
    const run = (): BenchmarkResult => benchBook({ now: fakeNow(), changes: 400 });
    const { checks, rate, runs } = run();
    expect([checks['applied'], rate, runs]).toEqual([400, 400_000, 5]);
    expect(run().checks).toEqual(checks);
  });

  it('names each benchmark once', () => {
    expect(new Set(BENCHMARKS.map(({ name }) => name)).size).toBe(BENCHMARKS.length);
  });

  it('takes the middle of its runs', () => {
    expect(medianOf([3, 1, 2])).toBe(2);
    expect(medianOf([4, 1, 2, 3])).toBe(2.5);
    expect(timed(fakeNow(), 3, () => 'work')).toEqual({ seconds: [0.001, 0.001, 0.001], value: 'work' });
  });
});
