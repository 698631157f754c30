import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BarColumns } from '../../../features/bar.ts';
import { DAY_MS, HOUR_MS } from '../../../features/timeframe.ts';
import { NAMED_LIMITS, type RiskLimits } from '../../../models/experiment/experiment.ts';
import type { DatedAction } from '../../../pipelines/adjustments/corporate-action.ts';
import { simulatedBroker } from '../../brokers/simulated/simulated-broker.ts';
import {
  createEngine,
  runHistoricalSession,
  type HistoricalSessionOptions,
} from '../../sessions/historical-session.ts';
import { createMarket } from '../../market.ts';
import { createSizer } from '../../risk/sizing.ts';
import { OPEN_SIGNAL_RULES } from '../../signals/signal-validator.ts';
import { randomWalkBars, testInstrument } from '../../testing/random-walk-bars.ts';
import { createRuleStrategy } from '../rule-strategies.ts';
import { HOLD, ruleSignal, type Signal, type Strategy } from '../strategy.ts';
import type { SharedAccount, SubLedgers } from '../../portfolio/sub-ledgers.ts';
import { allocateStrategies } from './allocate-strategies.ts';
import type { OwnedStrategy, Rebalanced } from './owned-strategy.ts';

const SYMBOLS = ['A', 'B', 'C'];
const walks = SYMBOLS.map((symbol, at) => randomWalkBars(symbol, 400, { seed: 11 + at, sigma: 0.02, barMs: DAY_MS }));

const owned = (strategy: Strategy, more: Partial<OwnedStrategy> = {}): OwnedStrategy => ({
  name: strategy.name,
  strategy,
  allocation: 0.5,
  limits: { positionFraction: 1, exposureFraction: 1 },
  ...more,
});

interface Given {
  readonly strategies: readonly OwnedStrategy[];
  readonly rebalanced?: Rebalanced;
  readonly longShort?: boolean;
  readonly fraction?: number;
  readonly bars?: readonly BarColumns[];
  readonly limits?: RiskLimits;
  readonly actions?: HistoricalSessionOptions['actions'];
}

function sessionOf(given: Given): HistoricalSessionOptions {
  const { strategies, rebalanced = 'never', longShort = false, fraction = 0.3, bars = walks } = given;
  const sizing = { kind: 'fraction-of-equity', fraction } as const;
  const rules = { ...OPEN_SIGNAL_RULES, longShort };
  const sizer = createSizer(sizing, { symbols: bars.length, barsPerYear: 252 });
  return {
    bars,
    instruments: bars.map(({ symbol }) => testInstrument(symbol, { lot: 1 })),
    strategy: allocateStrategies({ strategies, sizer: () => sizer, rules, rebalanced, hours: null }),
    sizing,
    signals: { longShort },
    limits: given.limits ?? NAMED_LIMITS.unbounded,
    broker: simulatedBroker({ feeBps: 5, halfSpreadBps: 2 }),
    capital: 100_000,
    actions: given.actions,
    financing: given.actions && { borrow: 0.02, funding: 0.01, debit: 0.08, credit: 0.03 },
  };
}

type Account = SharedAccount & { readonly equity: number; readonly quantity: Float64Array };

/** The parts add up to the account, and each to what it made of what it was given: to far less than a cent. */
function requireSum(ledgers: SubLedgers, { cash, equity, quantity, price }: Account): void {
  const { parts } = ledgers;
  const apart: [string, number][] = [
    ['cash', parts.reduce((sum, part) => sum + part.cash, -cash)],
    ['equity', parts.reduce((sum, part) => sum + ledgers.equityOf(part), -equity)],
  ];
  for (let at = 0; at < price.length; at++) {
    apart.push([`units of ${at}`, parts.reduce((sum, part) => sum + part.quantity[at]!, -quantity[at]!)]);
  }
  for (const part of parts) {
    const made = part.lots.realised + ledgers.unrealisedOf(part) + part.interest;
    apart.push(['profit', ledgers.equityOf(part) - part.allocated - part.transferred - made]);
    for (let at = 0; at < price.length; at++) apart.push([`lots of ${at}`, part.quantity[at]! - part.lots.units(at)]);
  }
  expect(apart.filter(([, difference]) => !(Math.abs(difference) < 1e-4))).toEqual([]);
}

/** Says what a script says at a row, of every symbol. */
const scripted = (name: string, script: Readonly<Record<number, Signal>>): Strategy => ({
  name,
  parameters: {},
  forSymbol: () => ({ decide: (view) => script[view.length - 1] ?? HOLD }),
});

const buy = ruleSignal('BUY', 'up');
const sell = ruleSignal('SELL', 'down');

describe('strategies that share an account', () => {
  it('trade as one alone does where there is one, order for order', () => {
    const strategy = createRuleStrategy('sma-cross', { fast: 5, slow: 20 });
    for (const [longShort, bars] of [
      [false, walks],
      [true, walks.slice(0, 1)],
    ] as const) {
      const shared = sessionOf({ strategies: [owned(strategy, { allocation: 1 })], longShort, bars });
      const [alone, one] = [runHistoricalSession({ ...shared, strategy }), runHistoricalSession(shared)];
      expect(alone.fills).toBeGreaterThan(10);
      expect(one.fills).toBe(alone.fills);
      expect(one.ledger).toEqual(alone.ledger);
      expect([...one.equity]).toEqual([...alone.equity]);
      expect(one.refusals).toEqual(alone.refusals);
      const [share, rest] = one.strategies!;
      expect(share).toMatchObject({ name: 'sma-cross', allocated: 100_000, fills: alone.fills });
      expect(share!.equity).toBeCloseTo(alone.equity.at(-1)!, 6);
      const closed = alone.ledger.filter(({ exitTimeMs }) => exitTimeMs !== null);
      expect(share!.trades).toBe(alone.ledger.length);
      expect(share!.winRate).toBe(closed.filter(({ pnl }) => pnl > 0).length / closed.length);
      expect(share).toMatchObject({ share: 1, slippage: alone.slippage, fees: alone.fees });
      expect(rest).toMatchObject({ name: null, equity: 0, fills: 0 });
    }
  });

  it('have parts that add up to the account at every close, whatever they trade', () => {
    const kinds = ['sma-cross', 'momentum', 'breakout', 'mean-reversion', 'grid', 'rsi-reversion', 'blend'];
    const one = fc.record({
      kind: fc.constantFrom(...kinds),
      allocation: fc.constantFrom(0.1, 0.2, 0.3),
      symbols: fc.constantFrom(undefined, ['A'], ['A', 'C']),
    });
    const splits: DatedAction[][] = SYMBOLS.map((_, at) => [
      { kind: 'split', value: [2, 0.3, 0.1][at]!, effectiveMs: walks[at]!.openTimeMs[150]!, knownAtMs: 0 },
      { kind: 'dividend', value: 0.7, effectiveMs: walks[at]!.openTimeMs[220]!, knownAtMs: 0 },
    ]);
    fc.assert(
      fc.property(
        fc.array(one, { minLength: 2, maxLength: 3 }),
        fc.constantFrom<Rebalanced>('never', 'daily', 'weekly', 'monthly'),
        fc.boolean(),
        fc.boolean(),
        (chosen, rebalanced, longShort, acts) => {
          const strategies = chosen.map(({ kind, allocation, symbols }, at) =>
            owned(createRuleStrategy(kind), { name: `s${at}`, allocation, symbols }),
          );
          const session = sessionOf({ strategies, rebalanced, longShort, actions: acts ? splits : undefined });
          let closes = 0;
          const watched: Strategy = {
            ...session.strategy,
            forSession: (views) => {
              const made = session.strategy.forSession!(views);
              let check = (): void => undefined;
              return {
                ...made,
                symbols: made.symbols.map((symbol) => ({
                  ...symbol,
                  orders: (view, book) => {
                    check();
                    return symbol.orders!(view, book);
                  },
                })),
                begin: (account) => {
                  const ledgers = made.begin!(account);
                  check = () => {
                    closes += 1;
                    if (closes % 5 > 0) return;
                    requireSum(ledgers, account as Account);
                  };
                  return ledgers;
                },
                failure: () => made.failure!(),
                notes: () => made.notes!(),
                end: () => made.end!(),
              };
            },
          };
          const result = runHistoricalSession({ ...session, strategy: watched });
          expect(closes).toBeGreaterThan(1_000);
          const total = result.strategies!.reduce((sum, { equity }) => sum + equity, 0);
          expect(total).toBeCloseTo(result.equity.at(-1)!, 4);
          expect(result.strategies!.reduce((sum, { fees }) => sum + fees, 0)).toBeCloseTo(result.fees, 4);
          expect(result.strategies!.reduce((sum, { transferred }) => sum + transferred, 0)).toBeCloseTo(0, 4);
          expect(result.strategies!.reduce((sum, { slippage }) => sum + slippage, 0)).toBeCloseTo(result.slippage, 4);
          const { borrow, funding, interest } = result.financing ?? { borrow: 0, funding: 0, interest: 0 };
          expect(result.strategies!.reduce((sum, { holding }) => sum + holding, 0)).toBeCloseTo(borrow + funding, 4);
          expect(result.strategies!.reduce((sum, part) => sum + part.interest, 0)).toBeCloseTo(-interest, 4);
          expect(result.strategies!.reduce((sum, { share }) => sum + share!, 0)).toBeCloseTo(1, 6);
        },
      ),
      { numRuns: 12, seed: 5 },
    );
  });

  it('are both sent where they are opposite, each with its own fill and its own cost', () => {
    const bars = [randomWalkBars('A', 20, { seed: 1, sigma: 0.02 })];
    const strategies = [
      owned(scripted('long', { 2: buy, 8: sell }), { allocation: 0.5 }),
      owned(scripted('later', { 5: buy, 8: buy, 12: sell }), { allocation: 0.5 }),
      owned(scripted('turns', { 8: buy }), { allocation: 0 }),
    ].slice(0, 2);
    const result = runHistoricalSession(sessionOf({ strategies, bars }));
    expect(result.strategies!.map(({ name, fills }) => [name, fills])).toEqual([
      ['long', 2],
      ['later', 2],
      [null, 0],
    ]);
    const short = runHistoricalSession(
      sessionOf({
        strategies: [owned(scripted('up', { 2: buy })), owned(scripted('down', { 2: sell }))],
        bars,
        longShort: true,
      }),
    );
    // Opposite at one moment: the account is flat, and both have paid.
    expect(short.fills).toBe(2);
    expect(short.fees).toBeGreaterThan(0);
    expect(short.netExposure.at(-1)).toBeCloseTo(0, 2);
    const [up, down] = short.strategies!;
    expect(up!.fees).toBeGreaterThan(0);
    expect(down!.fees).toBeGreaterThan(0);
  });

  it('are refused what goes beyond their own limits, and what they hold of the other side still closes', () => {
    const limits = { positionFraction: 0.2, exposureFraction: 1 };
    const strategies = [owned(scripted('narrow', { 2: buy }), { limits }), owned(scripted('wide', { 2: buy }))];
    const { refusals, strategies: shares } = runHistoricalSession(sessionOf({ strategies, fraction: 0.45 }));
    expect(refusals.map(({ code }) => code)).toEqual([
      'strategy-position',
      'strategy-position',
      'strategy-position',
      'strategy-exposure',
    ]);
    expect(refusals[0]!.reason).toMatch(
      /position of 4\d\.\d\d % of what the strategy's part is worth, 20.00 % allowed/,
    );
    expect(shares!.map(({ fills }) => fills)).toEqual([0, 2, 0]);
    const turning = [
      owned(scripted('turns', { 2: { ...buy, target: 0.3 }, 6: { ...sell, target: -1 } }), {
        symbols: ['A'],
        limits: { positionFraction: 0.2, exposureFraction: 1 },
      }),
    ];
    const turned = runHistoricalSession(sessionOf({ strategies: turning, fraction: 0.45, longShort: true }));
    expect(turned.refusals.map(({ code }) => code)).toEqual(['strategy-position']);
    expect(turned.ledger).toHaveLength(1);
    expect(turned.ledger[0]!.exitTimeMs).not.toBeNull();
  });

  it('share what nobody of them ordered: a flatten closes each side in proportion', () => {
    const bars = [randomWalkBars('A', 20, { seed: 1, sigma: 0.02 })];
    const strategies = [
      owned(scripted('one', { 2: buy }), { allocation: 0.6 }),
      owned(scripted('two', { 2: buy }), { allocation: 0.2 }),
    ];
    const session = sessionOf({ strategies, bars });
    const engine = createEngine(session, createMarket(bars, session.instruments));
    const parts = engine.portfolio.shares!.parts;
    engine.portfolio.price[0] = 100;
    engine.portfolio.shares!.placed({ number: 1, name: 'one' }, { sequence: 1, symbol: 0 }, true);
    engine.portfolio.shares!.placed({ number: 2, name: 'two' }, { sequence: 2, symbol: 0 }, true);
    const fill = (sequence: number, quantity: number): void =>
      engine.portfolio.book({
        kind: 'fill',
        ...{ sequence, timeMs: 1, symbol: 0, quantity, price: 100, fee: Math.abs(quantity), slippage: 0, final: true },
      });
    fill(1, 30);
    fill(2, 10);
    fill(3, -20);
    expect(parts.map(({ quantity }) => quantity[0])).toEqual([15, 5, 0]);
    expect(parts.map(({ fees }) => fees)).toEqual([45, 15, 0]);
    // More than they hold is nobody's.
    fill(4, -25);
    expect(parts.map(({ quantity }) => quantity[0])).toEqual([0, 0, -5]);
    expect(engine.portfolio.quantity[0]).toBe(-5);
  });

  it('get cash back to their fractions where they are rebalanced, and only cash', () => {
    const strategies = [
      owned(createRuleStrategy('buy-and-hold'), { allocation: 0.6, symbols: ['A'] }),
      owned(createRuleStrategy('momentum'), { allocation: 0.3 }),
    ];
    const never = runHistoricalSession(sessionOf({ strategies, fraction: 0.5 }));
    expect(never.strategies!.map(({ transferred }) => transferred)).toEqual([0, 0, 0]);
    const monthly = runHistoricalSession(sessionOf({ strategies, fraction: 0.5, rebalanced: 'monthly' }));
    const total = monthly.equity.at(-1)!;
    expect(monthly.strategies!.some(({ transferred }) => Math.abs(transferred) > 100)).toBe(true);
    expect(monthly.strategies![0]!.fills).toBe(1);
    // Within what a month moves.
    expect(monthly.strategies![0]!.equity / total).toBeCloseTo(0.6, 1);
  });

  it('may have longer bars, made of the session’s at their close', () => {
    const minutes = randomWalkBars('A', 3_000, { seed: 4, sigma: 0.004, barMs: 60_000 });
    const heard: { close: number; timeMs: number; length: number }[] = [];
    const listening: Strategy = {
      name: 'hourly',
      parameters: {},
      forSymbol: () => ({
        decide: (view) => {
          heard.push({ close: view.close(), timeMs: view.closeTimeMs(), length: view.length });
          return HOLD;
        },
      }),
    };
    const strategies = [owned(listening, { timeframe: '1h' }), owned(createRuleStrategy('momentum'))];
    runHistoricalSession(sessionOf({ strategies, bars: [minutes] }));
    const expected = Array.from(minutes.closeTimeMs).flatMap((timeMs, row) =>
      timeMs % HOUR_MS === 0 ? [{ close: minutes.close[row]!, timeMs }] : [],
    );
    expect(expected.length).toBeGreaterThan(45);
    expect(heard.map(({ close, timeMs }) => ({ close, timeMs }))).toEqual(expected);
    expect(heard.map(({ length }) => length)).toEqual(expected.map((_, at) => at + 1));
  });

  it('must be given symbols that there are', () => {
    const strategies = [owned(createRuleStrategy('momentum'), { symbols: ['A', 'X'] })];
    expect(() => runHistoricalSession(sessionOf({ strategies }))).toThrow(/momentum is to trade X/);
  });
});
