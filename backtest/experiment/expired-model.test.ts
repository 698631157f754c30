import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { experimentSchema, type Experiment } from '../../models/experiment/experiment.ts';
import { foldSpans, lifeMsOf } from '../../models/promotion/model-life.ts';
import { foldsOf } from '../../models/splits/folds-of.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { runHistoricalSession } from '../../trading/sessions/historical-session.ts';
import { runInMemory, type MemoryExperiment } from './memory-experiment.ts';

const SYMBOL = 'MADE';
const bars = [plantedBars({ symbol: SYMBOL, bars: 700, seed: 3, correlation: 0.12 })];

function experimentOf(registry: Partial<Experiment['registry']>): Experiment {
  return experimentSchema.parse({
    name: 'expiry',
    universe: [SYMBOL],
    features: ['return(1)', 'closelocation()', 'rsi(14)'],
    splits: { trainBars: 300, testBars: 150 },
    estimators: [{ name: 'linear', kind: 'logistic-regression', strength: 0.02 }],
    ensemble: { innerFolds: 2 },
    signals: { buyAbove: 0.5, sellBelow: 0.5 },
    registry,
  });
}

const run = (registry: Partial<Experiment['registry']>): Promise<MemoryExperiment> =>
  runInMemory({ experiment: experimentOf(registry), bars, calendar: calendarNamed('us-equities') });

/** Signals of a run: when, and the code of the refusal that followed. */
function signalsOf({ effects }: MemoryExperiment): { timeMs: number; refusedBy: string | null }[] {
  return effects.flatMap((effect, at) => {
    if (effect.kind !== 'signal') return [];
    const next = effects[at + 1];
    const refusedBy = next?.kind === 'refusal' && next.stage === 'signal' ? next.code : null;
    return [{ timeMs: effect.timeMs, refusedBy }];
  });
}

describe('an expired model', () => {
  it('gives no signal after its life, counted in the time of events from its last label on', async () => {
    const lifeDays = 60;
    const limited = await run({ expiresAfterDays: lifeDays });
    const folds = foldsOf(limited.dataset, experimentOf({}).splits);
    const signals = signalsOf(limited);
    const ages = signals.map(({ timeMs, refusedBy }) => {
      const fold = folds.findLast(({ ranges }) => ranges.test.fromMs <= timeMs)!;
      const lastLabel = Math.max(...Array.from(fold.trainRows, (row) => limited.dataset.labelEndTimeMs[row]!));
      return { days: (timeMs - lastLabel) / DAY_MS, refusedBy };
    });
    const old = ages.filter(({ days }) => days > lifeDays);
    const young = ages.filter(({ days }) => days <= lifeDays);
    expect(old.length).toBeGreaterThan(100);
    expect(young.length).toBeGreaterThan(50);
    expect(new Set(old.map(({ refusedBy }) => refusedBy))).toEqual(new Set(['model-expired']));
    expect(young.filter(({ refusedBy }) => refusedBy === 'model-expired')).toEqual([]);
    const { refusals } = runHistoricalSession(limited.session);
    const expired = refusals.filter(({ code }) => code === 'model-expired');
    expect(expired.length).toBe(old.length);
    expect(expired[0]!.reason).toMatch(/^model expired \d+\.\d\d days before this bar closed$/);
  });

  it('lives as long as the walk-forward tested one unless told otherwise, so that a backtest is as without expiry', async () => {
    const [tested, endless] = [await run({}), await run({ expiresAfterDays: 100_000 })];
    expect(signalsOf(tested).some(({ refusedBy }) => refusedBy === 'model-expired')).toBe(false);
    expect(runHistoricalSession(tested.session).journalHash).toBe(runHistoricalSession(endless.session).journalHash);
    const experiment = experimentOf({});
    const lifeMs = lifeMsOf(experiment, foldSpans(foldsOf(tested.dataset, experiment.splits)));
    // 150 trading days are about 217 calendar days; label and embargo come on top.
    expect(lifeMs / DAY_MS).toBeGreaterThan(210);
    expect(lifeMs / DAY_MS).toBeLessThan(235);
  });
});
