import { describe, expect, it } from 'vitest';
import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import { runHistoricalSession } from './historical-session.ts';
import { randomWalkBars, testInstrument } from '../testing/random-walk-bars.ts';
import { createRuleStrategy } from '../strategies/rule-strategies.ts';
import { simulatedBroker } from '../brokers/simulated/simulated-broker.ts';

/** The exact trade list of the 10/30 cross in integer ticks, all in, 5 bps a side, fractions of units allowed. */
function exactCross(bars: BarColumns): { entries: number; growth: number; openAtEnd: boolean } {
  const ticks = Array.from(bars.close, (close) => BigInt(Math.round(close * 100)));
  const fee = 0.0005;
  let fast = 0n;
  let slow = 0n;
  let previous: bigint | null = null;
  let position = false;
  let growth = 1;
  let entry = 0;
  let entries = 0;
  for (let bar = 0; bar < ticks.length - 1; bar++) {
    fast += ticks[bar]! - (bar >= 10 ? ticks[bar - 10]! : 0n);
    slow += ticks[bar]! - (bar >= 30 ? ticks[bar - 30]! : 0n);
    if (bar < 29) continue;
    const difference = 3n * fast - slow;
    const open = bars.open[bar + 1]!;
    if (previous !== null && difference > 0n && previous <= 0n && !position) {
      position = true;
      entry = open;
      entries += 1;
    } else if (previous !== null && difference < 0n && previous >= 0n && position) {
      position = false;
      growth *= (open * (1 - fee)) / (entry * (1 + fee));
    }
    previous = difference;
  }
  if (position) growth *= bars.close[ticks.length - 1]! / (entry * (1 + fee));
  return { entries, growth, openAtEnd: position };
}

function session(bars: BarColumns, capital = 1e9) {
  return runHistoricalSession({
    bars: [bars],
    instruments: [testInstrument(bars.symbol)],
    strategy: createRuleStrategy('sma-cross', { fast: 10, slow: 30 }),
    sizing: { kind: 'all-in' },
    limits: NAMED_LIMITS.unbounded,
    broker: simulatedBroker({ feeBps: 5 }),
    capital,
  });
}

describe('runHistoricalSession', () => {
  it('tells how far it is, however many symbols share a moment', () => {
    const symbols = ['AAA', 'BBB', 'CCC'];
    const told: number[] = [];
    const result = runHistoricalSession({
      bars: symbols.map((symbol, s) => randomWalkBars(symbol, 50_000, { seed: s })),
      instruments: symbols.map((symbol) => testInstrument(symbol)),
      strategy: createRuleStrategy('buy-and-hold', {}),
      sizing: { kind: 'equal-weight' },
      limits: NAMED_LIMITS.unbounded,
      broker: simulatedBroker(),
      capital: 1e6,
      onProgress: (bars) => told.push(bars),
    });
    expect(result.bars).toBe(150_000);
    expect(told).toEqual([65_538, 131_076]);
  });

  it('trades the exact list of the moving-average cross', () => {
    const bars = randomWalkBars('WALK', 200_000, { seed: 1 });
    const exact = exactCross(bars);
    const result = session(bars);
    expect(result.ledger.length).toBe(exact.entries);
    expect(result.ledger.at(-1)!.exitTimeMs === null).toBe(exact.openAtEnd);
    // Whole lots leave a little cash idle: 1e9 of capital buys millions of units, so a part in 1e6 at most.
    expect(result.equity.at(-1)! / 1e9 / exact.growth).toBeCloseTo(1, 5);
    expect(result.bars).toBe(200_000);
    expect(result.refusals).toEqual([]);
  });

  it('gives the same bytes for the same input and others for other input', () => {
    const bars = randomWalkBars('WALK', 20_000, { seed: 2 });
    const first = session(bars);
    expect(session(bars).journalHash).toBe(first.journalHash);
    const changed = randomWalkBars('WALK', 20_000, { seed: 2 });
    changed.close[5_000]! -= 5;
    expect(session(changed).journalHash).not.toBe(first.journalHash);
  });

  it('survives bars of which there are none', () => {
    const result = session(createBarColumns('NONE', 0));
    expect(result.bars).toBe(0);
    expect(result.equity.length).toBe(0);
    expect(result.ledger).toEqual([]);
  });
});
