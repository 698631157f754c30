import { z } from 'zod';
import { DAY_MS } from '../../features/timeframe.ts';

const amount = z.number().min(0);

const slippage = z.strictObject({
  kind: z.enum(['fixed', 'volatility', 'square-root', 'volume-share']).default('fixed'),
  bps: amount.default(1),
});

const tier = z.strictObject({
  /** Value traded within 30 days, in currency, from which on these rates hold. */
  from: amount,
  makerBps: amount,
  takerBps: amount,
});

/** What a venue charges for executions, beside or instead of `feeBps` of the value. */
const commission = z.strictObject({
  /** Currency a unit, an order, and an order at least. */
  perShare: amount.optional(),
  perOrder: amount.optional(),
  perOrderMin: amount.optional(),
  /** Share of the value that an order costs at most. */
  maxShare: z.number().positive().max(1).optional(),
  makerBps: amount.optional(),
  takerBps: amount.optional(),
  /** In what the venue takes its share of a purchase. */
  asset: z.enum(['quote', 'base']).optional(),
  tiers: z
    .array(tier)
    .min(1)
    .refine((tiers) => tiers.every(({ from }, at) => at === 0 || from > tiers[at - 1]!.from), 'must ascend in `from`')
    .optional(),
});

/** What trading costs, and the conventions under which a simulated venue fills orders. */
export const costsSchema = z.strictObject({
  feeBps: amount.default(1),
  halfSpreadBps: amount.default(1),
  slippage: slippage.prefault({}),
  /**
   * A decision at a bar's close is filled in the next bar. At its own close (`same-close`) no real order is: other
   * engines assume it, and a result under it says so.
   */
  fill: z.enum(['next-open', 'next-close', 'same-close']).default('next-open'),
  /** In which order the prices inside a bar came, for orders that rest: by default what stops a loss comes first. */
  intrabar: z.enum(['stop-first', 'open-high-low-close', 'trail-in-bar']).optional(),
  /**
   * Where a bar opens beyond a stop: filled at the open (`gap`, the default), exactly at the stop, or (`in-range`) at
   * the stop where the bar comes back to it and else at the open.
   */
  stopFill: z.enum(['gap', 'exact', 'in-range']).optional(),
  commission: commission.optional(),
  /** Time an order takes to reach the market. */
  latencyMs: amount.max(DAY_MS).optional(),
  /** Share of a bar's volume that is filled at most. Absent: whatever is asked for. */
  participation: z.number().positive().max(1).optional(),
});
