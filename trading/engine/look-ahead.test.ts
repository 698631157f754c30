import { describe, expect, it } from 'vitest';
import type { BarColumns } from '../../features/bar.ts';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import { BarView, OutsideViewError } from '../bar-view.ts';
import { runHistoricalSession } from '../sessions/historical-session.ts';
import type { JournalEntry } from '../journal/journal-record.ts';
import { MemoryJournal } from '../journal/memory-journal.ts';
import { randomWalkBars, testInstrument } from '../testing/random-walk-bars.ts';
import { HOLD, ruleSignal, type Strategy } from '../strategies/strategy.ts';
import { createRuleStrategy, RULE_STRATEGIES } from '../strategies/rule-strategies.ts';
import { simulatedBroker } from '../brokers/simulated/simulated-broker.ts';

const BARS = 600;
const SYMBOLS = ['AAA', 'BBB', 'CCC'];
const market = (): BarColumns[] => SYMBOLS.map((symbol) => randomWalkBars(symbol, BARS, { seed: 11, sigma: 0.01 }));

/** Every number of every bar from `from` on becomes another, times excepted. */
function corrupt(bars: readonly BarColumns[], from: number): BarColumns[] {
  for (const columns of bars) {
    for (let bar = from; bar < columns.length; bar++) {
      for (const name of ['open', 'high', 'low', 'close'] as const) columns[name][bar]! *= bar % 2 === 0 ? 1.7 : 0.4;
      columns.volume[bar]! += 5_000;
    }
  }
  return [...bars];
}

function journalUpTo(bars: readonly BarColumns[], strategy: Strategy, timeMs: number): JournalEntry[] {
  const journal = new MemoryJournal(SYMBOLS);
  runHistoricalSession({
    bars,
    instruments: SYMBOLS.map((symbol) => testInstrument(symbol)),
    strategy,
    sizing: { kind: 'volatility-target', fraction: 0.1, targetVolatility: 0.2, volatilityBars: 5 },
    limits: NAMED_LIMITS.standard,
    broker: simulatedBroker({ feeBps: 2, slippage: { kind: 'volatility', bps: 2 } }),
    capital: 1e6,
    journal,
  });
  return [...journal.entries()].filter((entry) => entry.timeMs <= timeMs);
}

/** A strategy that holds the columns themselves and looks one bar ahead: what the guard must catch. */
function peeking(bars: readonly BarColumns[]): Strategy {
  const [buy, sell] = [ruleSignal('BUY', 'peek'), ruleSignal('SELL', 'peek')];
  return {
    name: 'peeking',
    parameters: {},
    forSymbol: (symbol) => {
      const { close } = bars.find((columns) => columns.symbol === symbol)!;
      return {
        decide(view) {
          const next = close[view.length];
          return next === undefined ? HOLD : next > view.close() ? buy : sell;
        },
      };
    },
  };
}

/** Entries up to bar `cut`'s close that differ once every later bar is corrupted. */
function differences(strategyOf: (bars: readonly BarColumns[]) => Strategy, cut: number): number {
  const clean = market();
  const timeMs = clean[0]!.closeTimeMs[cut]!;
  const corrupted = corrupt(market(), cut + 1);
  const before = journalUpTo(clean, strategyOf(clean), timeMs);
  const after = journalUpTo(corrupted, strategyOf(corrupted), timeMs);
  // Orders of bar `cut` are filled at the next open, which has the same millisecond as its close and is a later bar's.
  const decided = (entries: JournalEntry[]): JournalEntry[] =>
    entries.filter((entry) => entry.kind !== 'fill' || entry.timeMs < timeMs);
  const [a, b] = [decided(before), decided(after)];
  expect(a.length).toBeGreaterThan(0);
  return (
    Math.abs(a.length - b.length) + a.filter((entry, at) => JSON.stringify(entry) !== JSON.stringify(b[at])).length
  );
}

/** Warm before the first cut. */
const EARLY: Readonly<Record<string, Record<string, number>>> = {
  pairs: { lookback: 10, entryZScore: 1 },
  portfolio: { lookback: 10 },
};

describe('the future', () => {
  it.each(RULE_STRATEGIES)('does not reach what %s decided, ordered and filled before', (name) => {
    for (const cut of [60, 333, 598]) expect(differences(() => createRuleStrategy(name, EARLY[name]), cut)).toBe(0);
  });

  it('is noticed in a strategy that peeks: the test above can fail', () => {
    const found = [100, 101, 102, 103, 104, 333].map((cut) => differences(peeking, cut));
    expect(Math.max(...found)).toBeGreaterThan(0);
  });

  it('cannot be indexed through a view', () => {
    const view = new BarView({ bars: market()[0]!, last: 10 });
    expect(view.length).toBe(11);
    expect(view.close(10)).toBe(market()[0]!.close[0]);
    for (const ago of [-1, 11, 0.5, NaN, -0.5, Infinity]) expect(() => view.close(ago)).toThrow(OutsideViewError);
    expect(Object.keys(view)).toEqual(['symbol']);
    expect(JSON.stringify(view)).not.toContain('close');
  });
});
