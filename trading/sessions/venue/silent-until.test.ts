import { describe, expect, it } from 'vitest';
import { randomWalkBars, testInstrument } from '../../testing/random-walk-bars.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import { simulatedBroker } from '../../brokers/simulated/simulated-broker.ts';
import { MemoryJournal } from '../../journal/memory-journal.ts';
import { runHistoricalSession } from '../historical-session.ts';
import { createRuleStrategy } from '../../strategies/rule-strategies.ts';
import { silentUntil } from './silent-until.ts';
import type { SharedAccount } from '../../portfolio/sub-ledgers.ts';
import { HOLD, type Strategy, type StrategySession, type SymbolStrategy } from '../../strategies/strategy.ts';

const bars = randomWalkBars('AAA', 300, { seed: 3, sigma: 0.01 });
const untilMs = bars.closeTimeMs[149]!;

function signalTimes(strategy: Strategy): number[] {
  const journal = new MemoryJournal(['AAA']);
  run(strategy, journal);
  return [...journal.entries()].filter(({ kind }) => kind === 'signal').map(({ timeMs }) => timeMs);
}

function run(strategy: Strategy, journal: MemoryJournal): void {
  runHistoricalSession({
    bars: [bars],
    instruments: [testInstrument('AAA')],
    strategy,
    sizing: { kind: 'units', units: 1 },
    limits: NAMED_LIMITS.unbounded,
    broker: simulatedBroker({ feeBps: 0, halfSpreadBps: 0 }),
    capital: 100_000,
    journal,
  });
}

describe('a strategy that is silent in the past', () => {
  it('says afterwards what it would have said, and nothing before', () => {
    const strategy = createRuleStrategy('sma-cross', { fast: 3, slow: 8 });
    const all = signalTimes(strategy);
    const later = signalTimes(silentUntil(strategy, untilMs));
    expect(later.length).toBeGreaterThan(3);
    expect(later.length).toBeLessThan(all.length);
    expect(later).toEqual(all.filter((timeMs) => timeMs > untilMs));
  });

  it('goes on to be brought back to a target that it says again, where it is', () => {
    const made = (resizes?: boolean): SymbolStrategy => ({
      decide: () => HOLD,
      ...(resizes === undefined ? {} : { resizes }),
    });
    for (const resizes of [true, false, undefined]) {
      const strategy: Strategy = { name: 'again', parameters: {}, forSymbol: () => made(resizes) };
      expect(silentUntil(strategy, untilMs).forSymbol('AAA').resizes).toBe(resizes);
    }
  });

  it('that places orders places none in the past, and has seen all of it', () => {
    let seen = 0;
    const orders: SymbolStrategy['orders'] = (view) => {
      seen += 1;
      return [{ do: 'place', label: `${view.length}`, side: 'buy', size: { units: 1 }, type: 'market' }];
    };
    const strategy: Strategy = {
      name: 'placing',
      parameters: {},
      forSymbol: () => ({ decide: () => HOLD, orders }),
    };
    const journal = new MemoryJournal(['AAA']);
    run(silentUntil(strategy, untilMs), journal);
    const placed = [...journal.entries()].filter(({ kind }) => kind === 'order').map(({ timeMs }) => timeMs);
    expect(seen).toBe(300);
    expect(placed).toEqual([...bars.closeTimeMs.subarray(150, 300)]);
  });

  it('keeps what its session does besides, be that an object of a class or not', () => {
    class Together implements StrategySession {
      readonly symbols = [{ decide: () => HOLD }];
      isOver = false;
      begin(): never {
        throw new Error('it has begun');
      }
      failure = (): Error => new Error('no more');
      notes(): readonly string[] {
        return ['a note'];
      }
      end(): void {
        this.isOver = true;
      }
    }
    const inner = new Together();
    const strategy: Strategy = {
      name: 'together',
      parameters: {},
      forSymbol: () => inner.symbols[0]!,
      forSession: () => inner,
    };
    const session = silentUntil(strategy, untilMs).forSession!([]);
    expect(() => session.begin!({} as SharedAccount)).toThrow('it has begun');
    expect([session.notes!(), session.failure!()?.message]).toEqual([['a note'], 'no more']);
    session.end!();
    expect(inner.isOver).toBe(true);
  });
});
