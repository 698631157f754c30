import { expect, it } from 'vitest';
import { createBarColumns, type BarColumns } from '../../../features/bar.ts';
import { DAY_MS } from '../../../features/timeframe.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import { createRuleStrategy } from '../../../trading/strategies/rule-strategies.ts';
import { randomWalkBars } from '../../../trading/testing/random-walk-bars.ts';
import { tradeTests } from '../walk/walk-rules.ts';
import { countedRun } from './run-counted.ts';
import { tradingOf } from './searched.ts';
import { tradeRule, type TradedRules } from './rule-trial.ts';
import { sharedBars, sharedFine } from './run-trials.ts';

const walk = randomWalkBars('WALK', 300, { seed: 9, sigma: 0.02, barMs: DAY_MS });

/** Two halves of each day: the first goes up to its high, the second down to its low. */
function halves(bars: BarColumns): BarColumns {
  const fine = createBarColumns(bars.symbol, 2 * bars.length);
  for (let row = 0; row < fine.length; row++) {
    const [day, late] = [row >> 1, row % 2];
    const [open, close] = [bars.open[day]!, bars.close[day]!];
    fine.openTimeMs[row] = bars.openTimeMs[day]! + (late * DAY_MS) / 2;
    fine.closeTimeMs[row] = fine.openTimeMs[row]! + DAY_MS / 2;
    fine.open[row] = open;
    fine.close[row] = late === 1 ? close : open;
    fine.high[row] = late === 1 ? Math.max(open, close) : bars.high[day]!;
    fine.low[row] = late === 1 ? bars.low[day]! : open;
  }
  return fine;
}

const plain: TradedRules = {
  ...{ bars: [sharedBars(walk)], calendar: 'none', sizing: { kind: 'all-in' }, longShort: false, costs: {} },
  ...{ limits: NAMED_LIMITS.unbounded, capital: 100_000, lot: 1 },
  protection: { stopLoss: { percent: 0.01 }, takeProfit: { percent: 0.01 }, trailing: null },
};
const rules: TradedRules = { ...plain, fine: sharedFine([halves(walk)]) };
const hashOfTrade = (of: TradedRules): string =>
  tradeRule(of, createRuleStrategy('sma-cross', { fast: 2, slow: 10 })).journalHash;

it('trials of a search are walked by finer bars, on threads too, and are others than those without', async () => {
  const parameters = [4, 3, 2].map((fast) => ({ fast, slow: 10 }));
  const run = countedRun({
    searched: { kind: 'strategy', strategy: 'sma-cross', rules },
    dataHash: 'fine',
    threads: 2,
    database: null,
  });
  const trials = await run(parameters);
  expect(trials.at(-1)!.journalHash).toBe(hashOfTrade(rules));
  expect(hashOfTrade(rules)).not.toBe(hashOfTrade(plain));
  expect(tradingOf(rules)).toEqual({ ...tradingOf(plain), fine: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
  expect(tradingOf({ ...rules, fine: sharedFine([walk]) })).not.toEqual(tradingOf(rules));
});

it('tests of a walk are walked by them, each over its part', () => {
  const at = (row: number): number => walk.closeTimeMs[row]!;
  const window = { trainFromMs: at(0), trainToMs: at(99), testFromMs: at(100), testToMs: at(299) };
  const fold = { window, tried: [], best: null, parameters: { fast: 2, slow: 10 } };
  const [fine, coarse] = [rules, plain].map(
    (of) => tradeTests({ kind: 'strategy', strategy: 'sma-cross', rules: of }, [fold]).apart[0]!.journalHash,
  );
  expect(fine).not.toBe(coarse);
});
