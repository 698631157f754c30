import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { BarColumns } from '../../../features/bar.ts';
import { HOUR_MS } from '../../../features/timeframe.ts';
import { typeCommand, type TypedCommand } from '../../../infra/terminal/testing/typed-command.ts';
import { createTestDatabase, type TestDatabase } from '../../../infra/testing/test-database.ts';
import { barsCsv } from '../../../pipelines/bars/bars-csv.ts';
import { scratchFiles } from '../../../pipelines/testing/scratch-files.ts';
import type { StrategyShare } from '../../../trading/portfolio/strategy-shares.ts';
import { registerTradingCommands } from '../../../trading/sessions/commands.ts';
import { randomWalkBars } from '../../../trading/testing/random-walk-bars.ts';
import { registerBacktestCommands } from '../../commands.ts';

// One file of several strategies on one account: searched, walked forward, backtested and traded on paper.
const { folder, file } = scratchFiles('account-experiments');

/** Two for one before that row, in prices and volumes as they trade. */
const SPLIT = 216;
const halved = (values: Float64Array, ratio = 0.5): Float64Array =>
  values.map((value, row) => (row < SPLIT ? value : value * ratio));
function divided(bars: BarColumns): BarColumns {
  const { open, high, low, close, volume } = bars;
  const prices = { open: halved(open), high: halved(high), low: halved(low), close: halved(close) };
  return { ...bars, ...prices, volume: halved(volume, 2) };
}

const walks = ['AAA', 'BBB'].map((symbol, at) =>
  randomWalkBars(symbol, 300, { seed: at + 3, sigma: 0.02, barMs: 4 * HOUR_MS }),
);
const bars = file([...barsCsv([divided(walks[0]!), walks[1]!])].join(''), 'walks.csv');
const day = (row: number): string => new Date(walks[0]!.openTimeMs[row]!).toISOString().slice(0, 10);
const actions = file(
  `symbol,type,exDate,ratio,amount\nAAA,split,${day(SPLIT)},2,\nBBB,dividend,${day(150)},,0.5\n`,
  'actions.csv',
);
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

const BRACKET = join(import.meta.dirname, '../../../trading/strategies/own/example/dip-bracket.ts');

const STRATEGIES = [
  { name: 'trend', kind: 'sma-cross', parameters: { fast: 3, slow: 12 }, allocation: 0.3 },
  { name: 'legs', kind: 'pairs', parameters: { lookback: 20 }, allocation: 0.2 },
  { name: 'days', kind: 'ema-cross', parameters: { fast: 2, slow: 5 }, allocation: 0.2, timeframe: '1d' },
  { name: 'mine', file: own, parameters: { lookback: 4 }, symbols: ['BBB'], allocation: 0.2 },
];
const SPACE = {
  'strategies.trend.parameters.fast': { choice: [2, 4] },
  'strategies.mine.parameters.lookback': { choice: [3, 5] },
};

const experiment = (name: string, more: object = {}): string =>
  file(
    stringify({
      ...{ name, universe: ['AAA', 'BBB'], capital: 100_000, limits: 'unbounded', rebalance: 'weekly' },
      data: { source: 'csv', path: bars, actions, timeframe: '4h', calendar: 'none' },
      ...{ strategies: STRATEGIES, sizing: { fraction: 0.4 }, costs: { feeBps: 3, halfSpreadBps: 1 } },
      splits: { trainBars: 120, testBars: 60, window: 'sliding' },
      search: { objective: 'totalReturn', space: SPACE },
      ...more,
    }),
    `${name}.yaml`,
  );

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const typed = (...argv: readonly string[]): Promise<TypedCommand> =>
  typeCommand(
    {
      register: (program) => {
        registerBacktestCommands(program);
        registerTradingCommands(program);
      },
      env: { DATABASE_URL: database.url, SIGNALBOX_HOME: folder, SIGNALBOX_WORKERS: '1', REDIS_URL: '' },
    },
    ...argv,
  );

async function told<Value>(...argv: readonly string[]): Promise<Value> {
  const { code, out, err } = await typed(...argv, '--json');
  expect(code, err).toBe(0);
  return JSON.parse(out) as Value;
}

interface Traded {
  readonly report: string;
  readonly bars: number;
  readonly finalEquity: number;
  readonly fees: number;
  readonly journalHash: string;
  readonly costs: object;
  readonly strategies: readonly StrategyShare[];
  readonly attribution: { readonly strategy: readonly { name: string; pnl: number }[] };
  readonly ledger: readonly { entryTime: string; exitTime: string | null }[];
  readonly walkForward: { readonly folds: readonly { test: { from: string }; parameters: object; trades: number }[] };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

describe('an experiment of strategies that share an account', () => {
  it('is searched, each trial the backtest of it, and paper trades the same', async () => {
    // A size that is measured by the bars of a year.
    const sizing = { kind: 'volatility-target', targetVolatility: 0.1, volatilityBars: 10, fraction: 0.5 };
    const path = experiment('searched', { sizing });
    const written = file('', 'chosen.yaml');
    interface Found {
      readonly trials: number;
      readonly best: { readonly parameters: object; readonly journalHash: string };
      readonly ranking: readonly { readonly parameters: object; readonly journalHash: string }[];
    }
    const found = await told<Found>('optimize', path, '--write', written);
    expect(found.trials).toBe(4);
    expect(new Set(found.ranking.map(({ journalHash }) => journalHash)).size).toBe(4);
    const second = found.ranking[1]!;
    const sets = Object.entries(second.parameters).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    const set = await told<Traded>('backtest', path, ...sets);
    expect(set.journalHash).toBe(second.journalHash);
    const best = await told<Traded>('backtest', written);
    expect(best.journalHash).toBe(found.best.journalHash);
    expect(best.strategies.every(({ name, fills }) => fills > 0 || name === null)).toBe(true);
    expect(await told<Traded>('paper', written)).toMatchObject({
      journalHash: best.journalHash,
      strategies: best.strategies,
    });
  });

  it('walks forward: windows hand on what each strategy holds, and parts add up over all of them', async () => {
    const walked = await told<Traded>('walk-forward', experiment('walked'));
    const { folds } = walked.walkForward;
    expect(folds).toHaveLength(3);
    for (const { parameters, trades } of folds) {
      expect(Object.keys(parameters)).toEqual(Object.keys(SPACE));
      expect(trades).toBeGreaterThan(3);
    }
    expect(walked.bars).toBe(2 * 180);
    const isHeldOver = ({ test }: (typeof folds)[number]): boolean =>
      walked.ledger.some(({ entryTime, exitTime }) => entryTime < test.from && (exitTime ?? '9') > test.from);
    expect(folds.slice(1).some(isHeldOver)).toBe(true);
    const { strategies, attribution } = walked;
    expect(strategies.map(({ name }) => name)).toEqual(['trend', 'legs', 'days', 'mine', null]);
    expect(strategies.every(({ name, fills }) => fills > 0 || name === null)).toBe(true);
    expect(sum(strategies.map(({ equity }) => equity))).toBeCloseTo(walked.finalEquity, 5);
    expect(sum(strategies.map(({ fees }) => fees))).toBeCloseTo(walked.fees, 6);
    expect(sum(attribution.strategy.map(({ pnl }) => pnl))).toBeCloseTo(walked.finalEquity - 100_000, 5);
    const page = readFileSync(walked.report, 'utf8');
    expect(page).toContain('Strategies that share the account');
    expect(page).toContain('What each window chose');
    const csv = file('', 'trades.csv');
    expect((await typed('trades', '--run', 'latest', '--out', csv)).code).toBe(0);
    expect(readFileSync(csv, 'utf8').trim().split('\n')).toHaveLength(walked.ledger.length + 1);
    const fills = file('', 'fills.csv');
    expect((await typed('fills', '--run', 'latest', '--out', fills)).code).toBe(0);
    const [head, ...rows] = readFileSync(fills, 'utf8').trim().split('\n');
    const column = head!.split(',').indexOf('strategy');
    for (const { name, fills: own } of strategies.slice(0, -1)) {
      expect(rows.filter((row) => row.split(',')[column] === name)).toHaveLength(own);
    }
    // Its session has a name of its own.
    const { rows: kept } = await database.pool.query<{ id: string; ended: string }>(
      "SELECT id, journal_hash AS ended FROM signalbox.sessions WHERE id LIKE 'walk-forward-walked-%'",
    );
    expect(kept.map(({ ended }) => ended)).toEqual([walked.journalHash]);
  });

  it.each(['optimize', 'walk-forward', 'backtest'])(
    'takes a file that places orders beside a rule: %s',
    async (command) => {
      const strategies = [STRATEGIES[0], { name: 'bracket', file: BRACKET, allocation: 0.3 }];
      const space = { 'strategies.trend.parameters.fast': { choice: [2, 4] } };
      const path = experiment(`places-${command}`, { strategies, search: { space } });
      const { code, out } = await typed(command, path, '--json');
      expect(code).toBe(0);
      if (command === 'optimize') return expect(JSON.parse(out)).toMatchObject({ trials: 2 });
      const { strategies: parts } = JSON.parse(out) as { strategies: StrategyShare[] };
      expect(parts.map(({ name }) => name)).toEqual(['trend', 'bracket', null]);
      for (const { name, fills } of parts) if (name !== null) expect(fills).toBeGreaterThan(3);
    },
  );

  describe('whose orders are executed in parts', () => {
    const hours = (slices: number): object => ({ kind: 'twap', slices, withinMinutes: slices * 240 });
    const [trend, legs, days, mine] = STRATEGIES;
    const strategies = [trend, legs, { ...days, execution: {} }, { ...mine, execution: { exit: hours(2) } }];
    const sliced = (name: string, more: object = {}): string =>
      experiment(name, { strategies, execution: { entry: hours(4), exit: hours(2) }, ...more });

    it('is backtested, and paper trades the same, stopped in parts by their protection too', async () => {
      const path = sliced('sliced', { protection: { stopLoss: { percent: 0.05 } } });
      const traded = await told<Traded>('backtest', path);
      const paper = await told<Traded>('paper', path);
      expect(paper).toMatchObject({ journalHash: traded.journalHash, strategies: traded.strategies });
      expect(sum(traded.strategies.map(({ equity }) => equity))).toBeCloseTo(traded.finalEquity, 5);
      expect(sum(traded.strategies.map(({ fees }) => fees))).toBeCloseTo(traded.fees, 6);
      const { rows } = await database.pool.query<{ name: string; side: string; parts: string }>(
        `SELECT DISTINCT strategy AS name, side, CASE WHEN parent IS NULL THEN 'one' ELSE 'many' END AS parts
         FROM signalbox.orders WHERE session_id LIKE 'paper-sliced-%' AND role = 'order'`,
      );
      const partsOf = (name: string): string[] => rows.filter((row) => row.name === name).map(({ parts }) => parts);
      expect(new Set(partsOf('trend'))).toEqual(new Set(['many']));
      expect(new Set(partsOf('days'))).toEqual(new Set(['one']));
      expect(new Set(partsOf('mine'))).toEqual(new Set(['one', 'many']));
    });

    it('is searched, and walks forward', async () => {
      const path = sliced('sliced-search');
      const { best } = await told<{ best: { journalHash: string; parameters: object } }>('optimize', path);
      const sets = Object.entries(best.parameters).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
      expect((await told<Traded>('backtest', path, ...sets)).journalHash).toBe(best.journalHash);
      const walked = await told<Traded>('walk-forward', sliced('sliced-walk'));
      expect(sum(walked.strategies.map(({ equity }) => equity))).toBeCloseTo(walked.finalEquity, 5);
      expect(walked.strategies.every(({ name, fills }) => fills > 0 || name === null)).toBe(true);
    });

    it('is refused by the key of a strategy', async () => {
      const of = { ...trend, execution: { entry: { kind: 'twap', slicess: 4, withinMinutes: 60 } } };
      const { code, err } = await typed('backtest', experiment('sliced-wrong', { strategies: [of, legs] }));
      expect(code).toBe(2);
      expect(err).toMatch(/unknown key strategies\[0\]\.execution\.entry\.slicess; did you mean .+\.entry\.slices\?/);
    });
  });

  it('refuses a search of shares by windows, by the key', async () => {
    const space = { 'strategies.trend.allocation': { choice: [0.1, 0.3] } };
    const { code, out, err } = await typed('walk-forward', experiment('allocated', { search: { space } }));
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/search\.space\.strategies\.trend\.allocation: a walk chooses parameters of a strategy/);
  });
});
