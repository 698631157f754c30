import '../../infra/files/issue-words.ts';
import { z } from 'zod';

/** Arguments of a zod `refine`: a fast window at or above the slow one would never cross it. */
const fastBelowSlow: [(value: { fast: number; slow: number }) => boolean, { message: string; path: string[] }] = [
  ({ fast, slow }) => fast < slow,
  { message: 'must be below slow', path: ['fast'] },
];

/** Parameters of the rule strategies by kind, with their defaults and bounds; `trading/strategies` has the rules. */
export const RULE_PARAMETERS = {
  'buy-and-hold': z.strictObject({}),
  'sma-cross': z
    .strictObject({ fast: z.int().min(1).max(10_000).default(10), slow: z.int().min(2).max(10_000).default(30) })
    .refine(...fastBelowSlow),
  'ema-cross': z
    .strictObject({ fast: z.int().min(1).max(10_000).default(12), slow: z.int().min(2).max(10_000).default(26) })
    .refine(...fastBelowSlow),
  'rsi-reversion': z
    .strictObject({
      period: z.int().min(1).max(10_000).default(14),
      oversold: z.number().min(0).max(100).default(30),
      overbought: z.number().min(0).max(100).default(70),
    })
    .refine(({ oversold, overbought }) => oversold < overbought, {
      message: 'must be below overbought',
      path: ['oversold'],
    }),
  'mean-reversion': z
    .strictObject({
      lookback: z.int().min(2).max(10_000).default(20),
      entryZScore: z.number().positive().default(2),
      exitZScore: z.number().min(0).default(0.5),
    })
    .refine(({ entryZScore, exitZScore }) => exitZScore < entryZScore, {
      message: 'must be below entryZScore',
      path: ['exitZScore'],
    }),
  momentum: z.strictObject({
    lookback: z.int().min(1).max(10_000).default(20),
    /** Simple return over the lookback, as a fraction. */
    threshold: z.number().min(0).default(0),
  }),
  breakout: z.strictObject({ lookback: z.int().min(1).max(10_000).default(20) }),
  pairs: z
    .strictObject({
      lookback: z.int().min(5).max(10_000).default(60),
      entryZScore: z.number().positive().default(2),
      exitZScore: z.number().min(0).default(0.5),
    })
    .refine(({ entryZScore, exitZScore }) => exitZScore < entryZScore, {
      message: 'must be below entryZScore',
      path: ['exitZScore'],
    }),
  grid: z.strictObject({
    lookback: z.int().min(2).max(10_000).default(50),
    /** Distance between two levels, as a fraction of the mean. */
    step: z.number().positive().max(1).default(0.01),
    levels: z.int().min(1).max(100).default(5),
  }),
  'regime-selector': z
    .strictObject({
      lookback: z.int().min(2).max(10_000).default(20),
      /** Efficiency ratio from which on prices count as trending. */
      trending: z.number().min(0).max(1).default(0.3),
      fast: z.int().min(1).max(10_000).default(10),
      slow: z.int().min(2).max(10_000).default(30),
    })
    .refine(...fastBelowSlow),
  /** Weights of the rules; only their proportions count. */
  blend: z
    .strictObject({
      trend: z.number().min(0).default(1),
      momentum: z.number().min(0).default(1),
      breakout: z.number().min(0).default(1),
      reversion: z.number().min(0).default(1),
    })
    .refine(({ trend, momentum, breakout, reversion }) => trend + momentum + breakout + reversion > 0, {
      message: 'some weight must be above 0',
      path: ['trend'],
    }),
} as const;

export type RuleKind = keyof typeof RULE_PARAMETERS;

export const RULE_KINDS = Object.keys(RULE_PARAMETERS) as RuleKind[];
