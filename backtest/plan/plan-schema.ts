import { z } from 'zod';

/** Figures that a plan may be about: ratios are annualised, returns are fractions a year. */
const PLAN_MEASURES = ['excessSharpe', 'excessReturn', 'sharpe', 'informationCoefficient', 'auc'] as const;
export type PlanMeasure = (typeof PLAN_MEASURES)[number];

/** A plan's file: what is looked for, before anybody looks. Splits, costs and features are those of its experiment. */
export const planSchema = z.strictObject({
  /** The experiment's file, relative to the plan's, or its name. */
  experiment: z.string().min(1),
  /** What is believed, in words. */
  hypothesis: z.string().min(10).max(2_000),
  /** The one figure that decides. */
  measure: z.enum(PLAN_MEASURES),
  /** What it has to reach, in its own unit. */
  minimumEffect: z.number(),
  /** Most distinct trials (configurations and data) that will be looked at, those of searches each. */
  maxTrials: z.int().positive().max(100_000),
});

export type Plan = z.infer<typeof planSchema>;

/** A plan as it stands on record; nothing of it changes. */
export interface RegisteredPlan {
  readonly id: number;
  readonly experimentName: string;
  readonly registeredAt: Date;
  readonly experimentHash: string;
  readonly dataHash: string;
  readonly plan: Plan;
  /** The experiment as it was resolved. */
  readonly experiment: Readonly<Record<string, unknown>>;
  /** Trials of the name that had shown their results by then. */
  readonly trialsSeen: number;
}
