import { describe, expect, it } from 'vitest';
import type { BarColumns } from '../../../features/bar.ts';
import { HOUR_MS } from '../../../features/timeframe.ts';
import { experimentSchema, type Experiment } from '../../../models/experiment/experiment.ts';
import type { DatedAction } from '../../../pipelines/adjustments/corporate-action.ts';
import { scratchFiles } from '../../../pipelines/testing/scratch-files.ts';
import type { Effect } from '../../../trading/effect.ts';
import { MemoryJournal } from '../../../trading/journal/memory-journal.ts';
import type { StrategyShare } from '../../../trading/portfolio/strategy-shares.ts';
import type { SessionResult } from '../../../trading/session-result.ts';
import { runHistoricalSession, type HistoricalSessionOptions } from '../../../trading/sessions/historical-session.ts';
import { randomWalkBars, testInstrument } from '../../../trading/testing/random-walk-bars.ts';
import { countedRun } from '../rules/run-counted.ts';
import type { SearchOfRules } from '../rules/rule-search.ts';
import { RuleSpace } from '../rules/rule-space.ts';
import type { RuleParameters } from '../rules/rule-trial.ts';
import { planTrials, requireTradable, type SearchedExperiment } from '../rules/searched.ts';
import { tradeTests, walkRules, type WalkedFold } from './walk-rules.ts';
import { splitWindows } from './walk-windows.ts';

const { file } = scratchFiles('walked-account');
const own = file(
  [
    "import type { OwnStrategy } from 'signalbox';",
    'const own: OwnStrategy<{ lookback: number }> = {',
    '  parameters: { lookback: { default: 5, min: 2, max: 20, whole: true } },',
    '  create: ({ lookback }) => {',
    '    let rising = 0;',
    '    return {',
    '      decide: (view) => {',
    '        if (view.length < 2 || view.close() === view.close(1)) return "HOLD";',
    '        rising = view.close() > view.close(1) ? rising + 1 : 0;',
    '        return rising === 0 ? "SELL" : rising * 2 > lookback ? { target: 0.5 } : "HOLD";',
    '      },',
    '    };',
    '  },',
    '};',
    'export default own;',
  ].join('\n'),
  'rising.ts',
);

/** A limit below the market with two exits, once something moves; amended at each close, over borders too. */
const dips = file(
  [
    "import type { OwnStrategy } from 'signalbox';",
    'const exit = { do: "place", side: "sell", size: "position", reduceOnly: true, group: "exits", after: "entry" } as const;',
    'const dips: OwnStrategy<{ dip: number }> = {',
    '  parameters: { dip: { default: 0.01, min: 0.001, max: 0.1 } },',
    '  create: ({ dip }) => ({',
    '    orders: (view, { position, working }) => {',
    '      if (view.length < 2 || view.close() === view.close(1) || position !== 0) return [];',
    '      const limit = view.close() * (1 - dip);',
    '      if (working.length > 0) return [{ do: "amend", label: "entry", limit }];',
    '      return [',
    '        { do: "place", label: "entry", side: "buy", type: "limit", limit, size: { equityShare: 0.2 } },',
    '        { ...exit, label: "stop", type: "stop", stop: limit * 0.97 },',
    '        { ...exit, label: "target", type: "limit", limit: limit * 1.03 },',
    '      ];',
    '    },',
    '  }),',
    '};',
    'export default dips;',
  ].join('\n'),
  'dips.ts',
);

/** A size that is none, one in three. */
const sizer = file(
  [
    "import type { OwnSizer } from 'signalbox';",
    'const sizer: OwnSizer = {',
    '  parameters: {},',
    '  size: ({ timeMs, volatility }) => ((timeMs / 14_400_000) % 3 === 0 ? { fraction: -1 } : { fraction: 0.3 + (volatility ?? 0) }),',
    '};',
    'export default sizer;',
  ].join('\n'),
  'sizer.ts',
);

/** Closes of training in which nothing moves, so that nobody says anything, and all after them. */
const QUIET = 120;
/** Borders come inside days, and at the end of a week whose last day is over without its last bar. */
const TEST = 40;
const ROWS = QUIET + 7 * TEST;

function quietAtFirst(symbol: string, seed: number): BarColumns {
  const walk = randomWalkBars(symbol, ROWS, { seed, sigma: 0.02, barMs: 4 * HOUR_MS });
  const after = (values: Float64Array): Float64Array => values.map((value, row) => (row < QUIET ? 100 : value));
  return { ...walk, open: after(walk.open), high: after(walk.high), low: after(walk.low), close: after(walk.close) };
}

/** Without the last bar of every fifth day: longer bars of it are over once the next has closed. */
function withGaps(bars: BarColumns): BarColumns {
  const kept = (values: Float64Array): Float64Array => values.filter((_, row) => row % 30 !== 29);
  const { openTimeMs, closeTimeMs, open, high, low, close, volume } = bars;
  const prices = { open: kept(open), high: kept(high), low: kept(low), close: kept(close) };
  const times = { openTimeMs: kept(openTimeMs), closeTimeMs: kept(closeTimeMs) };
  return { symbol: bars.symbol, length: prices.open.length, ...times, ...prices, volume: kept(volume) };
}

const bars = ['AAA', 'BBB', 'CCC'].map((symbol, at) => quietAtFirst(symbol, at + 1));
bars[2] = withGaps(bars[2]!);
const at = (symbol: number, row: number, kind: 'split' | 'dividend', value: number): DatedAction => {
  const effectiveMs = bars[symbol]!.openTimeMs[row]!;
  return { kind, value, effectiveMs, knownAtMs: effectiveMs };
};
const actions = [
  [at(0, 205, 'split', 2), at(0, 310, 'dividend', 0.8)],
  [at(1, 180, 'dividend', 0.5)],
  [at(2, 300, 'split', 0.25)],
];

const LIMITS = { positionFraction: 0.4, exposureFraction: 0.9 };
const STRATEGIES = [
  { name: 'trend', kind: 'sma-cross', parameters: { fast: 3, slow: 12 }, allocation: 0.3 },
  { name: 'legs', kind: 'pairs', parameters: { lookback: 20 }, symbols: ['AAA', 'CCC'], allocation: 0.2 },
  { name: 'days', kind: 'ema-cross', parameters: { fast: 2, slow: 5 }, allocation: 0.2, timeframe: '1d' },
  { name: 'range', kind: 'breakout', parameters: { lookback: 10 }, allocation: 0.2, limits: LIMITS },
] as const;
const GRID = { name: 'levels', kind: 'grid', parameters: { lookback: 15 }, allocation: 0.4 };
const FLIPS = { name: 'flips', kind: 'sma-cross', parameters: { fast: 1, slow: 2 }, allocation: 0.5 };
const DIPS = { name: 'dips', file: dips, parameters: { dip: 0.01 }, allocation: 0.3 };
const RISING = { name: 'rising', file: own, parameters: { lookback: 4 }, allocation: 0.2, limits: LIMITS };

interface Given {
  readonly strategies?: readonly object[];
  readonly symbols?: number;
  readonly acts?: boolean;
  readonly more?: object;
}

function searchedOf({ strategies = STRATEGIES, symbols = 3, acts = false, more = {} }: Given): SearchedExperiment {
  const traded = bars.slice(0, symbols);
  const experiment: Experiment = experimentSchema.parse({
    ...{ name: 'account', universe: traded.map(({ symbol }) => symbol), capital: 100_000, limits: 'unbounded' },
    data: { source: 'csv', path: 'bars.csv', timeframe: '4h', calendar: 'none' },
    ...{ strategies, sizing: { fraction: 0.3 }, costs: { feeBps: 4, halfSpreadBps: 2 }, signals: { cooldownBars: 2 } },
    splits: { trainBars: QUIET, testBars: TEST, window: 'sliding' },
    ...more,
  });
  const instruments = traded.map(({ symbol }) => testInstrument(symbol));
  const market = { bars: traded, actions: traded.map((_, s) => (acts ? actions[s]! : [])), instruments };
  return { kind: 'experiment', experiment, market: { ...market, calendar: 'none' } };
}

const search: SearchOfRules = { method: 'grid', trials: 9, seed: 3, objective: 'totalReturn', constraints: {} };

async function walked(searched: SearchedExperiment, ranges: Record<string, number[]>): Promise<WalkedFold[]> {
  const axes = Object.entries(ranges).map(([name, values]) => ({ name, values }));
  const check = (given: RuleParameters): void => requireTradable(searched.experiment, given);
  const windows = splitWindows(searched.market.bars, searched.experiment.splits);
  const runOver = (trained: typeof searched): ReturnType<typeof countedRun> =>
    countedRun({ searched: trained, dataHash: 'account', threads: 1, database: null });
  return walkRules(new RuleSpace('account', axes, { check }), {
    ...{ searched, windows, search, runOver: (trained) => runOver(trained as typeof searched) },
  });
}

/** A thread is started for each session of a file. */
const THREE = { splits: { trainBars: QUIET, testBars: 2 * TEST, window: 'sliding' } };

/** Folds of the windows of `splits`, each with the parameters that are given for it. */
function foldsOf(searched: SearchedExperiment, chosen: (fold: number) => RuleParameters | null): WalkedFold[] {
  return splitWindows(searched.market.bars, searched.experiment.splits).map((window, fold) => {
    return { window, tried: [], best: null, parameters: chosen(fold) };
  });
}

function recorded(plan: HistoricalSessionOptions): { session: SessionResult; effects: readonly Effect[] } {
  const memory = new MemoryJournal(plan.bars.map(({ symbol }) => symbol));
  const effects: Effect[] = [];
  const append = (effect: Effect): void => {
    effects.push(structuredClone(effect));
    memory.append(effect);
  };
  const session = runHistoricalSession({ ...plan, journal: { append, hash: () => memory.hash() } });
  return { session, effects };
}

/** Attribution adds up to the account, to far less than a cent. */
function requireSum({ strategies, equity, initialCapital, fees, fills, slippage }: SessionResult): void {
  const sum = (of: (share: StrategyShare) => number): number => strategies!.reduce((all, one) => all + of(one), 0);
  expect(sum(({ equity: own }) => own)).toBeCloseTo(equity.at(-1)!, 5);
  expect(sum(({ profit }) => profit)).toBeCloseTo(equity.at(-1)! - initialCapital, 5);
  expect(sum(({ realised, unrealised, interest }) => realised + unrealised + interest)).toBeCloseTo(
    equity.at(-1)! - initialCapital,
    5,
  );
  expect(sum(({ fees: own }) => own)).toBeCloseTo(fees, 6);
  expect(sum(({ slippage: own }) => own)).toBeCloseTo(slippage, 6);
  expect(sum(({ fills: own }) => own)).toBe(fills);
}

describe('a walk of strategies that share an account', () => {
  it.each<[string, Given]>([
    ['several symbols', {}],
    ['splits and dividends', { acts: true }],
    ['cash that moves every week', { more: { rebalance: 'weekly' } }],
    ['one opening a day', { strategies: [FLIPS, STRATEGIES[2]], more: { signals: { maxPerDay: 1 } } }],
    ['bars between two orders', { more: { signals: { cooldownBars: 9 } } }],
    ['shares of a position', { strategies: [STRATEGIES[0], GRID, STRATEGIES[2]] }],
    ['orders that are filled over several bars', { more: { costs: { participation: 0.004 } } }],
    ['all of it', { acts: true, more: { rebalance: 'monthly', signals: { cooldownBars: 3, longShort: true } } }],
    ['sizes by volatility', { more: { sizing: { kind: 'volatility-target', targetVolatility: 0.1, fraction: 0.4 } } }],
    ['sizes of a file, with its mistakes', { more: { sizing: sizer } }],
    ['one symbol', { symbols: 1, strategies: [STRATEGIES[0], STRATEGIES[2], STRATEGIES[3]], acts: true }],
    ["a user's own file", { strategies: [STRATEGIES[0], STRATEGIES[2], RISING], acts: true, more: THREE }],
    ['orders of a file beside rules', { strategies: [STRATEGIES[0], DIPS, STRATEGIES[2]], acts: true, more: THREE }],
    ['one strategy with a part', { strategies: [STRATEGIES[0]] }],
    ['one strategy of longer bars', { strategies: [{ ...STRATEGIES[2], allocation: 1 }], acts: true }],
  ])('of one point is the backtest of the same bars: %s', async (_what, given) => {
    const searched = searchedOf(given);
    const [{ name: first, parameters }] = searched.experiment.strategies!;
    const [[key, value]] = Object.entries(parameters) as [[string, number]];
    const folds = await walked(searched, { [`strategies.${first}.parameters.${key}`]: [value] });
    expect(folds.length).toBeGreaterThan(2);
    expect(folds.every(({ parameters }) => parameters !== null)).toBe(true);
    const tests = recorded(tradeTests(searched, folds).plan);
    const whole = recorded(planTrials(searched)({}));
    const begins = folds[0]!.window.testFromMs;
    expect(whole.effects.every(({ timeMs }) => timeMs >= begins)).toBe(true);
    expect(tests.effects).toEqual(whole.effects);
    expect(tests.session.journalHash).toBe(whole.session.journalHash);
    expect(tests.session.ledger).toEqual(whole.session.ledger);
    expect(tests.session.reasons).toEqual(whole.session.reasons);
    expect(tests.session.equity.at(-1)).toBeCloseTo(whole.session.equity.at(-1)!, 6);
    const shares = tests.session.strategies!;
    expect(shares.map(({ name }) => name)).toEqual([...searched.experiment.strategies!.map(({ name }) => name), null]);
    for (const [strategy, share] of shares.entries()) {
      const same = whole.session.strategies![strategy]!;
      expect(share).toMatchObject({ name: same.name, fills: same.fills, trades: same.trades, lots: same.lots });
      expect(share.equity).toBeCloseTo(same.equity, 6);
      expect(share.transferred).toBeCloseTo(same.transferred, 6);
      if (share.name !== null) expect(share.fills).toBeGreaterThan(3);
    }
    requireSum(tests.session);
  });

  it('goes on over every border as one window does, interest and what is held included', () => {
    const financing = { borrow: 0.02, funding: 0.01, debit: 0.08, credit: 0.03 };
    const more = { rebalance: 'weekly', signals: { longShort: true }, costs: { feeBps: 4, financing } };
    const many = searchedOf({ acts: true, more });
    const one = searchedOf({ acts: true, more: { ...more, splits: { trainBars: QUIET, testBars: ROWS - QUIET } } });
    const [apart, together] = [many, one].map((searched) =>
      recorded(
        tradeTests(
          searched,
          foldsOf(searched, () => ({})),
        ).plan,
      ),
    );
    expect(apart!.effects).toEqual(together!.effects);
    expect(apart!.session).toEqual(together!.session);
    // Positions were handed on at each border.
    for (const { window } of foldsOf(many, () => null).slice(1)) {
      const over = ({ entryTimeMs, exitTimeMs }: SessionResult['ledger'][number]): boolean =>
        entryTimeMs < window.testFromMs && (exitTimeMs ?? Infinity) > window.testFromMs;
      expect(apart!.session.ledger.some(over)).toBe(true);
    }
    requireSum(apart!.session);
  });

  it('decides by each window in its own test alone, and the parts add up over all of them', async () => {
    const searched = searchedOf({ acts: true, more: { rebalance: 'monthly' } });
    const ranges = {
      'strategies.trend.parameters.fast': [2, 3, 5],
      'strategies.days.parameters.slow': [3, 5],
      'strategies.range.parameters.lookback': [5, 15],
    };
    const folds = await walked(searched, ranges);
    expect(new Set(folds.map(({ parameters }) => JSON.stringify(parameters))).size).toBeGreaterThan(2);
    const tests = tradeTests(searched, folds);
    const { session, effects } = recorded(tests.plan);
    requireSum(session);
    for (const [fold, { window }] of folds.entries()) {
      // Up to a border, what is chosen after it changes nothing.
      const same = folds.map((one, number) => (number <= fold ? one : { ...one, parameters: folds[fold]!.parameters }));
      const before = ({ timeMs }: Effect): boolean => timeMs <= window.testToMs;
      const other = recorded(tradeTests(searched, same).plan).effects;
      expect(other.filter(before)).toEqual(effects.filter(before));
    }
    const first = folds.map((one) => ({ ...one, parameters: folds[0]!.parameters }));
    expect(recorded(tradeTests(searched, first).plan).effects).not.toEqual(effects);
    expect(tests.apart.map((one) => one!.figures.trades > 0)).toEqual(new Array(7).fill(true));
  });

  it('keeps what is held, and moves cash, where a window chose nothing', () => {
    const searched = searchedOf({ more: { rebalance: 'weekly' } });
    const folds = foldsOf(searched, (fold) => (fold === 0 || fold === 2 ? null : {}));
    const { session, effects } = recorded(tradeTests(searched, folds).plan);
    const during = (fold: number): readonly Effect[] => {
      const { testFromMs, testToMs } = folds[fold]!.window;
      return effects.filter(({ timeMs }) => timeMs > testFromMs && timeMs <= testToMs);
    };
    expect([during(0), during(2)]).toEqual([[], []]);
    expect(during(3).some(({ kind }) => kind === 'fill')).toBe(true);
    const { testFromMs, testToMs } = folds[2]!.window;
    expect(
      session.ledger.some(({ entryTimeMs, exitTimeMs }) => entryTimeMs < testFromMs && exitTimeMs! > testToMs),
    ).toBe(true);
    requireSum(session);
    // Nothing is traded in the last window, and what is held goes on being worth more or less.
    const [shorter, longer] = [6, 7].map((windows) => {
      const some = foldsOf(searched, (fold) => (fold === 6 ? null : {})).slice(0, windows);
      return recorded(tradeTests(searched, some).plan).session;
    });
    expect(longer!.fills).toBe(shorter!.fills);
    const moved = longer!.strategies!.map(
      ({ transferred }, part) => transferred - shorter!.strategies![part]!.transferred,
    );
    expect(moved.every((one) => Math.abs(one) > 1)).toBe(true);
    requireSum(longer!);
    const nothing = recorded(
      tradeTests(
        searched,
        foldsOf(searched, () => null),
      ).plan,
    ).session;
    expect(nothing.strategies!.map(({ equity }) => Math.round(equity))).toEqual([
      30_000, 20_000, 20_000, 20_000, 10_000,
    ]);
  });
});
