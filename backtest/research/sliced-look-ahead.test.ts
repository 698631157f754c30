import { afterEach, describe, expect, it, vi } from 'vitest';
import type { BarColumns } from '../../features/bar.ts';
import { createRandom } from '../../infra/random.ts';
import { experimentSchema } from '../../models/experiment/experiment.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import type { volumeShares } from '../../trading/execution/slicing/volume-profile.ts';
import type { MemoryExperimentOptions } from '../experiment/memory-experiment.ts';
import { huntLookAhead, type LookAheadReport } from './look-ahead.ts';

// Executing an order in parts must not look ahead either; a profile of volumes that does is noticed.

const leak = vi.hoisted((): { traded: readonly BarColumns[] | null; plant: boolean } => ({
  traded: null,
  plant: false,
}));

vi.mock('../../trading/execution/slicing/volume-profile.ts', async (original) => {
  const honest = await original<{ volumeShares: typeof volumeShares }>();
  return {
    volumeShares: (...asked: Parameters<typeof volumeShares>) => {
      const shares = honest.volumeShares(...asked);
      if (!leak.plant) return shares;
      const { symbol, length } = asked[0] as unknown as { readonly symbol: string; readonly length: number };
      // The volume of the bar that has not closed yet.
      const next = leak.traded!.find((columns) => columns.symbol === symbol)!.volume[length] ?? 0;
      return [(next % 97) / 97, 1 - (next % 97) / 97];
    },
  };
});

afterEach(() => {
  leak.plant = false;
});

const bars = ['AAA', 'BBB'].map((symbol, index) =>
  plantedBars({ symbol, bars: 420, seed: 3 + index, correlation: 0.6, timeframe: '1h' }),
);

function hunt(execution: object, cuts = 1): Promise<LookAheadReport> {
  const experiment = experimentSchema.parse({
    name: 'hunted',
    universe: ['AAA', 'BBB'],
    data: { timeframe: '1h' },
    features: ['return(1)', 'closelocation()'],
    splits: { trainBars: 200, testBars: 60 },
    estimators: [{ name: 'linear', kind: 'logistic-regression', l1Ratio: 0, strength: 0.01 }],
    ensemble: { innerFolds: 2 },
    signals: { buyAbove: 0.505, sellBelow: 0.495 },
    execution: { entry: execution, exit: execution },
  });
  const parts: MemoryExperimentOptions['parts'] = {
    strategy: (strategy, traded) => {
      leak.traded = traded;
      return strategy;
    },
  };
  const options = { experiment, bars, calendar: calendarNamed('us-equities'), parts };
  return huntLookAhead(options, { cuts, random: createRandom(9) });
}

const vwap = { kind: 'vwap', slices: 2, withinMinutes: 120, profileDays: 5 };

describe('look-ahead in orders that are executed in parts', () => {
  it.each([
    ['twap', { kind: 'twap', slices: 3, withinMinutes: 180 }],
    ['vwap', vwap],
    ['participation', { kind: 'participation', share: 0.01 }],
    ['chase', { kind: 'chase', maxSlippageBps: 300, withinMinutes: 600 }],
    ['maker', { kind: 'maker', takerAfterMinutes: 180, offsetBps: 5 }],
  ])('is not found in %s', async (_, execution) => {
    const { findings, compared } = await hunt(execution);
    expect(findings).toEqual([]);
    expect(compared.decisions).toBeGreaterThan(20);
  });

  it('is found in a profile that knows the volume of a bar that has not closed', async () => {
    leak.plant = true;
    const { findings } = await hunt(vwap, 10);
    expect(findings.map(({ stage }) => stage)).toContain('decisions');
  });
});
