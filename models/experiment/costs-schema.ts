import { z } from 'zod';
import { isOwnFile } from '../../infra/own-files/own-file.ts';
import { ownFileKeys, ownPartIn, type UsedOwnFile } from './own-file-schema.ts';
import { DAY_MS, TIMEFRAMES } from '../../features/timeframe.ts';

const amount = z.number().min(0);

/** What a venue charges one side of a trade: below 0 it pays a rebate, of no more than the value. */
const venueBps = z.number().min(-10_000);

const slippage = z.strictObject({
  kind: z.enum(['fixed', 'volatility', 'square-root', 'volume-share']).default('fixed'),
  bps: amount.default(1),
});

const tier = z.strictObject({
  /** Value traded within 30 days, in currency, from which on these rates hold. */
  from: amount,
  makerBps: venueBps,
  takerBps: venueBps,
});

/** What a venue charges for executions, beside or instead of `feeBps` of the value. */
const commission = z.strictObject({
  /** Currency a unit, an order, and an order at least. */
  perShare: amount.optional(),
  perOrder: amount.optional(),
  perOrderMin: amount.optional(),
  /** Share of the value that an order costs at most. */
  maxShare: z.number().positive().max(1).optional(),
  makerBps: venueBps.optional(),
  takerBps: venueBps.optional(),
  /** Currency a unit of what rested, and of what took, beside `perShare`; below 0 it is paid. */
  makerPerShare: z.number().optional(),
  takerPerShare: z.number().optional(),
  /** In what the venue takes its share of a purchase. */
  asset: z.enum(['quote', 'base']).optional(),
  tiers: z
    .array(tier)
    .min(1)
    .refine((tiers) => tiers.every(({ from }, at) => at === 0 || from > tiers[at - 1]!.from), 'must ascend in `from`')
    .optional(),
});

/** A rate per year as a fraction, or one from each of some days on, in order. */
const rate = z.union(
  [
    z.number().min(-10).max(10),
    z
      .array(z.strictObject({ from: z.iso.date(), rate: z.number().min(-10).max(10) }))
      .min(1)
      .refine(
        (steps) => steps.every(({ from }, at) => at === 0 || from > steps[at - 1]!.from),
        'must ascend in `from`',
      ),
  ],
  { error: 'must be a rate per year such as 0.03, or a list of { from: YYYY-MM-DD, rate } in order' },
);

/** What holding costs, by days. Absent: nothing. */
const financing = z.strictObject({
  /** Of what is sold short. */
  borrow: rate.optional(),
  /** Of every position: long ones pay, short ones are paid. */
  funding: rate.optional(),
  /** Of cash below 0, paid; of cash above 0, earned. */
  debit: rate.optional(),
  credit: rate.optional(),
  /** In place of those of all. */
  symbols: z
    .record(z.string().min(1), z.strictObject({ borrow: rate.optional(), funding: rate.optional() }))
    .optional(),
  daysInYear: z.union([z.literal(360), z.literal(365)]).optional(),
});

const plainCosts = z.strictObject({
  feeBps: amount.default(1),
  halfSpreadBps: amount.default(1),
  /** Difference between what is bid and asked, in currency a unit, beside `halfSpreadBps`. */
  spread: amount.optional(),
  slippage: slippage.prefault({}),
  /**
   * A decision at a bar's close is filled in the next bar. At its own close (`same-close`) no real order is: other
   * engines assume it, and a result under it says so.
   */
  fill: z.enum(['next-open', 'next-close', 'same-close']).default('next-open'),
  /**
   * In which order the prices inside a bar came, for orders that rest: by default what stops a loss comes first. Or the
   * size of finer bars, by which bars are walked where these account for them, and with stops first elsewhere.
   */
  intrabar: z.enum(['stop-first', 'open-high-low-close', 'trail-in-bar', ...TIMEFRAMES]).optional(),
  /**
   * Where a bar opens beyond a stop: filled at the open (`gap`, the default), exactly at the stop, or (`in-range`) at
   * the stop where the bar comes back to it and else at the open.
   */
  stopFill: z.enum(['gap', 'exact', 'in-range']).optional(),
  commission: commission.optional(),
  /** Time an order takes to reach the market. */
  latencyMs: amount.max(DAY_MS).optional(),
  /** Share of the equity that no purchase spends. */
  cashBuffer: z.number().min(0).lt(1).optional(),
  /**
   * At which price an all-in order is sized: that of its fill (the default), or of the close that decided it
   * (`decision`: what the fill costs more is owed).
   */
  sizedAt: z.enum(['fill', 'decision']).optional(),
  /** Share of a bar's volume that is filled at most. Absent: whatever is asked for. */
  participation: z.number().positive().max(1).optional(),
  financing: financing.optional(),
  /** A user's cost model, on top of what else is named; `costs: ./my-costs.ts` is short for it. */
  ...ownFileKeys,
});

export interface OwnCosts extends UsedOwnFile {
  readonly charges: boolean;
  readonly slips: boolean;
}

/** With a cost model of one's own, what is not named costs nothing. */
const NOTHING = { feeBps: 0, halfSpreadBps: 0 };

function withFile(given: unknown): unknown {
  if (typeof given === 'string' && isOwnFile(given)) return withFile({ file: given });
  if (typeof given !== 'object' || given === null || !('file' in given)) return given;
  const { slippage = {} } = given as { slippage?: unknown };
  const known = typeof slippage === 'object' && slippage !== null;
  return { ...NOTHING, ...given, slippage: known ? { bps: 0, ...slippage } : slippage };
}

/** What trading costs, and the conventions under which a simulated venue fills orders. */
export const costsSchema = z
  .preprocess(withFile, plainCosts)
  .transform(({ file, parameters, ...costs }, context): typeof costs & { own?: OwnCosts } => {
    const part = ownPartIn('costs', { file, parameters }, context);
    if (part === null) return costs;
    const { charge, slippage } = part.own as { charge?: unknown; slippage?: unknown };
    const { code, parameters: complete } = part;
    const own = { code, parameters: complete, charges: charge !== undefined, slips: slippage !== undefined };
    if (own.charges || own.slips) return { ...costs, own };
    context.addIssue({ code: 'custom', path: ['file'], message: `${code.path}: has neither charge nor slippage` });
    return costs;
  });
