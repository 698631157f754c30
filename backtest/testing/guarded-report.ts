import { HOUR_MS } from '../../features/timeframe.ts';
import { randomWalkBars } from '../../trading/testing/random-walk-bars.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import type { ReportInput } from '../report/report-input.ts';
import { ruleBacktest } from '../run/rule-backtest.ts';
import { exampleReport } from './example-report.ts';
import { runExample } from './example-result.ts';

/** A cross of averages over two symbols that stops and targets protect, as a report shows it. */
export function guardedReport(bars = 400): ReportInput {
  const percent = (share: number) => ({ percent: share });
  const traded = ruleBacktest({
    bars: ['A<1>', 'B'].map((symbol, seed) => randomWalkBars(symbol, bars, { seed, sigma: 0.004, barMs: 4 * HOUR_MS })),
    ...{ calendar: calendarNamed('none'), strategy: 'sma-cross', parameters: { fast: 3, slow: 8 } },
    ...{ sizing: { kind: 'fraction-of-equity', fraction: 0.4 }, longShort: true, limits: NAMED_LIMITS.unbounded },
    ...{ costs: { feeBps: 5 }, capital: 100_000, lot: 1, seed: 7, monteCarlo: { perturbedRuns: 3 } },
    protection: { stopLoss: percent(0.01), takeProfit: percent(0.03), trailing: null },
  });
  return { ...exampleReport(runExample({ bars: 300, randomRuns: 5 })), ...traded, costs: { feeBps: 5 } };
}
