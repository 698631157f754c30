import { z } from 'zod';

/** Calendar periods that a walk-forward may go by. */
const PERIODS = ['week', 'month', 'quarter', 'year'] as const;
export type Period = (typeof PERIODS)[number];

const count = z.int().positive();

const keys = z.strictObject({
  kind: z.enum(['walk-forward', 'purged-k-fold', 'combinatorial']).default('walk-forward'),
  /**
   * Walk-forward by bars (distinct decision times): what comes before the first test window, and how long each test
   * window is.
   */
  trainBars: count.optional(),
  testBars: count.optional(),
  /**
   * Walk-forward by the calendar, instead of `trainBars` and `testBars`: test windows begin with a period of decision
   * times in UTC (weeks on Monday), last `testPeriods` of them and have at least `trainPeriods` whole ones before them.
   */
  period: z.enum(PERIODS).optional(),
  trainPeriods: count.optional(),
  testPeriods: count.optional(),
  /** `sliding` trains on the last `trainBars` or `trainPeriods`, `expanding` on everything before the test window. */
  window: z.enum(['expanding', 'sliding']).default('expanding'),
  /** On top of the purge, which is by label span and always done. */
  embargoBars: z.int().min(0).default(5),
  /** Folds of purged-k-fold and combinatorial. */
  folds: count.default(6),
  /** Test folds per split of combinatorial. */
  testFolds: count.default(2),
});

const BY_BARS = ['trainBars', 'testBars'] as const;
const BY_PERIODS = ['period', 'trainPeriods', 'testPeriods'] as const;
const TRAIN_BARS = 1500;
const TEST_BARS = 250;

type Keys = z.infer<typeof keys>;
type Common = Omit<Keys, (typeof BY_BARS)[number] | (typeof BY_PERIODS)[number]>;

/** Splits whose walk-forward, if they are one, counts bars. */
export interface SplitsByBars extends Common {
  readonly trainBars: number;
  readonly testBars: number;
  readonly period?: undefined;
}

/** A walk-forward by calendar periods: `kind` is walk-forward. */
export interface SplitsByPeriods extends Common {
  readonly period: Period;
  readonly trainPeriods: number;
  readonly testPeriods: number;
}

/** Bars or periods, never some of both; periods are for walk-forward alone, and all three keys are needed. */
function checkOneMeasure(splits: Keys, context: z.RefinementCtx): void {
  const issue = (key: string, message: string): void => context.addIssue({ code: 'custom', path: [key], message });
  const given = BY_PERIODS.filter((key) => splits[key] !== undefined);
  if (given.length === 0) return;
  for (const key of BY_BARS) {
    if (splits[key] !== undefined) {
      issue(
        key,
        `counts bars where ${given[0]} counts calendar periods; keep trainBars and testBars, or period, trainPeriods and testPeriods`,
      );
    }
  }
  if (splits.kind !== 'walk-forward') issue(given[0]!, `goes with kind: walk-forward alone, not with ${splits.kind}`);
  for (const key of BY_PERIODS) {
    if (splits[key] === undefined) issue(key, `is required beside ${given[0]}`);
  }
}

function withDefaults({
  trainBars,
  testBars,
  period,
  trainPeriods,
  testPeriods,
  ...common
}: Keys): SplitsByBars | SplitsByPeriods {
  if (period === undefined) return { ...common, trainBars: trainBars ?? TRAIN_BARS, testBars: testBars ?? TEST_BARS };
  return { ...common, period, trainPeriods: trainPeriods!, testPeriods: testPeriods! };
}

/** The `splits` section of an experiment. What it returns is valid input for it again. */
export const splitsSchema = keys.superRefine(checkOneMeasure).transform(withDefaults);
