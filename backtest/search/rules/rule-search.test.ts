import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../features/timeframe.ts';
import { InputError } from '../../../infra/errors.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import { calendarNamed } from '../../../pipelines/calendars/calendar-named.ts';
import { createRuleStrategy } from '../../../trading/strategies/rule-strategies.ts';
import { randomWalkBars } from '../../../trading/testing/random-walk-bars.ts';
import { historyOf } from '../../judgement/trial-history.ts';
import { ruleBacktest, ruleSessionOptions } from '../../run/rule-backtest.ts';
import { heatMapAxes } from './heat-map.ts';
import { parseAxes } from './parameter-axes.ts';
import { PlateauMap } from './plateau.ts';
import { brokenBy, parseConstraints, parseObjective } from './rule-objective.ts';
import { nextPlaces, type TriedPlace } from './rule-proposals.ts';
import { renderSearchReport } from './rule-search-report.ts';
import { ruleSearchResult, type RuleSearchResult } from './rule-search-result.ts';
import { searchedBars } from './run-rule-search.ts';
import { searchRules, type PlacedTrial, type SearchOfRules } from './rule-search.ts';
import { RuleSpace, keyOf } from './rule-space.ts';
import { runTrial, tradeRule, type RuleTrial, type TradedRules } from './rule-trial.ts';
import { countedRun } from './run-counted.ts';
import { sharedBars } from './run-trials.ts';

const bars = sharedBars(randomWalkBars('WALK', 900, { seed: 5, sigma: 0.01, barMs: DAY_MS }));
const rules: TradedRules = {
  ...{ bars: [bars], calendar: 'none', sizing: { kind: 'all-in' }, longShort: false, costs: { feeBps: 5 } },
  ...{ limits: NAMED_LIMITS.unbounded, capital: 100_000, lot: 1 },
};
const axes = parseAxes(['fast=2:20:2', 'slow=10:60:10']);
const space = (): RuleSpace => new RuleSpace('sma-cross', axes);
const search: SearchOfRules = { method: 'grid', trials: 40, seed: 3, objective: 'sharpe', constraints: {} };

const countedOn = (threads: number): ReturnType<typeof countedRun> =>
  countedRun({
    searched: { kind: 'strategy', strategy: 'sma-cross', rules },
    dataHash: 'walk',
    threads,
    database: null,
  });

const resultOf = (tried: readonly PlacedTrial[], of: SearchOfRules = search): RuleSearchResult => {
  const history = historyOf(tried.map(({ trial }) => trial.record));
  const on = searchedBars(rules.bars, calendarNamed('none'));
  return ruleSearchResult({ space: space(), search: of, tried }, on, { history, heatMap: undefined });
};

describe('a search of rules', () => {
  it('counts every combination that the strategy takes, and its best is the backtest of its parameters', async () => {
    const result = resultOf(await searchRules(space(), search, countedOn(2)));
    const taken = axes[0]!.values.flatMap((fast) => axes[1]!.values.filter((slow) => fast < slow));
    expect(result).toMatchObject({ trials: taken.length, trialsOnData: taken.length, verdict: 'none' });
    const objectives = result.ranking.map(({ objective }) => objective!);
    expect(objectives).toEqual([...objectives].sort((a, b) => b - a));
    const options = { ...rules, calendar: calendarNamed('none'), strategy: 'sma-cross', parameters: result.parameters };
    const { result: plain } = ruleBacktest({ ...options, seed: 7 });
    const { trades, totalReturn, sharpe, maxDrawdown, journalHash } = result.best;
    expect({ trades, totalReturn, sharpe, maxDrawdown, journalHash }).toEqual({
      ...{ trades: plain.trades, totalReturn: plain.totalReturn, sharpe: plain.sharpe },
      ...{ maxDrawdown: plain.maxDrawdown, journalHash: plain.journalHash },
    });
    // What luck gives the best of so many is taken off.
    expect(result.deflatedSharpe!).toBeLessThan(result.probabilisticSharpe!);
    expect(result.probabilityOfOverfitting).not.toBeNull();
  });

  it.each(['grid', 'random', 'genetic', 'sequential'] as const)(
    'by %s is the same on any number of threads, and tries nothing twice',
    async (method) => {
      const of = { ...search, method };
      const whole = await searchRules(space(), of, countedOn(1));
      expect(await searchRules(space(), of, countedOn(2))).toEqual(whole);
      const tried: TriedPlace[] = whole.slice(0, whole.length >> 1);
      const found = nextPlaces(space(), of, tried).map(keyOf);
      expect(found.every((key) => !tried.some(({ place }) => keyOf(place) === key))).toBe(true);
      expect(new Set(whole.map(({ place }) => keyOf(place))).size).toBe(whole.length);
    },
  );

  it('chooses nothing that breaks a constraint, and says so where all do', async () => {
    const tried = await searchRules(space(), { ...search, constraints: { minTrades: 20 } }, countedOn(2));
    const result = resultOf(tried, { ...search, constraints: { minTrades: 20 } });
    expect(result.best.trades).toBeGreaterThanOrEqual(20);
    const barred = result.ranking.filter(({ trades }) => trades < 20);
    expect(barred.length).toBeGreaterThan(0);
    for (const one of barred) expect(one).toMatchObject({ objective: null, broken: ['minTrades'] });
    const impossible = tried.map((one) => ({ ...one, worth: null }));
    expect(() => resultOf(impossible, { ...search, constraints: { minTrades: 1e6 } })).toThrow(/minTrades 5\d/);
  });

  it('takes splits out of what its trials see, as the session of each does', async () => {
    // Whole cents before and after: crosses of such prices are worked out beforehand where there is no split.
    const ratio = (values: Float64Array, by: number): Float64Array =>
      values.map((value, row) => Math.round(value * 10) / (row < 400 ? 10 : 10 / by));
    const { open, high, low, close, volume } = bars;
    const prices = { open: ratio(open, 0.5), high: ratio(high, 0.5), low: ratio(low, 0.5), close: ratio(close, 0.5) };
    const effectiveMs = bars.openTimeMs[400]!;
    const actions = [[{ kind: 'split', value: 2, effectiveMs, knownAtMs: effectiveMs } as const]];
    const divided = { ...rules, bars: [sharedBars({ ...bars, ...prices, volume: ratio(volume, 2) })], actions };
    const searched = { kind: 'strategy', strategy: 'sma-cross', rules: divided } as const;
    const [trial] = await countedRun({ searched, dataHash: 'split', threads: 1, database: null })([
      { fast: 5, slow: 60 },
    ]);
    const asked = tradeRule(divided, createRuleStrategy('sma-cross', { fast: 5, slow: 60 }));
    expect(trial!.journalHash).toBe(asked.journalHash);
    expect(trial!.figures.trades).toBe(asked.ledger.length);
  });

  it('draws the heat map in a page of its own without script or request', async () => {
    const result = resultOf(await searchRules(space(), search, countedOn(1)));
    const { heatMap } = result;
    expect(heatMap!.cells).toHaveLength(6);
    expect(heatMap!.cells[0]!.filter((cell) => cell !== null)).toHaveLength(4);
    const page = await renderSearchReport(result, { title: '<b>.csv', statement: 'Bars & more.', trading: {} });
    expect(page).not.toMatch(/<script|<b>\.csv|src=|@import|url\(http/i);
    expect(page).toContain('&lt;b&gt;.csv');
    expect(page).toContain('sharpe by fast and slow');
    expect(page).toMatch(/No other parameter was searched\.|Each cell is the best over the other parameters: /);
    const { neighbours, heldShare } = result.best.plateau;
    expect(page).toContain(`${Math.round(heldShare! * neighbours)} of ${neighbours} neighbours of the chosen`);
    expect(await renderSearchReport(result, { title: '<b>.csv', statement: 'Bars & more.', trading: {} })).toBe(page);
  });
});

/** A smooth hill over 30 x 30 values with a spike: what a method that learns must climb. */
function hill(settings: Omit<SearchOfRules, 'objective' | 'constraints'>): number {
  const wide = new RuleSpace('momentum', parseAxes(['lookback=1:40', 'threshold=0:0.39:0.01']));
  const tried: TriedPlace[] = [];
  for (let round = nextPlaces(wide, settings, tried); round.length > 0; round = nextPlaces(wide, settings, tried)) {
    for (const place of round) tried.push({ place, worth: -((place[0]! - 29) ** 2) - (place[1]! - 7) ** 2 });
  }
  expect(tried.length).toBe(settings.trials);
  return Math.max(...tried.map(({ worth }) => worth!));
}

it('methods that learn come nearer to the top of a hill than chance does', () => {
  const median = (method: SearchOfRules['method']): number =>
    [1, 2, 3].map((seed) => hill({ method, trials: 90, seed })).sort((a, b) => a - b)[1]!;
  const chance = median('random');
  expect(median('genetic')).toBeGreaterThan(chance);
  expect(median('sequential')).toBeGreaterThan(chance);
});

describe('a plateau', () => {
  const trial = { figures: {}, record: {}, journalHash: '' } as unknown as RuleTrial;
  const at = (x: number, y: number, worth: number | null): PlacedTrial => ({ place: [x, y], worth, trial });

  it('is the median of the neighbours over the place itself', () => {
    const tried = [at(1, 1, 2), at(0, 0, 1), at(1, 0, 1.5), at(2, 2, 2), at(1, 3, 9), at(0, 1, null)];
    // Neighbours 1, 1.5, 2 and one that counts as 0: the median is 1.25.
    const found = new PlateauMap(tried).around([1, 1]);
    expect(found).toEqual({
      score: 0.625,
      neighbours: 4,
      refused: 1,
      meanWorth: (2 + 1 + 1.5 + 2) / 5,
      heldShare: 0.75,
    });
  });

  it('is unknown around a place that is worth nothing, or alone', () => {
    expect(new PlateauMap([at(1, 1, -1), at(1, 2, 3)]).around([1, 1]).score).toBeNull();
    expect(new PlateauMap([at(1, 1, 1)]).around([1, 1])).toMatchObject({ score: null, neighbours: 0 });
  });
});

describe('words of the command line', () => {
  it('read ranges with exact steps', () => {
    expect(parseAxes(['x=0.1:0.5:0.1', 'y=3:5', 'z=a,true,2'])).toEqual([
      { name: 'x', values: [0.1, 0.2, 0.3, 0.4, 0.5] },
      { name: 'y', values: [3, 4, 5] },
      { name: 'z', values: ['a', true, 2] },
    ]);
  });

  it.each([
    'fast',
    'fast=',
    '=1:2',
    'fast=5:1',
    'fast=1:2:0',
    'fast=1:2:-1',
    'fast=1::2',
    'fast=1:x',
    'fast=1,,2',
    'fast=1,1',
    'fast=1:99999',
  ])('refuse --range %s', (text) => expect(() => parseAxes([text])).toThrow(InputError));

  it('name the nearest of what there is', () => {
    expect(() => parseObjective('sharp')).toThrow(
      expect.objectContaining({ remedy: expect.stringContaining('"sharpe"') }),
    );
    expect(() => parseConstraints(['maxDrawdwn=1'])).toThrow(
      expect.objectContaining({ remedy: expect.stringContaining('"maxDrawdown"') }),
    );
    expect(() => parseConstraints(['minTrades=-1'])).toThrow(InputError);
    expect(() => new RuleSpace('sma-cross', parseAxes(['fsat=1:3']))).toThrow(/no parameter "fsat"/);
    expect(() => new RuleSpace('sma-cross', parseAxes(['fast=50:60', 'slow=10:20']))).toThrow(/must be below slow/);
    expect(() => heatMapAxes(axes, 'fast,slwo')).toThrow(expect.objectContaining({ remedy: 'Did you mean "slow"?' }));
  });

  it('take a figure that is missing for a broken bound', () => {
    const { figures } = runTrial(
      ruleSessionOptions(
        { ...rules, calendar: calendarNamed('none') },
        createRuleStrategy('sma-cross', { fast: 5, slow: 10 }),
      ),
      calendarNamed('none'),
    );
    expect(brokenBy({ ...figures, winRate: null }, { minWinRate: 0, maxDrawdown: 1 })).toEqual(['minWinRate']);
    expect(brokenBy({ ...figures, maxDrawdown: -0.3 }, { maxDrawdown: 0.25 })).toEqual(['maxDrawdown']);
  });
});
