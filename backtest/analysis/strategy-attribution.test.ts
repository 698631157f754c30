import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import { simulatedBroker } from '../../trading/brokers/simulated/simulated-broker.ts';
import { createSizer } from '../../trading/risk/sizing.ts';
import { runHistoricalSession } from '../../trading/sessions/historical-session.ts';
import { OPEN_SIGNAL_RULES } from '../../trading/signals/signal-validator.ts';
import { allocateStrategies } from '../../trading/strategies/allocated/allocate-strategies.ts';
import { createRuleStrategy } from '../../trading/strategies/rule-strategies.ts';
import { HOLD, ruleSignal, type Strategy } from '../../trading/strategies/strategy.ts';
import { randomWalkBars, testInstrument } from '../../trading/testing/random-walk-bars.ts';
import { strategySection } from '../report/trades/strategy-section.ts';
import { terminalText } from '../run/terminal.ts';
import { exampleReport } from '../testing/example-report.ts';
import { runExample } from '../testing/example-result.ts';
import { attributionOf } from './attribution.ts';

const CONTEXT = { entryOf: () => null, regimeOf: () => null };
const sizing = { kind: 'fraction-of-equity', fraction: 0.4 } as const;

function sharedSession(strategies: readonly { readonly strategy: Strategy; readonly allocation: number }[]) {
  const bars = [randomWalkBars('A', 600, { seed: 3, sigma: 0.02, barMs: DAY_MS })];
  const rules = { ...OPEN_SIGNAL_RULES, longShort: true };
  return runHistoricalSession({
    bars,
    instruments: [testInstrument('A', { lot: 1 })],
    strategy: allocateStrategies({
      strategies: strategies.map(({ strategy, allocation }, at) => {
        return { name: `s${at}`, strategy, allocation, limits: { positionFraction: 1, exposureFraction: 1 } };
      }),
      sizer: () => createSizer(sizing, { symbols: 1, barsPerYear: 252 }),
      ...{ rules, rebalanced: 'monthly' as const, hours: null },
    }),
    ...{ sizing, signals: { longShort: true }, limits: NAMED_LIMITS.unbounded, capital: 100_000 },
    broker: simulatedBroker({ feeBps: 5, halfSpreadBps: 2 }),
    financing: { borrow: 0.02, funding: 0.01, debit: 0.08, credit: 0.03 },
  });
}

const trend = createRuleStrategy('sma-cross', { fast: 5, slow: 20 });
const fades = createRuleStrategy('mean-reversion');
/** Opposite at one moment, at the same prices. */
const turns = (first: 'BUY' | 'SELL', second: 'BUY' | 'SELL'): Strategy => ({
  ...{ name: `${first} ${second}`, parameters: {} },
  forSymbol: () => ({
    decide: ({ length }) => (length === 100 ? ruleSignal(first, '') : length === 300 ? ruleSignal(second, '') : HOLD),
  }),
});

describe('profit by strategy', () => {
  it('adds up to the account to far less than a cent, where strategies trade a symbol against each other too', () => {
    for (const strategies of [
      [
        { strategy: trend, allocation: 0.5 },
        { strategy: fades, allocation: 0.3 },
      ],
      [
        { strategy: turns('BUY', 'SELL'), allocation: 0.5 },
        { strategy: turns('SELL', 'BUY'), allocation: 0.5 },
      ],
    ]) {
      const session = sharedSession(strategies);
      const { strategy: rows = [], cost } = attributionOf(session, CONTEXT);
      const sum = (of: (row: (typeof rows)[number]) => number): number => rows.reduce((all, row) => all + of(row), 0);
      expect(sum(({ pnl }) => pnl)).toBeCloseTo(session.equity.at(-1)! - session.initialCapital, 6);
      expect(sum(({ pnl }) => pnl)).toBeCloseTo(cost.net, 6);
      expect(sum(({ fees }) => fees)).toBeCloseTo(cost.fees, 6);
      expect(sum(({ slippage }) => slippage)).toBeCloseTo(cost.slippage, 6);
      expect(sum(({ holding }) => holding)).toBeCloseTo(cost.borrow + cost.funding, 6);
      expect(sum(({ interest }) => interest)).toBeCloseTo(cost.interest, 6);
      expect(sum(({ share }) => share!)).toBeCloseTo(1, 9);
      expect(cost.fees).toBeGreaterThan(0);
      expect(cost.interest).toBeLessThan(0);
    }
  });

  it('tells the trades of opposite strategies apart, which the account has set off', () => {
    const session = sharedSession([
      { strategy: turns('BUY', 'SELL'), allocation: 0.5 },
      { strategy: turns('SELL', 'BUY'), allocation: 0.5 },
    ]);
    const { strategy: rows } = attributionOf(session, CONTEXT);
    // Each closes one and turns to the other side; what is left of the two on the account is next to nothing.
    expect(rows!.map(({ name, trades }) => [name, trades])).toEqual([
      ['s0', 2],
      ['s1', 2],
    ]);
    const [up, down] = rows!;
    expect(up!.winRate! + down!.winRate!).toBe(1);
    expect(up!.pnl * down!.pnl).toBeLessThan(0);
    expect(Math.max(...session.grossExposure)).toBeLessThan(0.05);
  });

  it('is told of what is allocated to none where something came of it, and nowhere where one has the account', () => {
    const idle = attributionOf(sharedSession([{ strategy: trend, allocation: 0.5 }]), CONTEXT).strategy!;
    expect(idle.map(({ name }) => name)).toEqual(['s0', 'not allocated']);
    expect(idle[1]).toMatchObject({ trades: 0, winRate: null, profitFactor: null });
    expect(idle[1]!.interest).toBeLessThan(0);
    expect(attributionOf(runExample({ bars: 60 }).evaluation.session, CONTEXT)).not.toHaveProperty('strategy');
  });

  it('is in the text after a run and in the report, above the account that the rows add up to', () => {
    const input = exampleReport(runExample({ bars: 300, randomRuns: 5 }));
    const session = sharedSession([
      { strategy: trend, allocation: 0.5 },
      { strategy: fades, allocation: 0.5 },
    ]);
    const attribution = attributionOf(session, CONTEXT);
    const shown = { color: false, reportPath: null, model: null };
    const text = terminalText({ ...input, result: { ...input.result, attribution } }, shown);
    expect(text).toMatch(/Profit by strategy, net of all costs, in USD\n.*\n +s0 .*\n +s1 .*\n +account /);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    expect(terminalText(input, shown)).not.toContain('Profit by strategy');
    const page = strategySection({ ...input, result: { ...input.result, strategies: session.strategies! } })!;
    for (const head of ['share', 'fees', 'spread and slippage', 'holding', 'interest earned', 'trades', 'won']) {
      expect(page.markup).toMatch(new RegExp(`<th[^>]*>${head}<`));
    }
    expect(strategySection(input)).toBeNull();
  });
});
