import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { DAY_MS } from '../../../features/timeframe.ts';
import { typeCommand, type TypedCommand } from '../../../infra/terminal/testing/typed-command.ts';
import { createTestDatabase, type TestDatabase } from '../../../infra/testing/test-database.ts';
import { barsCsv } from '../../../pipelines/bars/bars-csv.ts';
import { scratchFiles } from '../../../pipelines/testing/scratch-files.ts';
import { randomWalkBars } from '../../../trading/testing/random-walk-bars.ts';
import { registerBacktestCommands } from '../../commands.ts';

const { folder, file } = scratchFiles('rule-experiments');
const walks = ['AAA', 'BBB'].map((symbol, at) =>
  randomWalkBars(symbol, 300, { seed: at + 3, sigma: 0.01, barMs: DAY_MS }),
);
const bars = file([...barsCsv(walks)].join(''), 'walks.csv');
const trend = { name: 'trend', kind: 'sma-cross', parameters: { fast: 3, slow: 20 } };
const fast = { 'strategies.trend.parameters.fast': { int: [2, 6], step: 2 } };
const space = { ...fast, 'strategies.trend.parameters.slow': { choice: [5, 10, 20] } };

const own = file(
  [
    "import type { OwnStrategy } from 'signalbox';",
    'const own: OwnStrategy<{ lookback: number }> = {',
    '  parameters: { lookback: { default: 5, min: 3, max: 6, whole: true } },',
    "  create: ({ lookback }) => ({ decide: (view) => (view.length > lookback && view.close() > view.close(lookback) ? 'BUY' : 'SELL') }),",
    '};',
    'export default own;',
  ].join('\n'),
  'mine.ts',
);

let made = 0;
const experiment = (more: object): string =>
  file(
    stringify({
      ...{ name: `rules-${made++}`, universe: ['AAA', 'BBB'], capital: 100_000, limits: 'unbounded' },
      data: { source: 'csv', path: bars, timeframe: '1d', calendar: 'none' },
      ...{ strategies: [trend], sizing: { fraction: 0.4 }, costs: { feeBps: 3 }, search: { space } },
      ...more,
    }),
    `rules-${made - 1}.yaml`,
  );

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const typed = (...argv: readonly string[]): Promise<TypedCommand> =>
  typeCommand(
    {
      register: registerBacktestCommands,
      env: { DATABASE_URL: database.url, SIGNALBOX_HOME: folder, SIGNALBOX_WORKERS: '1' },
    },
    ...argv,
  );

interface Ranked {
  readonly parameters: Record<string, number>;
  readonly objective: number | null;
  readonly totalReturn: number;
  readonly trades: number;
  readonly journalHash: string;
}
interface Found {
  readonly method: string;
  readonly objective: string;
  readonly parameters: Record<string, number>;
  readonly ranking: readonly Ranked[];
  readonly best: Ranked;
  readonly trials: number;
  readonly experiment: string;
  readonly report: string;
}
const found = async (...argv: readonly string[]): Promise<Found> => {
  const { code, out, err } = await typed('optimize', ...argv, '--json');
  expect(code, err).toBe(0);
  return JSON.parse(out) as Found;
};

describe('optimize of an experiment of rules', () => {
  // Crosses of one symbol are worked out beforehand.
  it.each([[['AAA']], [['AAA', 'BBB']]])('tries its space over %j, each trial the backtest of it', async (universe) => {
    const path = experiment({ universe, search: { objective: 'totalReturn', space } });
    const title = basename(path, '.yaml');
    const written = file('', 'chosen.yaml');
    const result = await found(path, '--write', written);
    // 6 and slow 5 would never cross.
    expect(result).toMatchObject({ method: 'grid', objective: 'totalReturn', trials: 8, experiment: title });
    const worths = result.ranking.map(({ objective }) => objective!);
    expect(worths).toEqual([...worths].sort((a, b) => b - a));
    const second = result.ranking[1]!;
    const sets = Object.entries(second.parameters).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    for (const [argv, { totalReturn, trades, journalHash }] of [
      [[path, ...sets], second],
      [[written], result.best],
    ] as const) {
      const plain = await typed('backtest', ...argv, '--json');
      expect(JSON.parse(plain.out)).toMatchObject({ totalReturn, trades, journalHash });
    }
    expect(readFileSync(result.report, 'utf8')).toContain(title);
    const words = await typed('optimize', path);
    expect(words.out).toMatch(new RegExp(`${title} by grid, best totalReturn: trend.fast=\\d trend.slow=\\d+`));
  });

  it('searches stops, sizes and shares of several strategies as well', async () => {
    const stops = { 'protection.stopLoss.percent': { choice: [0.01, 0.2] } };
    const protection = { stopLoss: { percent: 0.05 } };
    const one = await found(
      experiment({ protection, search: { space: { ...stops, 'sizing.fraction': { choice: [0.1, 0.4] } } } }),
    );
    expect(new Set(one.ranking.map(({ journalHash }) => journalHash)).size).toBe(4);
    const two = await found(
      experiment({
        strategies: [
          { ...trend, allocation: 0.3 },
          { name: 'back', kind: 'mean-reversion', allocation: 0.3 },
        ],
        search: {
          ...{ method: 'random', trials: 4, seed: 5, objective: 'sortino', constraints: { minTrades: 1 } },
          space: { ...fast, 'strategies.back.allocation': { float: [0.2, 0.6], step: 0.2 } },
        },
      }),
    );
    expect(two).toMatchObject({ method: 'random', objective: 'sortino', trials: 4 });
    expect(new Set(two.ranking.map(({ journalHash }) => journalHash)).size).toBe(4);
  });

  it("takes the values that a user's strategy declares, and leaves out what it refuses", async () => {
    const strategies = [{ name: 'mine', file: own }];
    const address = 'strategies.mine.parameters.lookback';
    const declared = await found(experiment({ strategies, search: { space: { [address]: { declared: true } } } }));
    expect(declared.ranking.map(({ parameters }) => parameters[address]).sort()).toEqual([3, 4, 5, 6]);
    const beyond = await found(experiment({ strategies, search: { space: { [address]: { int: [5, 9] } } } }));
    expect(beyond.trials).toBe(2);
    const strange = { 'strategies.mine.parameters.slow': { int: [1, 2] } };
    const { code, err } = await typed('optimize', experiment({ strategies, search: { space: strange } }));
    expect([code, err]).toEqual([2, expect.stringMatching(/slow/) as string]);
  });

  it.each([
    ['no search', { search: null }, /has no search section[\s\S]*strategies\.trend\.parameters\.KEY/],
    ['a method of models', { search: { method: 'tpe', space } }, /search\.method: tpe is of models; of rules, grid/],
    ['an objective of models', { search: { objective: 'logLoss', space } }, /search\.objective: logLoss is of models/],
    ['trials of a grid', { search: { trials: 5, space } }, /search\.trials: would do nothing: a grid tries all/],
    [
      'a strategy that is none',
      { search: { space: { 'strategies.tend.parameters.fast': { int: [1, 2] } } } },
      /no strategy is named tend; did you mean trend\?/,
    ],
    [
      'a parameter that is none',
      { search: { space: { 'strategies.trend.parameters.fats': { int: [1, 2] } } } },
      /unknown key strategies\.trend\.parameters\.fats; did you mean fast\?/,
    ],
    [
      'a parameter in the wrong place',
      { search: { space: { 'strategies.trend.fast': { int: [1, 2] } } } },
      /did you mean strategies\.trend\.parameters\.fast\?/,
    ],
    [
      'a stop that is none',
      { search: { space: { 'protection.stopLoss.percent': { float: [0.1, 0.2] } } } },
      /the experiment has no protection to search/,
    ],
    [
      'what is learned',
      { search: { space: { 'estimators.forest.trees': { int: [1, 2] } } } },
      /no section estimators of rules/,
    ],
    [
      'nothing that can be traded',
      { search: { space: { 'strategies.trend.parameters.fast': { int: [30, 40] } } } },
      /must be below slow/,
    ],
  ])('refuses %s with the key, exit code 2', async (_what, more, words) => {
    const { code, out, err } = await typed('optimize', experiment(more));
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(words);
  });

  it('refuses constraints, steps and methods of rules where a model is learned', async () => {
    const learned = (search: object): string => experiment({ strategies: undefined, search });
    const trees = { 'estimators.forest.trees': { int: [5, 50] } };
    for (const [search, words] of [
      [{ space: trees, method: 'grid' }, /search\.method: grid is of rules; where a model is learned, random/],
      [{ space: trees, constraints: { minTrades: 3 } }, /search\.constraints: are of rules/],
      [{ space: { 'estimators.forest.trees': { int: [5, 50], step: 5 } } }, /step is of rules/],
    ] as const) {
      const { code, err } = await typed('optimize', learned(search));
      expect([code, err]).toEqual([2, expect.stringMatching(words) as string]);
    }
  });
});

describe('walk-forward of an experiment of rules', () => {
  const splits = { trainBars: 120, testBars: 60, window: 'sliding' };

  it('chooses window by window of its splits, trades what comes after, and counts everything', async () => {
    const { code, out, err } = await typed('walk-forward', experiment({ splits }), '--json');
    expect(code, err).toBe(0);
    const value = JSON.parse(out) as {
      report: string;
      bars: number;
      ledger: { entryTime: string }[];
      walkForward: { folds: { trials: number; train: { from: string }; test: { from: string }; parameters: object }[] };
    };
    const { folds } = value.walkForward;
    expect(folds.map(({ trials }) => trials)).toEqual([8, 8, 8]);
    expect(value.bars).toBe(2 * 180);
    expect(Object.keys(folds[0]!.parameters)).toEqual(Object.keys(space));
    expect(new Set(folds.map(({ train }) => train.from)).size).toBe(3);
    const begins = folds[0]!.test.from;
    expect(value.ledger.length).toBeGreaterThan(3);
    expect(value.ledger.every(({ entryTime }) => entryTime >= begins)).toBe(true);
    expect(readFileSync(value.report, 'utf8')).toContain('walked forward');
  });

  it('has windows by the calendar, and a shorter last one', async () => {
    const months = { period: 'month', trainPeriods: 4, testPeriods: 2 };
    const { out } = await typed('walk-forward', experiment({ splits: months }), '--json');
    const { walkForward } = JSON.parse(out) as { walkForward: { folds: { test: { from: string; to: string } }[] } };
    const [first, ...rest] = walkForward.folds;
    expect(rest.length).toBeGreaterThan(1);
    expect(Number(first!.test.from.slice(8, 10))).toBeLessThanOrEqual(2);
    rest.forEach(({ test }, at) => expect(test.from > walkForward.folds[at]!.test.to).toBe(true));
  });

  it.each([
    ['a rule of all symbols', { name: 'one', kind: 'pairs' }, { lookback: { choice: [20, 30] } }, splits],
    [
      "a user's own strategy",
      { name: 'one', file: own },
      { lookback: { choice: [3, 6] } },
      { ...splits, testBars: 180 },
    ],
  ])('walks %s as well', async (_what, strategy, ranges, windows) => {
    const [[key, range]] = Object.entries(ranges) as [[string, object]];
    const searched = { space: { [`strategies.one.parameters.${key}`]: range } };
    const { code, out, err } = await typed(
      'walk-forward',
      experiment({ splits: windows, strategies: [strategy], search: searched }),
      '--json',
    );
    expect(code, err).toBe(0);
    const { walkForward, trades } = JSON.parse(out) as { trades: number; walkForward: { folds: { trades: number }[] } };
    expect(walkForward.folds.some(({ trades: apart }) => apart > 0)).toBe(true);
    expect(trades).toBeGreaterThan(0);
  });

  it.each([
    [
      'sizes',
      { search: { space: { ...fast, 'sizing.fraction': { choice: [0.1, 0.2] } } } },
      /search\.space\.sizing\.fraction: a walk chooses parameters of a strategy/,
    ],
    ['folds that are no walk', { splits: { kind: 'purged-k-fold' } }, /splits\.kind: purged-k-fold is no walk-forward/],
    ['too few bars', { splits: { trainBars: 400, testBars: 60 } }, /300 bars hold no test after a training of 400/],
  ])('refuses %s, exit code 2', async (_what, more, words) => {
    const { code, out, err } = await typed('walk-forward', experiment({ splits, ...more }));
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(words);
  });
});
