import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createBarColumns, type BarColumns } from '../../../features/bar.ts';
import { sma } from '../../../features/kernels/sma.ts';
import { DAY_MS } from '../../../features/timeframe.ts';
import { describeWith, REFERENCE_DIR } from '../../../infra/testing/requirements.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import { calendarNamed } from '../../../pipelines/calendars/calendar-named.ts';
import { seriesKernel } from '../../../trading/strategies/kernel-input.ts';
import { HOLD, ruleSignal, type Strategy } from '../../../trading/strategies/strategy.ts';
import { ruleSessionOptions } from '../../run/rule-backtest.ts';
import { parseAxes } from '../rules/parameter-axes.ts';
import { bestOfRules, searchRules, type RunTrials, type SearchOfRules } from '../rules/rule-search.ts';
import { RuleSpace } from '../rules/rule-space.ts';
import { runTrial, tradeRule, type TradedRules } from '../rules/rule-trial.ts';
import { spanOf, type Searched } from '../rules/searched.ts';
import { walkRules } from './walk-rules.ts';
import { walkWindows } from './walk-windows.ts';

const folder = join(REFERENCE_DIR, 'grademark');
const expected = (name: string): unknown => JSON.parse(readFileSync(join(folder, 'expected', name), 'utf8'));

/** The file's own order: walk-forward takes rows as they stand. */
function readBars(name: string): BarColumns {
  const [, ...lines] = readFileSync(join(folder, 'data', name), 'utf8')
    .trim()
    .split(/\r?\n/);
  const bars = createBarColumns('STW', lines.length);
  lines.forEach((line, row) => {
    const [date, ...numbers] = line.split(',');
    const [day, month, year] = date!.split('/').map(Number);
    bars.openTimeMs[row] = Date.UTC(year!, month! - 1, day!);
    bars.closeTimeMs[row] = bars.openTimeMs[row]! + DAY_MS;
    (['open', 'high', 'low', 'close', 'volume'] as const).forEach(
      (column, at) => (bars[column][row] = Number(numbers[at])),
    );
  });
  return bars;
}

/** Below the average buy, above it sell; neither is asked on the bar of a fill, nor on the first `window` bars. */
const belowAverage = (window: number): Strategy => ({
  name: 'below-average',
  parameters: { SMA: window },
  forSymbol: () => {
    const average = seriesKernel(sma, [window]);
    const [buy, sell] = [ruleSignal('BUY', 'below the average'), ruleSignal('SELL', 'above the average')];
    let bars = 0;
    let long = false;
    let filledAt = 0;
    return {
      decide(view) {
        const level = average.next(view.close());
        bars += 1;
        if (bars <= window || bars === filledAt) return HOLD;
        if (long ? view.close() <= level : view.close() >= level) return HOLD;
        long = !long;
        filledAt = bars + 1;
        return long ? buy : sell;
      },
    };
  },
});

const rulesOver = (bars: BarColumns): TradedRules => ({
  // Their capital grows by each trade's growth: all in, in fractions of a unit.
  ...{ bars: [bars], calendar: 'none', sizing: { kind: 'all-in' }, longShort: false, costs: {}, lot: 1e-8 },
  ...{ limits: NAMED_LIMITS.unbounded, capital: 10_000 },
});
const search: SearchOfRules = { method: 'grid', trials: 100, seed: 1, objective: 'totalReturn', constraints: {} };
const spaceOf = (range: string): RuleSpace =>
  new RuleSpace('below-average', parseAxes([range]), { check: () => undefined });
const calendar = calendarNamed('none');
const runOver =
  (rules: TradedRules): RunTrials =>
  (parameters) =>
    Promise.resolve(
      parameters.map(({ SMA }) =>
        runTrial(ruleSessionOptions({ ...rules, calendar }, belowAverage(Number(SMA))), calendar),
      ),
    );
const runOverTrained = (trained: Searched): RunTrials => {
  if (trained.kind === 'experiment') throw new Error('rules of files are walked here');
  return runOver(trained.rules);
};

interface ReferenceTrade {
  readonly entryTime: string;
  readonly entryPrice: number;
  readonly exitTime: string;
  readonly exitPrice: number;
  readonly exitReason: string;
}
/** Reference times are local midnight at UTC+10, or +11 in summer. */
const dayOf = (text: string): number => Math.floor((Date.parse(text) + 11 * 3_600_000) / DAY_MS) * DAY_MS;

describeWith('reference', 'searches against Grademark', () => {
  it.each([
    ['optimize-grid-3.json', 'SMA=5:25:10'],
    ['optimize-grid-11.json', 'SMA=5:25:2'],
  ])('finds every value of %s, and the same best', async (file, range) => {
    const { bestResult, bestParameterValues, allResults } = expected(file) as {
      bestResult: number;
      bestParameterValues: object;
      allResults: { SMA: number; result: number }[];
    };
    const space = spaceOf(range);
    const tried = await searchRules(space, search, runOver(rulesOver(readBars('STW-short.csv'))));
    const ours = tried.map(({ place, worth }) => ({ SMA: space.parametersAt(place)['SMA'], result: worth! * 100 }));
    expect(ours.map(({ SMA }) => SMA)).toEqual(allResults.map(({ SMA }) => SMA));
    ours.forEach(({ result }, at) => expect(result).toBeCloseTo(allResults[at]!.result, 4));
    const best = bestOfRules(tried)!;
    expect(space.parametersAt(best.place)).toEqual(bestParameterValues);
    expect(best.worth! * 100).toBeCloseTo(bestResult, 4);
  });

  // Named differences. Grademark's tests begin cold: each drops its own first bars, where `walk-forward` keeps averages
  // warm; so each test is traded here over its own bars alone. It closes what is open at a test's last close
  // ("finalize"), which the ledger marks there and leaves open.
  it('chooses what its walk-forward chose: the same trades out of sample, at the same prices', async () => {
    const { trades } = expected('walk-forward.json') as { trades: ReferenceTrade[] };
    const bars = readBars('STW.csv');
    const rules = rulesOver(bars);
    const windows = walkWindows([bars], { trainBars: 90, testBars: 30, anchored: false });
    const space = spaceOf('SMA=5:25:10');
    const folds = await walkRules(space, {
      searched: { kind: 'strategy', strategy: 'SMA', rules },
      windows,
      search,
      runOver: runOverTrained,
    });
    const ours = folds.flatMap(
      ({ window, parameters }) =>
        tradeRule(spanOf(rules, window.testFromMs, window.testToMs), belowAverage(Number(parameters!['SMA']))).ledger,
    );
    expect(
      ours.map(({ entryTimeMs, entryPrice, exitPrice, exitTimeMs }) => ({
        entryTimeMs,
        entryPrice,
        exitPrice,
        exitTimeMs,
      })),
    ).toEqual(
      trades.map(({ entryTime, entryPrice, exitTime, exitPrice, exitReason }) => ({
        ...{ entryTimeMs: dayOf(entryTime), entryPrice, exitPrice },
        exitTimeMs: exitReason === 'finalize' ? null : dayOf(exitTime),
      })),
    );
    expect(ours).toHaveLength(16);
  });
});
