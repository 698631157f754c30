import { z } from 'zod';
import { CrossStrategy } from './cross.ts';
import { ExactAverages } from './exact-averages.ts';
import { fastBelowSlow } from './parameters.ts';
import type { RuleStrategy } from './rule-strategy.ts';

const parameters = z
  .strictObject({ fast: z.int().min(1).max(10_000).default(10), slow: z.int().min(2).max(10_000).default(30) })
  .refine(...fastBelowSlow);

/** Long while the fast simple average of closes is above the slow one; acts at crosses, compared exactly. */
export const smaCross: RuleStrategy<z.infer<typeof parameters>> = {
  name: 'sma-cross',
  parameters,
  forSymbol: ({ fast, slow }) => new CrossStrategy([`SMA(${fast})`, `SMA(${slow})`], new ExactAverages(fast, slow)),
};
