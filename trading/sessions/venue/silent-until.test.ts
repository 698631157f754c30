import { describe, expect, it } from 'vitest';
import { randomWalkBars, testInstrument } from '../../testing/random-walk-bars.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import { simulatedBroker } from '../../brokers/simulated/simulated-broker.ts';
import { MemoryJournal } from '../../journal/memory-journal.ts';
import { runHistoricalSession } from '../historical-session.ts';
import { createRuleStrategy } from '../../strategies/rule-strategies.ts';
import { silentUntil } from './silent-until.ts';
import type { Strategy } from '../../strategies/strategy.ts';

const bars = randomWalkBars('AAA', 300, { seed: 3, sigma: 0.01 });
const untilMs = bars.closeTimeMs[149]!;

function signalTimes(strategy: Strategy): number[] {
  const journal = new MemoryJournal(['AAA']);
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
  return [...journal.entries()].filter(({ kind }) => kind === 'signal').map(({ timeMs }) => timeMs);
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
});
