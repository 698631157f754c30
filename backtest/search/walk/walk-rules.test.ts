import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../features/timeframe.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import { BarView } from '../../../trading/bar-view.ts';
import { HOLD, type HeardFill, type OrderBook, type Strategy } from '../../../trading/strategies/strategy.ts';
import { createRuleStrategy } from '../../../trading/strategies/rule-strategies.ts';
import { randomWalkBars } from '../../../trading/testing/random-walk-bars.ts';
import { historyOf } from '../../judgement/trial-history.ts';
import { parseAxes } from '../rules/parameter-axes.ts';
import { countedRun } from '../rules/run-counted.ts';
import type { SearchOfRules } from '../rules/rule-search.ts';
import { RuleSpace } from '../rules/rule-space.ts';
import { tradeRule, type TradedRules } from '../rules/rule-trial.ts';
import { sharedBars } from '../rules/run-trials.ts';
import { analyseTests, evaluateTests, walkResult, type WalkResult } from './walk-result.ts';
import { spanOf, type Searched } from '../rules/searched.ts';
import { tradeTests, walkRules, type WalkedFold } from './walk-rules.ts';
import { walkMarkup, walkText } from './walk-sections.ts';
import { walkedStrategy } from './walked-session.ts';
import { barsWithin, walkWindows, type WalkWindow } from './walk-windows.ts';

const walk = randomWalkBars('WALK', 700, { seed: 21, sigma: 0.01, barMs: DAY_MS });
const space = new RuleSpace('sma-cross', parseAxes(['fast=2:8:2', 'slow=10:30:10']));
const search: SearchOfRules = { method: 'grid', trials: 12, seed: 3, objective: 'totalReturn', constraints: {} };
const lengths = { trainBars: 200, testBars: 100, anchored: false };

/** Two for one before row 450, in prices and volumes as they trade. */
const SPLIT = 450;
const halved = (values: Float64Array, ratio: number): Float64Array =>
  values.map((value, row) => (row < SPLIT ? value : value * ratio));
const splitWalk = {
  ...walk,
  ...{ open: halved(walk.open, 0.5), high: halved(walk.high, 0.5), low: halved(walk.low, 0.5) },
  ...{ close: halved(walk.close, 0.5), volume: halved(walk.volume, 2) },
};
const effectiveMs = walk.openTimeMs[SPLIT]!;
const split = { kind: 'split', value: 2, effectiveMs, knownAtMs: effectiveMs } as const;

const rulesOver = (close = walk.close): TradedRules => ({
  ...{ bars: [sharedBars({ ...walk, close })], calendar: 'none', sizing: { kind: 'all-in' }, longShort: false },
  ...{ costs: { feeBps: 5 }, limits: NAMED_LIMITS.unbounded, capital: 100_000, lot: 1 },
});

async function walked(rules: TradedRules, of = search): Promise<{ folds: WalkedFold[]; result: WalkResult }> {
  const { costs } = rules;
  const searched: Searched = { kind: 'strategy', strategy: 'sma-cross', rules };
  const runOver = (trained: Searched): ReturnType<typeof countedRun> =>
    countedRun({ searched: trained, dataHash: 'walk', threads: 1, database: null });
  const folds = await walkRules(space, { searched, windows: walkWindows(rules.bars, lengths), search: of, runOver });
  const tests = tradeTests(searched, folds);
  const evaluation = evaluateTests(tests, 3);
  const history = historyOf([
    evaluation.record,
    ...folds.flatMap(({ tried }) => tried.map(({ trial }) => trial.record)),
  ]);
  return {
    folds,
    result: walkResult(
      { folds, tests, search: of, axes: space.axes },
      { evaluation, analysis: analyseTests(tests, evaluation, { seed: 3, costs }), history, costs },
    ),
  };
}

describe('windows', () => {
  it('follow each other end to end; what is too short at the end is not used', () => {
    const at = (row: number): number => walk.closeTimeMs[row]!;
    const windows = walkWindows([walk], { trainBars: 200, testBars: 150, anchored: false });
    expect(windows).toEqual([
      { trainFromMs: at(0), trainToMs: at(199), testFromMs: at(200), testToMs: at(349) },
      { trainFromMs: at(150), trainToMs: at(349), testFromMs: at(350), testToMs: at(499) },
      { trainFromMs: at(300), trainToMs: at(499), testFromMs: at(500), testToMs: at(649) },
    ]);
    const anchored = walkWindows([walk], { trainBars: 200, testBars: 150, anchored: true });
    expect(anchored.map(({ trainFromMs }) => trainFromMs)).toEqual([at(0), at(0), at(0)]);
    expect(() => walkWindows([walk], { trainBars: 600, testBars: 150, anchored: false })).toThrow(/700 bars hold no/);
  });
});

describe('a walk forward of rules', () => {
  it('chooses inside each window what is best there, and trades the tests as one session', async () => {
    const rules = rulesOver();
    const { folds, result } = await walked(rules);
    expect(result.walkForward.folds).toHaveLength(5);
    for (const [at, { window, tried, best }] of folds.entries()) {
      expect(tried).toHaveLength(12);
      const trained = spanOf(rules, window.trainFromMs, window.trainToMs);
      const equities = tried.map(({ place }) => {
        const session = tradeRule(trained, createRuleStrategy('sma-cross', space.parametersAt(place)));
        return session.equity.at(-1)! / 100_000 - 1;
      });
      expect(best!.worth).toBe(Math.max(...equities));
      expect(result.walkForward.folds[at]).toMatchObject({ inSample: best!.worth, trials: 12 });
    }
    expect(result).toMatchObject({ bars: 500, strategy: 'sma-cross', trials: 61 });
    const first = folds[0]!.window.testFromMs;
    expect(result.ledger.every(({ entryTime }) => Date.parse(entryTime) >= first)).toBe(true);
    expect(result.ledger.length).toBeGreaterThan(5);
    expect(walkText(result.walkForward)).toContain('fast=');
    const chosen = folds.map(({ parameters }) => parameters!['fast']!);
    const [fast, slow] = result.walkForward.stability;
    expect([fast!.parameter, slow!.parameter]).toEqual(['fast', 'slow']);
    expect(fast).toMatchObject({ of: 5, distinct: new Set(chosen).size, searched: space.axes[0]!.values.length });
    expect(fast!.windows).toBe(chosen.filter((value) => value === fast!.mostChosen).length);
    expect(walkText(result.walkForward)).toContain(
      `fast: ${String(fast!.mostChosen)} in ${fast!.windows} of 5 windows`,
    );
    expect(walkMarkup(result.walkForward).markup).toContain('<h2 id="windows">');
  });

  it('knows nothing of what comes later: other bars after a moment leave everything before it as it was', async () => {
    const plain = await walked(rulesOver());
    // The last test alone is another.
    const cut = 600;
    const other = await walked(rulesOver(walk.close.map((value, row) => (row < cut ? value : value * 3))));
    expect(other.result.walkForward.folds.slice(0, 4)).toEqual(plain.result.walkForward.folds.slice(0, 4));
    expect(other.folds[4]!.parameters).toEqual(plain.folds[4]!.parameters);
    const before = ({ entryTime }: { entryTime: string }): boolean =>
      Date.parse(entryTime) < walk.closeTimeMs[cut - 1]!;
    const closed = (result: WalkResult): unknown[] =>
      result.ledger.filter(before).map(({ entryTime, entryPrice, quantity }) => ({ entryTime, entryPrice, quantity }));
    expect(closed(other.result)).toEqual(closed(plain.result));
  });

  it('sees bars without their splits, in training and in tests, and books them', async () => {
    const whole = { ...rulesOver(), lot: 1e-8 };
    const plain = await walked(whole);
    const divided = await walked({ ...whole, bars: [sharedBars(splitWalk)], actions: [[split]] });
    expect(divided.folds.map(({ parameters }) => parameters)).toEqual(plain.folds.map(({ parameters }) => parameters));
    expect(divided.result.ledger.map(({ entryTime }) => entryTime)).toEqual(
      plain.result.ledger.map(({ entryTime }) => entryTime),
    );
    expect(divided.result.totalReturn).toBeCloseTo(plain.result.totalReturn, 6);
  });

  it('lets each choice decide in its own test alone, on symbols together, with a view of all bars before', () => {
    const at = (row: number): number => walk.closeTimeMs[row]!;
    const asked: string[] = [];
    const heard: string[] = [];
    const named = (name: string): Strategy => ({
      ...{ name, parameters: {} },
      forSymbol: () => ({ decide: () => HOLD }),
      forSession: (views) => ({
        symbols: views.map((own, symbol) => ({
          decide: (view) => {
            const closes = views.map((one) => one.closeTimeMs());
            expect([view === own, ...closes]).toEqual([true, ...closes.map(() => view.closeTimeMs())]);
            asked.push(`${name} ${symbol} ${view.length}`);
            return HOLD;
          },
          onFill: ({ sequence }) => heard.push(`${name} ${symbol} ${sequence}`),
          orders: (view) => [{ do: 'cancel', label: `${name} ${symbol} ${view.length}` }],
        })),
      }),
    });
    const window = (from: number, to: number): WalkWindow => ({
      ...{ trainFromMs: at(0), trainToMs: at(from - 1), testFromMs: at(from), testToMs: at(to) },
    });
    const chosen = [
      { window: window(3, 4), strategy: named('one') },
      { window: window(5, 6), strategy: named('two') },
    ];
    const bars = ['A', 'B'].map((symbol) => ({ ...walk, symbol }));
    const tests = bars.map((one) => barsWithin(one, at(3), at(6)));
    const series = tests.map((one) => ({ bars: one, last: -1 }));
    const views = series.map((one) => new BarView(one));
    const { symbols } = walkedStrategy('walk', chosen, { bars, actions: undefined }).forSession!(views);
    const placed: unknown[] = [];
    for (let row = 0; row < 4; row++) {
      for (const one of series) one.last = row;
      symbols.forEach((one, symbol) => one.decide(views[symbol]!));
      symbols[1]!.onFill!({ sequence: row } as HeardFill);
      placed.push(symbols[1]!.orders!(views[1]!, {} as OrderBook));
    }
    const seen = (name: string, rows: number[]): string[] =>
      rows.flatMap((row) => [`${name} 0 ${row}`, `${name} 1 ${row}`]);
    expect(asked).toEqual([...seen('one', [1, 2, 3, 4, 5]), ...seen('two', [1, 2, 3, 4, 5, 6, 7])]);
    expect(heard).toEqual(['one 1 0', 'one 1 1', 'two 1 2', 'two 1 3']);
    expect(placed).toEqual(['one 1 4', 'one 1 5', 'two 1 6', 'two 1 7'].map((label) => [{ do: 'cancel', label }]));
  });

  it('sits out a test whose window meets no constraint, and says so', async () => {
    const { result } = await walked(rulesOver(), { ...search, constraints: { minTrades: 1_000 } });
    expect(result.trades).toBe(0);
    expect(result.walkForward.folds.map(({ parameters }) => parameters)).toEqual(new Array(5).fill(null));
    expect(result.reasons.join('\n')).toMatch(/no trial met the constraints in fold 1, 2, 3, 4, 5: sat out/);
  });
});
