import { z } from 'zod';

/** The longest time that one order may be worked on, in minutes. */
const MINUTES_MAX = 30 * 24 * 60;

const minutes = z.number().positive().max(MINUTES_MAX);
/** Slices of one order; each is an order at the venue. */
const slices = z.int().min(1).max(1_000);
/** How far from the price of the decision an order may go at most, in basis points of it. */
const bound = z.number().positive().max(5_000);
const share = z.number().positive().max(1);
/** How often, at most, a resting order is priced anew between bars. */
const everySeconds = z.number().min(1).max(86_400).optional();

/**
 * How one order is executed over time. Conventions and sources: `trading/execution/slicing/README.md`. Without
 * `maxSlippageBps` slices take the next price; with it none is sent at a worse price, and what is left is given up.
 */
export const executionRuleSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('twap'), slices, withinMinutes: minutes, maxSlippageBps: bound.optional() }),
  z.strictObject({
    kind: z.literal('vwap'),
    slices,
    withinMinutes: minutes,
    /** Trading days whose volume makes the profile: those before the day of the decision. */
    profileDays: z.int().min(1).max(250).default(20),
    maxSlippageBps: bound.optional(),
  }),
  z.strictObject({
    kind: z.literal('participation'),
    /** Share of the volume of the bars that closed since the decision. */
    share,
    /** What is left after this is given up. Absent: it goes on until all is done. */
    withinMinutes: minutes.optional(),
    maxSlippageBps: bound.optional(),
  }),
  z.strictObject({ kind: z.literal('chase'), maxSlippageBps: bound, withinMinutes: minutes, everySeconds }),
  z.strictObject({
    kind: z.literal('maker'),
    /** It takes what is there after this, */
    takerAfterMinutes: minutes,
    /** or once the price has gone this far from that of the decision, against the order. */
    takerBeyondBps: bound.optional(),
    /** Distance of its limit from the last price, away from the market. */
    offsetBps: z.number().min(0).max(5_000).default(0),
    maxSlippageBps: bound.optional(),
    everySeconds,
  }),
]);

/** How orders of one strategy's signals are executed; at once where a key is absent. */
export const ownExecutionSchema = z.strictObject({
  /** What opens, increases or turns a position. */
  entry: executionRuleSchema.optional(),
  /** What closes or reduces one. */
  exit: executionRuleSchema.optional(),
});

/** The same of all strategies that name none, and how the account trades outside the regular hours. */
export const executionSchema = ownExecutionSchema
  .extend({
    /**
     * Outside the regular hours of `data.calendar: us-equities-extended` or `-overnight`, where no market order is
     * taken: in its place a limit that follows the market up to the bound, for as long, and until the open at the
     * latest.
     */
    extendedHours: z.strictObject({ maxSlippageBps: bound, withinMinutes: minutes.default(10) }).optional(),
  })
  .refine((rules) => Object.values(rules).some((rule) => rule !== undefined), 'names neither entry nor exit');

export type ExecutionRule = z.infer<typeof executionRuleSchema>;
export type ExecutionRules = z.infer<typeof executionSchema>;

/** Kinds of execution. Records hold the position in this list: append, never reorder. */
export const EXECUTION_KINDS = ['twap', 'vwap', 'participation', 'chase', 'maker'] as const;
