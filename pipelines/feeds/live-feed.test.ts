import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareWithCleanRead, type FeedScenario } from './testing/clean-read.ts';

const share = (max: number) => fc.double({ min: 0, max, noNaN: true });

const scenarios: fc.Arbitrary<FeedScenario> = fc.record({
  seed: fc.nat(),
  symbols: fc.integer({ min: 1, max: 5 }),
  liveMinutes: fc.integer({ min: 1, max: 200 }),
  pastMinutes: fc.integer({ min: 0, max: 200 }),
  calendar: fc.constantFrom('us-equities', 'crypto', 'none'),
  timeframe: fc.constantFrom('1m', '5m', '15m', '1h'),
  faults: fc.record({
    skip: share(0.3),
    repeat: share(0.3),
    late: share(0.3),
    close: share(0.05),
    stall: share(0.02),
    garbage: share(0.1),
    refuse: share(0.7),
    historyFailure: share(0.3),
  }),
  quiet: share(0.4),
  restart: share(0.05),
  slow: share(0.05),
  maxBars: fc.integer({ min: 1, max: 500 }),
});

const RIGHT = { lost: 0, doubled: 0, different: 0, outOfOrder: 0 };

describe('a feed with gaps, restarts, closes, repeats, reorders, skips, late bars and slow consumers', () => {
  it('hands out exactly the bars of one clean read', async () => {
    const property = fc.asyncProperty(scenarios, async (scenario) => {
      const { lost, doubled, different, outOfOrder } = await compareWithCleanRead(scenario);
      expect({ lost, doubled, different, outOfOrder }).toEqual(RIGHT);
    });
    await fc.assert(property, { numRuns: 40, seed: 4_021 });
  });

  it('does so over nights and a weekend, in daily bars', async () => {
    const faults = {
      skip: 0.1,
      repeat: 0.1,
      late: 0.1,
      close: 0.005,
      stall: 0.002,
      garbage: 0,
      refuse: 0.3,
      historyFailure: 0,
    };
    const outcome = await compareWithCleanRead({
      seed: 3,
      symbols: 2,
      liveMinutes: 5 * 24 * 60,
      pastMinutes: 60,
      calendar: 'us-equities',
      timeframe: '1d',
      faults,
      quiet: 0.1,
      restart: 0.2,
      slow: 0.1,
      maxBars: 100,
    });
    expect(outcome).toMatchObject({ ...RIGHT, expected: 8 });
  });

  it('holds no more bars than it may, whatever piles up', async () => {
    const faults = { skip: 0, repeat: 0, late: 0, close: 0, stall: 0, garbage: 0, refuse: 0, historyFailure: 0 };
    const scenario: FeedScenario = {
      seed: 1,
      symbols: 2,
      liveMinutes: 600,
      pastMinutes: 600,
      calendar: 'crypto',
      timeframe: '1m',
      faults,
      quiet: 0,
      restart: 0,
      slow: 0.5,
      maxBars: 40,
    };
    const outcome = await compareWithCleanRead(scenario);
    expect(outcome).toMatchObject({ ...RIGHT, expected: 2_400 });
    // Ready bars up to the limit of each symbol, and what one read of history adds.
    expect(outcome.heldPeak).toBeLessThanOrEqual(2 * 40);
  });
});
