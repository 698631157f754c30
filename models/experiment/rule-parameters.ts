import '../../infra/files/issue-words.ts';
import { z } from 'zod';

/** Arguments of a zod `refine`: a fast window at or above the slow one would never cross it. */
const fastBelowSlow: [(value: { fast: number; slow: number }) => boolean, { message: string; path: string[] }] = [
  ({ fast, slow }) => fast < slow,
  { message: 'must be below slow', path: ['fast'] },
];

/** How the weights of a portfolio are found; `trading/portfolio/construction` has them. */
export const PORTFOLIO_METHODS = [
  'equal-weight',
  'inverse-volatility',
  'risk-parity',
  'hierarchical-risk-parity',
  'minimum-variance',
  'mean-variance',
  'black-litterman',
] as const;
/** Those that keep to bounds of groups. */
export const BOUNDED_METHODS: readonly PortfolioMethod[] = ['minimum-variance', 'mean-variance', 'black-litterman'];
export type PortfolioMethod = (typeof PORTFOLIO_METHODS)[number];

/** How the covariance of returns is estimated; `trading/portfolio/covariance` has them. */
export const COVARIANCE_KINDS = ['sample', 'ewma', 'ledoit-wolf', 'oas', 'pca'] as const;
export type CovarianceKind = (typeof COVARIANCE_KINDS)[number];

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
  portfolio: z
    .strictObject({
      method: z.enum(PORTFOLIO_METHODS).default('hierarchical-risk-parity'),
      covariance: z.enum(COVARIANCE_KINDS).default('ledoit-wolf'),
      /** Bars whose returns are looked at, of those that have closed. */
      lookback: z.int().min(2).max(10_000).default(120),
      rebalance: z.enum(['daily', 'weekly', 'monthly']).default('monthly'),
      /** A weight that is off by this much or less is left as it is. */
      band: z.number().min(0).max(1).default(0.005),
      maxWeight: z.number().positive().max(1).default(1),
      /** What weights add up to; the rest is cash, out of which costs and gaps before the next open are paid. */
      invested: z.number().positive().max(1).default(0.98),
      /** Of mean-variance and black-litterman: 1 is bold, 10 careful. */
      riskAversion: z.number().positive().max(1e6).default(3),
      /** Of ewma: what a bar weighs of the next one. */
      decay: z.number().min(0.01).max(0.9999).default(0.94),
      /** Of pca: principal components that are kept. */
      factors: z.int().min(1).max(1_000).default(3),
      /** Of black-litterman: `AAPL: 0.1 @ 0.6; MSFT - JPM: 0.03`, yearly returns and confidences. */
      views: z.string().max(10_000).default(''),
      /** Of those by quadratic programs: `AAPL + MSFT: 0.1 to 0.4; JPM: to 0.3`, shares that groups have together. */
      groups: z.string().max(10_000).default(''),
    })
    .refine(({ method, groups }) => groups === '' || BOUNDED_METHODS.includes(method), {
      message: `holds with ${BOUNDED_METHODS.join(', ')} alone`,
      path: ['groups'],
    }),
} as const;

export type PortfolioParameters = z.infer<(typeof RULE_PARAMETERS)['portfolio']>;

export type RuleKind = keyof typeof RULE_PARAMETERS;

export const RULE_KINDS = Object.keys(RULE_PARAMETERS) as RuleKind[];
