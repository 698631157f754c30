import Big from 'big.js';
import { describe, expect, it } from 'vitest';
import { createBarColumns } from '../../features/bar.ts';
import { DAY_MS, HOUR_MS } from '../../features/timeframe.ts';
import { createRandom } from '../../infra/random.ts';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import { simulatedBroker } from '../brokers/simulated/simulated-broker.ts';
import type { Effect } from '../effect.ts';
import { runHistoricalSession } from '../sessions/historical-session.ts';
import { HOLD, ruleSignal, type Strategy } from '../strategies/strategy.ts';
import { testInstrument } from '../testing/random-walk-bars.ts';
import { MemoryJournal } from './memory-journal.ts';
import { ledgerRows } from './ledger-rows.ts';

const DAYS = 400;

/** Daily bars at odd prices. */
function barsOf(symbol: string, seed: number) {
  const random = createRandom(`ledger ${seed} ${symbol}`);
  const bars = createBarColumns(symbol, DAYS);
  let price = 50;
  for (let row = 0; row < DAYS; row++) {
    price = Math.round(price * (0.97 + 0.0601 * random.next()) * 100) / 100;
    bars.openTimeMs[row] = row * DAY_MS + 14 * HOUR_MS;
    bars.closeTimeMs[row] = row * DAY_MS + 21 * HOUR_MS;
    for (const column of [bars.open, bars.high, bars.low, bars.close]) column[row] = price;
    bars.volume[row] = 1e6;
  }
  return bars;
}

const drunk = (seed: number): Strategy => ({
  name: 'drunk',
  parameters: {},
  forSymbol: (symbol) => {
    const random = createRandom(`drunk ${seed} ${symbol}`);
    return {
      decide: () => [HOLD, HOLD, ruleSignal('BUY', 'x'), ruleSignal('SELL', 'x')][random.integer(4)]!,
    };
  },
});

describe('bookings of cash', () => {
  it('add up to the cash of the session to the cent, whatever it does: equity less positions at the end', () => {
    const kinds = new Set<string>();
    for (let seed = 0; seed < 6; seed++) {
      const symbols = ['A', 'B', 'C'];
      const effects: Effect[] = [];
      const journal = new MemoryJournal(symbols);
      const dated = (day: number, kind: 'split' | 'dividend', value: number) => {
        return { symbol: 'A', kind, effectiveMs: day * DAY_MS, knownAtMs: 0, value };
      };
      const result = runHistoricalSession({
        bars: symbols.map((symbol) => barsOf(symbol, seed)),
        instruments: symbols.map((symbol) => testInstrument(symbol, { lot: 0.001 })),
        strategy: drunk(seed),
        sizing: { kind: 'fraction-of-equity', fraction: 0.45 },
        limits: { ...NAMED_LIMITS.unbounded, margin: { initial: 0.5, maintenance: 0.25 } },
        signals: { longShort: true },
        broker: simulatedBroker({ feeBps: 3, slippage: { kind: 'fixed', bps: 2 } }),
        financing: { borrow: 0.03, debit: 0.07, credit: 0.01, funding: 0.002 },
        actions: [[dated(90, 'dividend', 0.37), dated(150, 'split', 0.37), dated(260, 'dividend', 0.11)], [], []],
        capital: 100_000,
        journal: {
          append: (effect) => {
            effects.push(effect);
            journal.append(effect);
          },
          hash: () => journal.hash(),
        },
      });
      const rows = effects.flatMap((effect) => ledgerRows(effect));
      const sum = rows.reduce((all, { amount }) => all.plus(amount), new Big(100_000));
      const held = result.ledger
        .filter(({ exitTimeMs }) => exitTimeMs === null)
        .reduce((all, { side, quantity, exitPrice }) => all + (side === 'long' ? 1 : -1) * quantity * exitPrice, 0);
      const cash = result.equity.at(-1)! - held;
      expect(Math.abs(sum.minus(cash).toNumber())).toBeLessThan(1e-6);
      for (const { kind } of rows) kinds.add(kind);
      const { borrow, funding, interest } = result.financing!;
      const charged = rows.filter(({ kind }) => ['borrow', 'funding', 'interest'].includes(kind));
      const total = charged.reduce((all, { amount }) => all.minus(amount), new Big(0));
      expect(total.toNumber()).toBeCloseTo(borrow + funding + interest, 9);
    }
    expect([...kinds].sort()).toEqual(['borrow', 'dividend', 'fee', 'funding', 'interest', 'split', 'trade']);
  });

  it('reverse an execution that the venue takes back, fee and all', () => {
    const fill = { kind: 'fill', sequence: 1, timeMs: 0, symbol: 0, quantity: 3, price: 0.1, fee: 0.02 } as const;
    const booked = ledgerRows({ ...fill, slippage: 0, final: true, executionId: 'x' });
    const back = { ...fill, quantity: -3, fee: -0.02, slippage: 0, final: false, executionId: 'bust/x' };
    const reversed = ledgerRows(back);
    expect(booked.map(({ kind }) => kind)).toEqual(['trade', 'fee']);
    expect(reversed.map(({ kind }) => kind)).toEqual(['bust', 'fee']);
    const sum = [...booked, ...reversed].reduce((all, { amount }) => all.plus(amount), new Big(0));
    expect(sum.toString()).toBe('0');
  });
});
