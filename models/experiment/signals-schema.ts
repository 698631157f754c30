import { z } from 'zod';
import { moment, momentMs } from '../moment.ts';

const fraction = z.number().min(0).max(1);

/** How sure a signal has to be to be called moderate, or strong: its confidence, |2p - 1| of a model, 1 of a rule. */
const strengths = z
  .strictObject({ moderate: fraction.default(0.1), strong: fraction.default(0.3) })
  .refine(({ moderate, strong }) => moderate <= strong, {
    message: 'moderate must not exceed strong',
    path: ['moderate'],
  });

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day in quotes, such as "09:45"');

/** A close at either end is within them. From the later to the earlier: over midnight. */
const hours = z
  .strictObject({ from: timeOfDay, to: timeOfDay, timezone: z.enum(['UTC', 'America/New_York']).default('UTC') })
  .refine(({ from, to }) => from !== to, { message: 'must differ from from', path: ['to'] });

/** Nothing opens at closes from `from` on and before `to`. */
const blackout = z
  .strictObject({ from: moment, to: moment, symbols: z.array(z.string().min(1)).nonempty().optional() })
  .refine(({ from, to }) => momentMs(from) < momentMs(to, true), { message: 'must be after from', path: ['to'] });

/**
 * When a signal counts. What is absent holds nothing back: the keys without a default came later, and an experiment
 * without them is the same experiment.
 */
export const signalsSchema = z
  .strictObject({
    buyAbove: fraction.default(0.55),
    sellBelow: fraction.default(0.45),
    cooldownBars: z.int().min(0).default(0),
    maxAgeBars: z.int().min(0).default(1),
    /** SELL may open a short position; otherwise it only goes flat. */
    longShort: z.boolean().default(false),
    strength: strengths.optional(),
    /** What is weaker opens nothing. */
    minimumStrength: z.enum(['weak', 'moderate', 'strong']).optional(),
    /** Signals of a symbol that may open in one trading day; of several strategies each has as many. */
    maxPerDay: z.int().positive().optional(),
    /** Of the bar's close. */
    hours: hours.optional(),
    /** Largest share of the model's training rows that may lie nearer to their centre than the row: 0.99 is novel. */
    maxNovelty: fraction.optional(),
    /** Largest distance between the probabilities of two members of the ensemble. */
    maxDisagreement: fraction.optional(),
    blackouts: z.array(blackout).max(1_000).optional(),
  })
  .refine((value) => value.sellBelow <= value.buyAbove, {
    message: 'sellBelow must not exceed buyAbove',
    path: ['sellBelow'],
  });

/** The confidences from which a signal is called moderate, and strong. */
export type StrengthThresholds = z.infer<typeof strengths>;

/** Those of an experiment that names none. */
export const DEFAULT_STRENGTHS: StrengthThresholds = strengths.parse({});
