import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../features/timeframe.ts';
import { ownFilesPlace } from '../../../infra/own-files/testing/own-files-place.ts';
import { calendarNamed } from '../../../pipelines/calendars/calendar-named.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import { randomWalkBars } from '../../../trading/testing/random-walk-bars.ts';
import { countedRun } from './run-counted.ts';
import { ruleSearchOf, type RuleSearchOptions } from './rule-search-options.ts';
import { searchRules } from './rule-search.ts';

const file = ownFilesPlace();
const strategy = file(
  'strategy',
  "import type { OwnStrategy } from 'signalbox';",
  'const own: OwnStrategy<{ lookback: number; share: number; both: boolean; open: number }> = {',
  '  parameters: {',
  '    lookback: { default: 5, min: 2, max: 8, whole: true }, share: { default: 1, min: 0, max: 1 }, both: true, open: 1,',
  '  },',
  "  create: ({ lookback }) => ({ decide: (view) => (view.length > lookback && view.close() > view.close(lookback) ? 'BUY' : 'SELL') }),",
  '};',
  'export default own;',
);
const asked = (...range: readonly string[]): RuleSearchOptions =>
  ({ range, objective: 'sharpe', constraint: [], set: [], seed: '7' }) as unknown as RuleSearchOptions;

describe("a search over the parameters of a user's strategy", () => {
  it('takes the values that the file declares where a name stands alone', () => {
    const { space } = ruleSearchOf(asked('lookback', 'share', 'both'), strategy);
    expect(space.axes.map(({ values }) => values)).toEqual([
      [2, 3, 4, 5, 6, 7, 8],
      [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1].map((value) => expect.closeTo(value, 12) as number),
      [false, true],
    ]);
  });

  it('names what the file does not declare, and leaves out what it does not take', () => {
    expect(() => ruleSearchOf(asked('open'), strategy)).toThrow(/declares no range of open/);
    expect(() => ruleSearchOf(asked('slow'), strategy)).toThrow(/has no parameter "slow"/);
    expect(() => ruleSearchOf(asked('lookback=9,10'), strategy)).toThrow(/lookback: must be at most 8, not 9/);
    expect(() => ruleSearchOf(asked('fast'), 'sma-cross')).toThrow(/--range fast: not of the form name=values/);
    const { space } = ruleSearchOf(asked('lookback=7:10'), strategy);
    expect(space.all().map((place) => space.valuesAt(place)['lookback'])).toEqual([7, 8]);
  });

  it('runs each trial as its own session', async () => {
    const { space, search } = ruleSearchOf(asked('lookback=2,6'), strategy);
    const bars = [randomWalkBars('AAA', 200, { seed: 3, sigma: 0.01, barMs: DAY_MS })];
    const { name: calendar } = calendarNamed('none');
    const sizing = { kind: 'all-in' } as const;
    const rules = { calendar, bars, sizing, longShort: false, limits: NAMED_LIMITS.unbounded, costs: {}, capital: 1e5 };
    const run = countedRun({
      searched: { kind: 'strategy', strategy, rules },
      dataHash: 'x',
      threads: 1,
      database: null,
    });
    const tried = await searchRules(space, search, run);
    expect(tried.map(({ trial }) => trial.figures.trades > 0)).toEqual([true, true]);
    expect(new Set(tried.map(({ trial }) => trial.journalHash)).size).toBe(2);
  });
});
