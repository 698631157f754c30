import { describe, expect, it } from 'vitest';
import { createBarColumns, type BarColumns } from '../../../features/bar.ts';
import type { Instrument } from '../../../features/instrument.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import type { Costs } from './cost-model.ts';
import { runHistoricalSession } from '../../sessions/historical-session.ts';
import { testInstrument } from '../../testing/random-walk-bars.ts';
import type { SizingRule } from '../../risk/sizing.ts';
import { HOLD, ruleSignal, type Strategy } from '../../strategies/strategy.ts';
import { Portfolio } from '../../portfolio/portfolio.ts';
import { SimulatedBroker, simulatedBroker } from './simulated-broker.ts';
import { createMarket } from '../../market.ts';

/** Daily bars from opens and closes; `skip` leaves days out. */
function bars(symbol: string, opens: number[], closes: number[], skip: number[] = []): BarColumns {
  const days = opens.map((_, day) => day).filter((day) => !skip.includes(day));
  const columns = createBarColumns(symbol, days.length);
  days.forEach((day, row) => {
    columns.openTimeMs[row] = day * 100;
    columns.closeTimeMs[row] = day * 100 + 100;
    columns.open[row] = opens[day]!;
    columns.close[row] = closes[day]!;
    columns.high[row] = Math.max(opens[day]!, closes[day]!);
    columns.low[row] = Math.min(opens[day]!, closes[day]!);
    columns.volume[row] = 1_000;
  });
  return columns;
}

/** Says what `script` holds for each symbol and closing time. */
function scripted(script: Record<string, Record<number, 'BUY' | 'SELL'>>): Strategy {
  return {
    name: 'scripted',
    parameters: {},
    forSymbol: (symbol) => ({
      decide(view) {
        const action = script[symbol]?.[view.closeTimeMs()];
        return action === undefined ? HOLD : ruleSignal(action, 'script');
      },
    }),
  };
}

interface Run {
  readonly bars: BarColumns[];
  readonly script: Record<string, Record<number, 'BUY' | 'SELL'>>;
  readonly costs?: Partial<Costs>;
  readonly sizing?: SizingRule;
  readonly capital?: number;
  readonly instrument?: Partial<Instrument>;
  readonly longShort?: boolean;
}

const run = (options: Run) =>
  runHistoricalSession({
    bars: options.bars,
    instruments: options.bars.map(({ symbol }) => testInstrument(symbol, options.instrument)),
    strategy: scripted(options.script),
    sizing: options.sizing ?? { kind: 'all-in' },
    limits: NAMED_LIMITS.unbounded,
    signals: { longShort: options.longShort ?? false },
    broker: simulatedBroker(options.costs),
    capital: options.capital ?? 1_000,
  });

describe('fills', () => {
  const opens = [10, 11, 12, 13];
  const closes = [10.5, 11.5, 12.5, 13.5];

  it('come at the next bar’s open, or close, never in the decision’s bar', () => {
    const script = { A: { 100: 'BUY' as const, 200: 'SELL' as const } };
    const open = run({ bars: [bars('A', opens, closes)], script });
    expect(open.ledger[0]).toMatchObject({
      entryTimeMs: 100,
      entryPrice: 11,
      exitTimeMs: 200,
      exitPrice: 12,
      quantity: 90,
    });
    const close = run({ bars: [bars('A', opens, closes)], script, costs: { fill: 'next-close' } });
    expect(close.ledger[0]).toMatchObject({ entryTimeMs: 200, entryPrice: 11.5, exitTimeMs: 300, exitPrice: 12.5 });
  });

  it('pay fee, half spread and slippage; all-in spends what cash pays for to the lot', () => {
    const script = { A: { 100: 'BUY' as const } };
    const costs = { feeBps: 100, halfSpreadBps: 20, slippage: { kind: 'fixed' as const, bps: 30 } };
    const { ledger, fees, slippage, equity } = run({ bars: [bars('A', opens, closes)], script, costs });
    // 11 x 1.005 = 11.055, up to the tick; 1000 / (11.06 x 1.01) = 89.5 units.
    expect(ledger[0]).toMatchObject({ entryPrice: 11.06, quantity: 89, exitTimeMs: null, exitPrice: 13.5 });
    expect(fees).toBeCloseTo(89 * 11.06 * 0.01, 9);
    expect(slippage).toBeCloseTo(89 * 0.06, 9);
    expect(equity.at(-1)).toBeCloseTo(1_000 - 89 * 11.06 * 1.01 + 89 * 13.5, 9);
    const guessed = run({ bars: [bars('A', opens, closes)], script, costs, instrument: { assetClass: 'unknown' } });
    expect(guessed.ledger[0]!.entryPrice).toBeCloseTo(11.055, 12);
  });

  it('reverse at one price: the old position closes, then all equity opens the other side', () => {
    const script = { A: { 100: 'BUY' as const, 200: 'SELL' as const } };
    const { ledger } = run({ bars: [bars('A', opens, closes)], script, costs: { feeBps: 10 }, longShort: true });
    const bought = Math.floor(1_000 / (11 * 1.001));
    const cash = 1_000 - bought * 11 * 1.001 + bought * 12 * 0.999;
    expect(ledger[0]).toMatchObject({ side: 'long', quantity: bought, exitPrice: 12 });
    expect(ledger[1]).toMatchObject({ side: 'short', quantity: Math.floor(cash / (12 * 1.001)), entryPrice: 12 });
  });

  it('wait for the symbol’s next bar, however late, and expire at the end', () => {
    const gap = run({ bars: [bars('A', opens, closes, [1, 2])], script: { A: { 100: 'BUY' } } });
    expect(gap.ledger[0]).toMatchObject({ entryTimeMs: 300, entryPrice: 13 });
    const late = run({ bars: [bars('A', opens, closes)], script: { A: { 400: 'BUY' } } });
    expect(late.ledger).toEqual([]);
    expect(late.refusals).toMatchObject([{ stage: 'broker', code: 'expired', symbol: 'A', timeMs: 400 }]);
  });

  it('cut a fixed size to the cash after a gap, and say so', () => {
    const gapped = run({
      bars: [bars('A', [10, 20], [10, 20])],
      script: { A: { 100: 'BUY' } },
      sizing: { kind: 'units', units: 90 },
    });
    expect(gapped.ledger[0]).toMatchObject({ quantity: 50, entryPrice: 20 });
    expect(gapped.refusals).toMatchObject([{ stage: 'broker', code: 'cash' }]);
  });

  it('close before they open at the same moment, so that freed cash is spent', () => {
    const script = {
      A: { 300: 'BUY' as const },
      B: { 100: 'BUY' as const, 200: 'SELL' as const, 300: 'SELL' as const },
    };
    const swap = run({
      bars: [
        bars('A', [10, 10, 10, 10, 10], [10, 10, 10, 10, 10]),
        bars('B', [10, 10, 10, 10, 10], [10, 10, 10, 10, 10], []),
      ],
      script: { ...script, A: { 200: 'BUY' } },
      sizing: { kind: 'units', units: 60 },
    });
    // A asks at 200 while B still holds 60 of 100 units' worth: risk leaves 40 units.
    expect(swap.ledger.map(({ symbol, quantity }) => [symbol, quantity])).toEqual([
      ['B', 60],
      ['A', 40],
    ]);
  });

  it('cost more in volatile bars and for large orders', () => {
    const flat = bars('A', [10, 10, 10, 10], [10, 10, 10, 10]);
    const sized = { kind: 'square-root' as const, bps: 10 };
    const large = run({
      bars: [flat],
      script: { A: { 300: 'BUY' } },
      costs: { slippage: sized },
      instrument: { tick: 1e-6 },
    });
    // 100 units of 1,000 traded before: 10 % participation, sqrt(10) times the cost at 1 %.
    expect(large.ledger[0]!.entryPrice).toBeCloseTo(10 * (1 + 0.001 * Math.sqrt(10)), 5);
    const wild = bars('A', [10, 10, 10, 10], [10, 10.2, 10, 10]);
    const moving = run({
      bars: [wild],
      script: { A: { 300: 'BUY' } },
      costs: { slippage: { kind: 'volatility', bps: 10 } },
      instrument: { tick: 1e-6 },
    });
    const volatility = Math.sqrt((0.02 ** 2 + (0.2 / 10.2) ** 2) / 2);
    expect(moving.ledger[0]!.entryPrice).toBeCloseTo(10 * (1 + 0.001 * (volatility / 0.01)), 5);
  });

  it('are refused where slippage would take the whole price, and wait for a bar that can take what closes', () => {
    const costs = { slippage: { kind: 'square-root' as const, bps: 1_000 } };
    const sizing = { kind: 'units' as const, units: 5 };
    const five = [10, 10, 10, 10, 10];
    const quoted = bars('A', five, five);
    // 5 units are 1 % of 500: 10 %. Of 0.01 they are 50,000 times 1 %: 22 times the price.
    quoted.volume.set([0.01, 500, 0.01, 500, 500]);
    const script = { A: { 100: 'BUY' as const, 200: 'BUY' as const, 300: 'SELL' as const } };
    const { ledger, refusals } = run({ bars: [quoted], script, costs, sizing, instrument: { tick: 1e-9 } });
    expect(ledger).toMatchObject([{ entryTimeMs: 200, entryPrice: 11, exitTimeMs: 400, exitPrice: 9 }]);
    expect(refusals).toMatchObject([{ stage: 'broker', code: 'no-market', symbol: 'A', timeMs: 100 }]);
    expect(refusals[0]!.reason).toMatch(/2236.07 % of the price.*trade too little/);
  });
});

describe('SimulatedBroker', () => {
  it('takes nothing that risk did not approve', () => {
    const market = createMarket([bars('A', [1], [1])], [testInstrument('A')]);
    const account = new Portfolio(market.instruments, 1);
    const costs = {
      feeBps: 0,
      halfSpreadBps: 0,
      slippage: { kind: 'fixed' as const, bps: 0 },
      fill: 'next-open' as const,
    };
    const broker = new SimulatedBroker({ market, account, costs });
    const forged = { kind: 'order', sequence: 1, symbol: 0, quantity: 5 } as unknown as Parameters<
      typeof broker.submit
    >[0];
    expect(() => broker.submit(forged, '', () => undefined)).toThrow(/risk did not approve/);
  });
});
