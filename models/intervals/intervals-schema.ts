import { z } from 'zod';

/** How intervals for the return that follows a prediction are made; without the key as by default. */
export const intervalsSchema = z.strictObject({
  /** Share of returns that lie within their intervals. */
  level: z.number().min(0.5).max(0.99).default(0.9),
  /** How fast intervals widen after misses and narrow without them (Gibbs and Candes 2021: 0.005); 0: not at all. */
  adaptation: z.number().min(0).max(0.2).default(0.005),
  /** Newest bars whose known outcomes intervals are made from. */
  windowBars: z.int().min(100).default(500),
});

export type IntervalSettings = z.infer<typeof intervalsSchema>;

/** Those of an experiment that names none. */
export const DEFAULT_INTERVALS: IntervalSettings = intervalsSchema.parse({});
