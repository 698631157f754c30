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

  it('names each benchmark once', () => {
    expect(new Set(BENCHMARKS.map(({ name }) => name)).size).toBe(BENCHMARKS.length);
  });

  it('takes the middle of its runs', () => {
    expect(medianOf([3, 1, 2])).toBe(2);
    expect(medianOf([4, 1, 2, 3])).toBe(2.5);
    expect(timed(fakeNow(), 3, () => 'work')).toEqual({ seconds: [0.001, 0.001, 0.001], value: 'work' });
  });
});
