import { describe, expect, it } from 'vitest';
import type { BarColumns } from '../../features/bar.ts';
import { NAMED_LIMITS, type RiskLimits } from '../../models/experiment/experiment.ts';
import type { Costs } from '../brokers/simulated/cost-model.ts';
import { simulatedBroker } from '../brokers/simulated/simulated-broker.ts';
import type { ProtectionRule } from '../risk/protection.ts';
import type { SizingRule } from '../risk/sizing.ts';
import type { SessionResult } from '../session-result.ts';
import { planRules } from '../strategies/planned/planned-rules.ts';
import { createRuleStrategy } from '../strategies/rule-strategies.ts';
import type { Strategy } from '../strategies/strategy.ts';
import { randomWalkBars, testInstrument } from '../testing/random-walk-bars.ts';
import { HistoricalRun } from './historical-session.ts';

interface Conditions {
  readonly bars: BarColumns;
  readonly sizing?: SizingRule;
  readonly costs?: Partial<Costs>;
  readonly limits?: Partial<RiskLimits>;
  readonly longShort?: boolean;
  readonly protection?: ProtectionRule;
}

/** Everything a session leaves behind, and how many steps it took when it may take 1,000 bars at a time. */
function sessionOf(strategy: Strategy, conditions: Conditions): SessionResult & { asked: number } {
  let asked = 0;
  const counted: Strategy = {
    ...strategy,
    forSymbol: (symbol) => {
      const one = strategy.forSymbol(symbol);
      return {
        decide: (view) => {
          asked += 1;
          return one.decide(view);
        },
        ...(one.quietUntil === undefined ? {} : { quietUntil: (row: number) => one.quietUntil!(row) }),
      };
    },
  };
  return { ...runOf(counted, conditions), asked };
}

function runOf(strategy: Strategy, conditions: Conditions): SessionResult {
  const { bars, sizing = { kind: 'all-in' }, costs, limits, longShort = false, protection } = conditions;
  const run = new HistoricalRun({
    ...{ bars: [bars], instruments: [testInstrument(bars.symbol)], strategy, sizing, capital: 100_000 },
    ...{ limits: { ...NAMED_LIMITS.unbounded, ...limits }, signals: { longShort }, protection },
    broker: simulatedBroker({ feeBps: 5, ...costs }),
  });
  while (run.advance(1_000));
  return run.end();
}

function expectSame(name: string, parameters: Record<string, number>, conditions: Conditions): SessionResult[] {
  const plain = sessionOf(createRuleStrategy(name, parameters), conditions);
  const passed = sessionOf(planRules(name, [conditions.bars])(parameters), conditions);
  const { asked: every, ...told } = plain;
  const { asked: few, ...same } = passed;
  expect(same).toEqual(told);
  // Over history a rule plans by itself.
  expect({ ...runOf(createRuleStrategy(name, parameters), conditions) }).toEqual(told);
  expect(same.journalHash).toBe(told.journalHash);
  expect(same.grossExposure).toEqual(told.grossExposure);
  expect(same.ledger).toEqual(told.ledger);
  expect(every).toBe(conditions.bars.length);
  expect(few).toBeLessThanOrEqual(every);
  return [{ ...plain }, { ...passed }];
}

const pathwise: Partial<Costs> = { intrabar: 'open-high-low-close', stopFill: 'exact' };
const inParts: Partial<Costs> = { participation: 0.01 };

const walk = randomWalkBars('WALK', 6_000, { seed: 11 });

/** The same walk with every price times a factor, whose digits then do or do not end. */
const scaled = (factor: number): BarColumns => ({
  ...walk,
  ...{ open: walk.open.map((x) => x * factor), high: walk.high.map((x) => x * factor) },
  ...{ low: walk.low.map((x) => x * factor), close: walk.close.map((x) => x * factor) },
});

describe('bars at which nothing can happen', () => {
  const windows = [
    [1, 2],
    [3, 8],
    [10, 30],
    [9, 200],
    [50, 1_499],
  ] as const;
  it.each(['sma-cross', 'ema-cross'])('of %s are passed over and change nothing, trade for trade', (name) => {
    for (const [fast, slow] of windows) {
      const [plain] = expectSame(name, { fast, slow }, { bars: walk });
      expect(plain!.ledger.length).toBeGreaterThan(0);
    }
  });

  it('are passed over: a slow cross is asked at its signals and fills alone', () => {
    const { asked, fills } = sessionOf(planRules('sma-cross', [walk])({ fast: 50, slow: 400 }), { bars: walk });
    expect(asked).toBeLessThanOrEqual(2 * fills + 2);
  });

  it('are passed over while a stop and a target rest that no price reaches', () => {
    const conditions = { bars: walk, protection: guarded(0.5, 0.9) };
    const { asked, fills } = sessionOf(planRules('sma-cross', [walk])({ fast: 50, slow: 400 }), conditions);
    expect(fills).toBeGreaterThan(4);
    expect(asked).toBeLessThanOrEqual(4 * fills + 4);
  });

  const brackets: readonly (readonly [string, Omit<Conditions, 'bars'>])[] = [
    ['sold short', { longShort: true }],
    ['and latency', { costs: { latencyMs: 3 * 60_000 } }],
    ['and parts by volume', { costs: { participation: 0.0001 } }],
    ['filled at the close', { costs: { fill: 'next-close' } }],
    ['filled at the close that is decided on', { costs: { fill: 'same-close' } }],
    ['and the way from open to high', { costs: { intrabar: 'open-high-low-close' } }],
    ['and exact stops', { costs: { stopFill: 'exact' } }],
  ];
  it.each(brackets)('stay the same with a bracket %s', (_name, conditions) => {
    for (const [stop, target] of [
      [0.001, 0.002],
      [0.03, 0.05],
    ] as const) {
      expectSame('sma-cross', { fast: 5, slow: 20 }, { bars: walk, ...conditions, protection: guarded(stop, target) });
    }
  });

  it('are the same with a bracket where bars have no prices', () => {
    const gone = (row: number): boolean => row % 37 === 3;
    const low = walk.low.map((value, row) => (gone(row) ? 0 : value));
    const high = walk.high.map((value, row) => (row % 41 === 5 ? NaN : value));
    const bars = { ...walk, low, high };
    expectSame('sma-cross', { fast: 5, slow: 20 }, { bars, protection: guarded(0.004, 0.006) });
  });

  it.each([
    ['short positions', { longShort: true }],
    ['a fill at the close', { costs: { fill: 'next-close' as const } }],
    ['slippage and a fixed size', { costs: { slippage: { kind: 'fixed' as const, bps: 3 } }, sizing: units(7) }],
    ['a stop and a target that rest', { protection: guarded(0.004, 0.006) }],
    ['a stop and a target in the order of prices', { protection: guarded(0.004, 0.006), costs: pathwise }],
    ['a stop and a target of which parts are filled', { protection: guarded(0.004, 0.006), costs: inParts }],
    ['a stop and a target that take time', { protection: guarded(0.004, 0.006), costs: { latencyMs: 90_000_000 } }],
    ['a stop alone, and short positions', { protection: guarded(0.002, null), longShort: true }],
    ['a trailing stop', { protection: { stopLoss: null, takeProfit: null, trailing: { percent: 0.004 } } }],
    ['a daily loss and a drawdown', { limits: { dailyLossFraction: 0.01, drawdownFraction: 0.05 } }],
    ['a limit of orders a minute', { limits: { ordersPerMinute: 1 } }],
  ])('stay the same with %s', (_name, conditions) => {
    expectSame('sma-cross', { fast: 5, slow: 20 }, { bars: walk, ...conditions });
  });

  it.each([1e-9, 1 / 3, 1e6, 1.0000001])('are the same where every price is times %s', (factor) => {
    expectSame('sma-cross', { fast: 5, slow: 20 }, { bars: scaled(factor) });
  });

  it('are the same where a close is nothing', () => {
    const close = walk.close.map((value, row) => (row % 89 === 3 ? 0 : value));
    for (const name of ['sma-cross', 'ema-cross'])
      expectSame(name, { fast: 5, slow: 20 }, { bars: { ...walk, close } });
  });

  it('are the same where a series is shorter than its windows', () => {
    expectSame('sma-cross', { fast: 5, slow: 50 }, { bars: randomWalkBars('SHORT', 20, { seed: 1 }) });
  });
});

function units(size: number): SizingRule {
  return { kind: 'units', units: size };
}

function guarded(stop: number, target: number | null): ProtectionRule {
  const takeProfit = target === null ? null : { percent: target };
  return { stopLoss: { percent: stop }, takeProfit, trailing: null };
}
